import type { Audibility, TabAttention } from "./attention";
import type { ClaimMemory, ClaimOutcome, ClaimRequest } from "./claim";
import type { WindowState } from "./resume_window";
import type { TransportMemory } from "./transport_memory";

/** Name of a tab, unique in the browser. */
export type TabId = string;
/** Number of an election; grows with each. */
export type Term = number;

/** States of the connection as stock consumers know them. */
export type WorkerState = "IDLE" | "CONNECTING" | "CONNECTED" | "DISCONNECTED";

export interface ServerNotification {
    id: number;
    message: { type: string; payload: unknown };
}

/** What the hub relays to every tab, in order: the events of stock's worker. */
export type BusEvent =
    | { type: "BUS:NOTIFICATION"; data: ServerNotification[] }
    | { type: "BUS:WORKER_STATE_UPDATED"; data: WorkerState }
    | { type: "BUS:CONNECT" | "BUS:RECONNECT" | "BUS:OUTDATED"; data?: undefined }
    /** Ours: notifications that the tab lacks are gone for good. */
    | { type: "BUS:GAP"; data?: undefined }
    | { type: "BUS:DISCONNECT"; data: { code: number; reason?: string } }
    | { type: "BUS:RECONNECTING"; data: { closeCode: number } };

/** What a tab knows of the connection: never had it, has it, or had it and lost it. */
export type ConnectionMemory = "none" | "connected" | "lost";

/** All that a hub needs to know of a tab; said whole each time, so that any hub can take over. */
export interface TabState {
    /** Takes part in the bus (`start` or `addChannel` was called), not only in the main-tab appointment. */
    active: boolean;
    /** May be appointed master tab. */
    candidate: boolean;
    /** Is the master tab, as far as it knows. */
    master: boolean;
    /** With repetitions: a channel added twice has to be deleted twice. */
    channels: string[];
    /** Address of the server's websocket, its version included. */
    websocketURL: string;
    /** When the page was loaded (wall clock, ms): the newest page knows the server best. */
    startedAt: number;
    /** Everything up to this id was settled at the server when the page was made; 0: not known. */
    settledId: number;
    memory: ConnectionMemory;
    attention: TabAttention;
    audibility: Audibility;
    /** When the user last did something in it (wall clock, ms); 0: never. */
    usedAt: number;
    logging: boolean;
}

/** A message for the server; numbered by its tab and kept there until a hub acknowledges it. */
export interface Letter {
    number: number;
    event: string;
    data: unknown;
}

export type TabMessage = {
    /** The latest that the tab has heard of: a hub of a lower one was replaced. */
    term: Term;
} & (
    | {
          kind: "hello";
          tab: TabId;
          state: TabState;
          window: WindowState;
          outbox: Letter[];
          /** The tab does not know yet where to begin in what this hub relays. */
          isWaiting: boolean;
          /** Number of the latest item that it took from the hub of the message's term. */
          position: number;
          claims: ClaimMemory;
      }
    | { kind: "goodbye"; tab: TabId }
    | {
          kind: "here";
          tab: TabId;
          /** Number of the heartbeat that it answers: from now on it is master only if that says so. */
          beat: number;
          /** When its life line is free, it is gone. */
          holdsLifeLine: boolean;
      }
    | { kind: "send"; tab: TabId; letter: Letter }
    | { kind: "hole"; tab: TabId; from: number; to: number }
    | { kind: "command"; command: "start" | "resubscribe" | "online" | "offline" }
    /** Said in one tab, and valid for all tabs and hubs of the scope. */
    | { kind: "logging"; isEnabled: boolean }
    | { kind: "inquire"; tab: TabId }
    /** Would do what is to be done once. */
    | ({ kind: "claim"; tab: TabId } & ClaimRequest)
    | { kind: "claimed"; tab: TabId; key: string; outcome: ClaimOutcome }
);

export type HubMessage = {
    /** That of the hub: a tab that knows a higher one does not listen. */
    term: Term;
    isHub: true;
    /** When the hub had what it says, as far as it knows: it may have been frozen (wall clock, ms). */
    at: number;
} & (
    /** A hub begins to serve: every tab answers with `hello`. */
    | { kind: "up" }
    /** Answer to a `hello` of a tab that waits. */
    | {
          kind: "welcome";
          tab: TabId;
          /** Number of the first item that the tab is to take. */
          first: number;
          /** Number of the latest item. */
          sequence: number;
          state: WorkerState;
          /** The server refuses the version of the page. */
          isOutdated: boolean;
          /** What a page just loaded lacks of what came before the first item. */
          missed: ServerNotification[];
      }
    /** The heartbeat; also sent at once when the master changes. A tab that it does not list says hello. */
    | {
          kind: "beat";
          /** Counts the heartbeats. */
          number: number;
          /** Number of the latest item. */
          sequence: number;
          /** It answers; where there is none, all do. */
          master: TabId | null;
          /** Another tab that is to answer. */
          challenger: TabId | null;
          tabs: TabId[];
      }
    /** Numbered items, for everyone unless a tab is named. */
    | { kind: "relay"; tab?: TabId; first: number; items: BusEvent[] }
    /** The hub no longer has what a tab lacks up to this number. */
    | { kind: "gap"; tab: TabId; to: number }
    /** The letter has been handed to the connection. */
    | { kind: "receipt"; tab: TabId; number: number }
    /** One of the tabs that claim it may do it, if it begins until then (wall clock, ms). */
    | { kind: "grant"; key: string; holder: TabId; until: number }
    /** It is done, or not to be done any more; `beepedAt` is when a tab last made a sound. */
    | { kind: "settled"; key: string; beepedAt: number }
    /** How the transports do; the host tab keeps it for the next hub. */
    | { kind: "transports"; memory: TransportMemory }
    | { kind: "log"; event: string; details: unknown }
    | { kind: "report"; tab: TabId; report: Record<string, unknown> }
);

export type BusMessage = TabMessage | HubMessage;

/** A message as its sender makes it; the term is added on the way out. */
export type Draft<Message extends BusMessage> = Message extends unknown
    ? Omit<Message, "term" | "isHub" | "at">
    : never;

/** A tab says all of itself. */
export type Hello = Draft<TabMessage & { kind: "hello" }>;

/** What a hub is told by its host tab. */
export interface HubSettings {
    /** For whom it connects; the server checks it. */
    scope: string;
    /** How long the browser is hidden, in milliseconds, before it counts as dormant. */
    dormantAfter: number;
    /** How long, in milliseconds, one beep makes others superfluous. */
    beepInterval: number;
    /**
     * Name of this browser, by which the user's other ones know it; null where each beeps, whichever
     * was used last.
     */
    browser: string | null;
    /** What is known of the transports. */
    transports: TransportMemory;
}

/** What a hub is started with. */
export interface HubStart extends HubSettings {
    /** Name of the channel between it and its tabs. */
    channel: string;
    term: Term;
    /** Of the host tab: with it the hub can connect before it has heard of any other. */
    hello: Hello;
}

declare global {
    /** Set by the hub's script where it is loaded into a page. */
    var busQuietStartHub: ((start: HubStart) => { close(): void }) | undefined;
}

/** A channel between the tabs of a browser. */
export interface Channel<Message> {
    post(message: Message): void;
    close(): void;
}

/** Joins the channel of this name; what others post goes to `receive`. */
export type OpenChannel = <Message>(
    name: string,
    receive: (message: Message) => void
) => Channel<Message>;

/** Beginning of the names of all that a scope has in the browser: channels, locks, stored values. */
export function scopeName(scope: string): string {
    return `bus_quiet.${scope}`;
}

export const broadcastChannel: OpenChannel = (name, receive) => {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => {
        if (typeof data?.kind === "string") {
            receive(data);
        }
    };
    return {
        post: (message) => channel.postMessage(message),
        close: () => channel.close(),
    };
};
