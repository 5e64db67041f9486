import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import type { BusEvent, ConnectionMemory, ServerNotification, WorkerState } from "../core/messages";
import {
    CloseCode,
    type Closure,
    type OpenTransport,
    OUTDATED_VERSION,
    type Transport,
} from "../transport/transport";
import { RetryPolicy } from "./retry_policy";

/**
 * How long, in milliseconds, a connection that replaces a lost one must last before consumers are told
 * of it, unless the server says sooner that it serves us: it lets everybody in before it looks who
 * they are.
 */
export const PROBATION = 1_000;

/**
 * - `idle`: not asked to connect, or closed on purpose by either side
 * - `connecting`: a transport is being opened
 * - `connected`: a transport is open; consumers may not be told yet, see `#probation`
 * - `waiting`: the next attempt is scheduled
 * - `outdated`: the server refused the version of our address; a new address ends this
 */
export type Phase = "idle" | "connecting" | "connected" | "waiting" | "outdated";

export interface ConnectionListener {
    /** Something that stock consumers want to know. */
    event(event: BusEvent): void;
    connected(): void;
    received(notifications: ServerNotification[]): void;
    disconnected(): void;
}

/** Keeps one transport to the server open, and tells of it in the events of stock's worker. */
export class Connection {
    phase: Phase = "idle";
    /** The state that consumers were told; during a handover it stays what the old hub said. */
    state: WorkerState = "IDLE";

    url = "";
    /** When the server refused this address as outdated (wall clock, ms); Infinity: it did not. */
    outdatedAt = Infinity;
    #transport: Transport | null = null;
    readonly #retry: Alarm;
    /** A connection existed and was lost: the next one is a reconnection. */
    #lost = false;
    /** What the server sends ends it, such as the empty answer that a subscription may ask for. */
    readonly #probation: Alarm;
    readonly #policy: RetryPolicy;

    readonly #clock: Clock;
    readonly #openTransport: OpenTransport;
    readonly #listener: ConnectionListener;

    constructor(
        clock: Clock,
        random: Random,
        openTransport: OpenTransport,
        listener: ConnectionListener
    ) {
        this.#clock = clock;
        this.#openTransport = openTransport;
        this.#listener = listener;
        this.#retry = new Alarm(clock, () => this.#open());
        this.#probation = new Alarm(clock, () => this.#tellOpened());
        this.#policy = new RetryPolicy(clock, random);
    }

    /** Consumers are not told yet that it is open. */
    get isOnProbation(): boolean {
        return this.#probation.pending;
    }

    /**
     * Takes over from an earlier hub, before the first `start`.
     *
     * @param memory what the tabs know of its connection; after `connected` they hear nothing of
     *     ours unless it fails
     */
    inherit(memory: ConnectionMemory): void {
        if (this.state === "IDLE" && !this.#policy.hasTried) {
            this.state = memory === "connected" ? "CONNECTED" : "IDLE";
            this.#lost = memory === "lost";
        }
    }

    /** Connects unless that is done or under way; soon, but no hammering, if it failed just now. */
    start(): void {
        if (this.phase === "idle") {
            this.#open();
        } else if (this.phase === "waiting") {
            this.#retry.set(this.#policy.shortestDelay);
        }
    }

    /** Forgets what failed: the reason for it is gone. */
    forgive(): void {
        this.#policy.forgive();
    }

    /** Uses this address from the next connection on. */
    setURL(url: string): void {
        if (url !== this.url) {
            this.#reconsider();
        }
        this.url = url;
    }

    /** Begins as if there had been no connection. */
    startOver(): void {
        this.#reconsider();
        this.state = "IDLE";
    }

    /** Closes on purpose, until the next `start`. */
    stop(): void {
        const wasOpen = this.#transport !== null;
        this.#retry.clear();
        this.#lost = false;
        this.#policy.forgive();
        this.#drop();
        if (this.phase !== "outdated") {
            this.phase = "idle";
        }
        if (wasOpen) {
            this.#setState("DISCONNECTED");
            this.#listener.event({ type: "BUS:DISCONNECT", data: { code: CloseCode.CLEAN } });
        }
    }

    /** Replaces an open transport by a new one, quietly, so that the next subscription resumes anew. */
    reopen(): void {
        if (this.phase === "connected") {
            this.#drop();
            this.#open();
        }
    }

    /** Ends without a word to anybody. */
    close(): void {
        this.#retry.clear();
        this.#drop();
    }

    /** Sends an event; only when the phase is `connected`. */
    send(event: string, data: unknown): void {
        this.#transport!.send(event, data);
    }

    #open(): void {
        this.#retry.clear();
        this.phase = "connecting";
        this.#policy.tried();
        // A handover that works is not worth a word: the tabs go on seeing CONNECTED.
        if (this.state !== "CONNECTED") {
            this.#setState("CONNECTING");
        }
        this.#transport = this.#openTransport(this.url, {
            opened: () => this.#opened(),
            received: (notifications) => {
                if (this.#probation.pending) {
                    this.#tellOpened();
                }
                this.#listener.received(notifications);
            },
            interrupted: () => this.#listener.disconnected(),
            replaced: () => this.#listener.connected(),
            closed: (closure) => this.#closed(closure),
        });
    }

    #opened(): void {
        this.phase = "connected";
        this.#policy.opened();
        if (this.#lost) {
            this.#probation.set(PROBATION);
        } else {
            this.#tellOpened();
        }
        this.#listener.connected();
    }

    #tellOpened(): void {
        this.#probation.clear();
        const isHandover = this.state === "CONNECTED";
        // Also in a handover: a page that was just loaded has not heard of it yet.
        this.#setState("CONNECTED");
        if (!isHandover) {
            this.#listener.event({ type: this.#lost ? "BUS:RECONNECT" : "BUS:CONNECT" });
        }
        this.#lost = false;
    }

    #closed(closure: Closure): void {
        const { code, reason } = closure;
        const wasRetry = this.#lost;
        this.#drop();
        this.#setState("DISCONNECTED");
        if (!wasRetry) {
            this.#listener.event({ type: "BUS:DISCONNECT", data: { code, reason } });
        }
        if (code === CloseCode.CLEAN) {
            this.phase = reason === OUTDATED_VERSION ? "outdated" : "idle";
            this.#lost = false;
            if (this.phase === "outdated") {
                this.outdatedAt = this.#clock.now();
                this.#listener.event({ type: "BUS:OUTDATED" });
            }
            return;
        }
        if (!wasRetry) {
            this.#listener.event({ type: "BUS:RECONNECTING", data: { closeCode: code } });
        }
        this.#lost = true;
        this.phase = "waiting";
        this.#retry.set(this.#policy.delayAfter(closure));
    }

    /** What the server refused as outdated is no longer what it would be asked. */
    #reconsider(): void {
        this.outdatedAt = Infinity;
        if (this.phase === "outdated") {
            this.phase = "idle";
        }
    }

    #drop(): void {
        this.#probation.clear();
        if (this.#transport) {
            this.#transport.close();
            this.#transport = null;
            this.#listener.disconnected();
        }
    }

    #setState(state: WorkerState): void {
        this.state = state;
        this.#listener.event({ type: "BUS:WORKER_STATE_UPDATED", data: state });
    }
}
