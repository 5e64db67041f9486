import { Alarm, type Clock } from "../core/clock";
import {
    type BusEvent,
    type BusMessage,
    type Channel,
    type ConnectionMemory,
    type HubMessage,
    isHubMessage,
    type OpenChannel,
    type TabId,
    type TabMessage,
    type TabState,
    type Term,
    type WorkerState,
} from "../core/messages";
import { ResumeWindow, type ServerSnapshot, type WindowState } from "../core/resume_window";
import type { Hole } from "../core/sequence";
import type { Election, ElectionListener } from "../host/election";
import type { HubProcess, StartHub } from "../host/hub_worker";
import { Delivery } from "./delivery";
import { Mastership } from "./mastership";
import { Outbox } from "./outbox";
import type { WindowStore } from "./window_store";

/** Silence of the hub, in milliseconds, after which its connection counts as lost. */
export const HUB_MEMORY = 30_000;
/** How often, in milliseconds, a tab that has nothing to say tells that it is there. */
export const SIGN_OF_LIFE_INTERVAL = 60_000;
/** How often, in milliseconds, the host tab stores what was received. */
export const STORE_INTERVAL = 500;
/** How long, in milliseconds, a hub may take to report on itself. */
export const REPORT_TIMEOUT = 1_000;
/** Close code of a connection that went without a word (RFC 6455). */
const ABNORMAL_CLOSURE = 1006;

export interface TabOptions {
    id: TabId;
    scope: string;
    /** Id of the user that the scope belongs to, false for the public. */
    uid: number | false;
    websocketURL: string;
    startedAt: number;
    snapshot: ServerSnapshot;
    clock: Clock;
    openChannel: OpenChannel;
    makeElection: (listener: ElectionListener) => Election;
    startHub: StartHub;
    store: WindowStore;
}

/** A tab's end of the bus. It neither knows nor cares in which tab the hub runs. */
export class Tab {
    /** Takes the events of the bus, in order. */
    onEvent: (event: BusEvent) => void = () => {};
    /** Told when this tab becomes master tab, and when it is that no longer. */
    onMasterChange: (isMaster: boolean) => void = () => {};
    /** Takes what the hub logs while logging is enabled; called in the host tab only. */
    onLog: (event: string, details: unknown) => void = () => {};

    readonly #mastership: Mastership;
    #channel: Channel | null = null;
    readonly #election: Election;
    #hub: HubProcess | null = null;
    #term: Term = 0;
    #heardAt = -Infinity;
    #spokeAt = -Infinity;
    /** Null while the tab takes no part in the bus. */
    #delivery: Delivery | null = null;
    readonly #window: ResumeWindow;
    readonly #outbox = new Outbox();
    readonly #storing: Alarm;
    #workerState: WorkerState | null = null;
    #wasConnected = false;
    #channels: string[] = [];
    #logging = false;
    #isAnnouncing = false;
    #isStartWanted = false;
    #awaitReport: ((report: Record<string, unknown> | null) => void) | null = null;

    readonly #options: TabOptions;

    constructor(options: TabOptions) {
        this.#options = options;
        this.#window = new ResumeWindow(options.clock, firstState(options));
        this.#storing = new Alarm(options.clock, () => options.store.save(this.#window.state()));
        this.#mastership = new Mastership(options.clock, (isMaster) => this.onMasterChange(isMaster));
        this.#election = options.makeElection({
            elected: (term) => {
                const { scope, uid, id } = options;
                this.#hub = options.startHub({ scope, uid, term, hostTab: id });
            },
            deposed: () => {
                this.#hub?.stop();
                this.#hub = null;
            },
        });
    }

    get isInside(): boolean {
        return this.#channel !== null;
    }

    /** Whether the hub runs here. */
    get isHost(): boolean {
        return this.#hub !== null;
    }

    /** Joins the tabs of the scope, without taking part in the bus yet. */
    join(): void {
        if (this.#channel) {
            return;
        }
        this.#channel = this.#options.openChannel((message) => this.#receive(message));
        this.#sayHello(true);
        this.#election.campaign();
    }

    /** Takes part in the bus from now on; asks for a connection if there is none. */
    start(): void {
        this.join();
        if (!this.#delivery) {
            this.#delivery = new Delivery(this.#window, (event) => this.#deliver(event));
            this.#announce();
        }
        this.#announce("start");
    }

    /** Takes no part in the bus any more. */
    stop(): void {
        this.#delivery = null;
        this.#channels = [];
        this.#announce();
    }

    addChannel(channel: string): void {
        this.#channels.push(channel);
        this.start();
        this.#announce();
    }

    deleteChannel(channel: string): void {
        const index = this.#channels.indexOf(channel);
        if (index >= 0) {
            this.#channels.splice(index, 1);
            this.#announce();
        }
    }

    /** Subscribes again: the server may have other channels for us. */
    resubscribe(): void {
        this.#post({ kind: "command", command: "resubscribe" });
    }

    /** Sends an event to the server; ignored before the tab joined, as stock does. */
    send(event: string, data: unknown): void {
        if (this.#channel) {
            const letter = this.#outbox.write(event, data);
            this.#post({ kind: "send", tab: this.#options.id, letter });
        }
    }

    setOnline(isOnline: boolean): void {
        this.#post({ kind: "command", command: isOnline ? "online" : "offline" });
    }

    /** Switches the hub's log on or off, for all tabs of the scope. */
    setLogging(isEnabled: boolean): void {
        this.#logging = isEnabled;
        this.#post({ kind: "logging", isEnabled });
    }

    /** Whether this is the master tab; always settles. */
    isMaster(): Promise<boolean> {
        this.join();
        return this.#mastership.answer();
    }

    /** Gives up being, or becoming, master tab for good. */
    resignMastership(): void {
        this.#mastership.resign();
        this.#announce();
    }

    /** What the hub says of itself; null when none answers in time. */
    inquire(): Promise<Record<string, unknown> | null> {
        return new Promise((resolve) => {
            const timeout = new Alarm(this.#options.clock, () => resolve(null));
            timeout.set(REPORT_TIMEOUT);
            this.#awaitReport = (report) => {
                timeout.clear();
                resolve(report);
            };
            this.#post({ kind: "inquire", tab: this.#options.id });
        });
    }

    /** The page goes away or to sleep, perhaps for good: others must not wait for it. */
    suspend(): void {
        if (!this.#channel) {
            return;
        }
        if (this.#delivery) {
            this.#options.store.save(this.#window.state());
            if (!this.#wasConnected) {
                // On its return it wants all that came since the page was made.
                this.#wasConnected = true;
                this.#delivery.begin(true);
            }
        }
        this.#storing.clear();
        this.#mastership.set(false);
        this.#post({ kind: "goodbye", tab: this.#options.id });
        this.#election.resign();
        this.#channel.close();
        this.#channel = null;
    }

    #receive(message: BusMessage): void {
        if (message.kind === "logging") {
            this.#logging = message.isEnabled;
        }
        if (!isHubMessage(message) || message.term < this.#term) {
            // Of a lower term: from a host that was thought dead.
            return;
        }
        const now = this.#options.clock.now();
        if (message.term > this.#term) {
            this.#term = message.term;
            this.#window.interrupt();
            this.#delivery?.begin(this.#wasConnected);
            if (now - this.#heardAt > HUB_MEMORY) {
                this.#loseConnection();
            }
        }
        this.#heardAt = now;
        if (!("tab" in message) || message.tab === this.#options.id) {
            this.#handle(message);
        }
    }

    #handle(message: HubMessage): void {
        switch (message.kind) {
            case "up":
                return this.#sayHello(true);
            case "beat":
                return this.#answerBeat(message);
            case "relay":
                return this.#ask(this.#delivery?.take(message.first, message.items));
            case "welcome":
                if (this.#delivery) {
                    this.#deliver({ type: "BUS:WORKER_STATE_UPDATED", data: message.state });
                }
                this.#delivery?.handOn([{ type: "BUS:NOTIFICATION", data: message.missed }]);
                return this.#ask(this.#delivery?.check(message.sequence));
            case "gap":
                this.#delivery?.skip(message.to);
                return this.#sayHello();
            case "receipt":
                return this.#outbox.acknowledge(message.number);
            case "report":
                return this.#awaitReport?.(message.report);
            case "log":
                if (this.#hub) {
                    this.onLog(message.event, message.details);
                }
        }
    }

    #answerBeat({ master, tabs, sequence }: HubMessage & { kind: "beat" }): void {
        const { id, clock } = this.#options;
        if (!tabs.includes(id)) {
            return this.#sayHello(true);
        }
        this.#mastership.set(master === id);
        if (master !== null) {
            this.#mastership.settle();
        }
        this.#ask(this.#delivery?.check(sequence));
        const isAsked = this.#mastership.isCandidate && (master === id || master === null);
        if (isAsked || clock.now() - this.#spokeAt >= SIGN_OF_LIFE_INTERVAL) {
            this.#post({ kind: "here", tab: id });
        }
    }

    #ask(hole: Hole | null | undefined): void {
        if (hole) {
            this.#post({ kind: "hole", tab: this.#options.id, term: this.#term, ...hole });
        }
    }

    #deliver(event: BusEvent): void {
        if (event.type === "BUS:WORKER_STATE_UPDATED") {
            if (event.data === this.#workerState) {
                return;
            }
            this.#workerState = event.data;
            this.#wasConnected ||= event.data === "CONNECTED";
        } else if (event.type === "BUS:NOTIFICATION" && this.#hub) {
            this.#storing.ensure(STORE_INTERVAL);
        }
        try {
            this.onEvent(event);
        } catch (error) {
            // What a subscriber does must not stop the bus.
            console.error(error);
        }
    }

    /**
     * A hub came after a long time without any, as after sleep: what stock consumers do about a lost
     * connection has to be done.
     */
    #loseConnection(): void {
        if (this.#delivery && this.#workerState === "CONNECTED") {
            this.#deliver({ type: "BUS:WORKER_STATE_UPDATED", data: "DISCONNECTED" });
            this.#deliver({ type: "BUS:DISCONNECT", data: { code: ABNORMAL_CLOSURE } });
        }
    }

    /**
     * Tells the hub what is new in this tab, once for all that changes in one go: a page adds its
     * channels one by one.
     */
    #announce(command?: "start"): void {
        this.#isStartWanted ||= command === "start";
        if (!this.#isAnnouncing) {
            this.#isAnnouncing = true;
            queueMicrotask(() => {
                this.#isAnnouncing = false;
                this.#sayHello();
                if (this.#isStartWanted) {
                    this.#isStartWanted = false;
                    this.#post({ kind: "command", command: "start" });
                }
            });
        }
    }

    /** @param withOutbox also says again what no hub has acknowledged */
    #sayHello(withOutbox = false): void {
        this.#post({
            kind: "hello",
            tab: this.#options.id,
            state: this.#state(),
            window: this.#window.state(),
            outbox: withOutbox ? this.#outbox.letters : [],
        });
    }

    #state(): TabState {
        const { websocketURL, startedAt, snapshot } = this.#options;
        return {
            active: this.#delivery !== null,
            candidate: this.#mastership.isCandidate,
            master: this.#mastership.isMaster,
            channels: this.#channels,
            websocketURL,
            startedAt,
            settledId: snapshot.settledId,
            memory: this.#memory,
            logging: this.#logging,
        };
    }

    get #memory(): ConnectionMemory {
        if (this.#workerState === "CONNECTED") {
            return "connected";
        }
        return this.#wasConnected ? "lost" : "none";
    }

    #post(message: TabMessage): void {
        this.#spokeAt = this.#options.clock.now();
        this.#channel?.post(message);
    }
}

/**
 * What has been received when the page is made: by the browser before, or with the page itself. What
 * is stored may be of a database that was replaced by one whose ids are lower; 0, on the other hand,
 * only means that nothing is known.
 */
function firstState({ snapshot: { settledId, recentIds }, store, clock }: TabOptions): WindowState {
    const { point, recent } = store.load();
    const inPage = recentIds.map((id): [number, number] => [id, clock.now()]);
    return {
        point: Math.min(point || settledId, settledId || point),
        recent: [...new Map([...recent, ...inPage])],
    };
}
