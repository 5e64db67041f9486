import type { WindowState } from "./resume_window";

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
    logging: boolean;
}

/** A message for the server; numbered by its tab and kept there until a hub acknowledges it. */
export interface Letter {
    number: number;
    event: string;
    data: unknown;
}

export type TabMessage =
    | {
          kind: "hello";
          tab: TabId;
          state: TabState;
          window: WindowState;
          outbox: Letter[];
      }
    | { kind: "goodbye"; tab: TabId }
    | { kind: "here"; tab: TabId }
    | { kind: "send"; tab: TabId; letter: Letter }
    | { kind: "hole"; tab: TabId; term: Term; from: number; to: number }
    | { kind: "command"; command: "start" | "resubscribe" | "online" | "offline" }
    /** Said in one tab, and valid for all tabs and hubs of the scope. */
    | { kind: "logging"; isEnabled: boolean }
    | { kind: "inquire"; tab: TabId };

export type HubMessage =
    /** A hub begins to serve: every tab answers with `hello`. */
    | { kind: "up"; term: Term }
    /** Answer to a `hello`; for a page just loaded, with what was relayed since it was made. */
    | {
          kind: "welcome";
          term: Term;
          tab: TabId;
          sequence: number;
          state: WorkerState;
          /** The server refuses the version of the page. */
          isOutdated: boolean;
          missed: ServerNotification[];
      }
    /** The heartbeat; also sent at once when the master changes. A tab that it does not list says hello. */
    | { kind: "beat"; term: Term; sequence: number; master: TabId | null; tabs: TabId[] }
    /** Numbered items, for everyone unless a tab is named. */
    | { kind: "relay"; term: Term; tab?: TabId; first: number; items: BusEvent[] }
    /** The hub no longer has what a tab lacks up to this number. */
    | { kind: "gap"; term: Term; tab: TabId; to: number }
    /** The letter has been handed to the connection. */
    | { kind: "receipt"; term: Term; tab: TabId; number: number }
    | { kind: "log"; term: Term; event: string; details: unknown }
    | { kind: "report"; term: Term; tab: TabId; report: Record<string, unknown> };

export type BusMessage = TabMessage | HubMessage;

export function isHubMessage(message: BusMessage): message is HubMessage {
    return "term" in message && message.kind !== "hole";
}

/** What a hub is started with. */
export interface HubStart {
    scope: string;
    uid: number | false;
    term: Term;
    hostTab: TabId;
}

declare global {
    /** Set by the hub's script where it is loaded into a page. */
    var busQuietStartHub: ((start: HubStart) => { close(): void }) | undefined;
}

/** The one channel between the tabs and the hub of a scope. */
export interface Channel {
    post(message: BusMessage): void;
    close(): void;
}

/** Joins the channel of a scope; what others post goes to `receive`. */
export type OpenChannel = (receive: (message: BusMessage) => void) => Channel;

/** Name shared by the channel, the lock and the storage keys of a scope. */
export function scopeName(scope: string): string {
    return `bus_quiet.${scope}`;
}

export function broadcastChannel(scope: string): OpenChannel {
    return (receive) => {
        const channel = new BroadcastChannel(scopeName(scope));
        channel.onmessage = ({ data }) => {
            if (typeof data?.kind === "string") {
                receive(data as BusMessage);
            }
        };
        return {
            post: (message) => channel.postMessage(message),
            close: () => channel.close(),
        };
    };
}
