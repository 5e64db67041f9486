import {
    FIRST_RETRY_DELAY,
    longestDelayIn,
    type Random,
    retryDelay,
    SERVER_CLOSE_SPREAD,
} from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import type { BusEvent, ConnectionMemory, ServerNotification, WorkerState } from "../core/messages";
import {
    CloseCode,
    type Closure,
    type OpenTransport,
    OUTDATED_VERSION,
    type Transport,
} from "../transport/transport";

/** A connection that closes sooner, in milliseconds, counts as an attempt that failed. */
const LEAST_SERVICE = 1_000;
/** The same where the server refuses us; a busy one takes its time to say so. */
const REFUSAL_PERIOD = 10_000;

/**
 * - `idle`: not asked to connect, or closed on purpose by either side
 * - `connecting`: a transport is being opened
 * - `connected`: a transport is open
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

    #url = "";
    #transport: Transport | null = null;
    readonly #retry: Alarm;
    /** A connection existed and was lost: the next one is a reconnection. */
    #lost = false;
    /** Attempts in a row that came to nothing, those included that opened only to close. */
    #failures = 0;
    #triedAt = -Infinity;
    #openedAt = Infinity;
    /** When the server was in reach last, or was to be reached first. */
    #reachedAt: number;

    readonly #clock: Clock;
    readonly #random: Random;
    readonly #openTransport: OpenTransport;
    readonly #listener: ConnectionListener;

    constructor(
        clock: Clock,
        random: Random,
        openTransport: OpenTransport,
        listener: ConnectionListener
    ) {
        this.#clock = clock;
        this.#reachedAt = clock.now();
        this.#random = random;
        this.#openTransport = openTransport;
        this.#listener = listener;
        this.#retry = new Alarm(clock, () => this.#open());
    }

    /**
     * Takes over from an earlier hub, before the first `start`.
     *
     * @param memory what the tabs know of its connection; after `connected` they hear nothing of
     *     ours unless it fails
     */
    inherit(memory: ConnectionMemory): void {
        if (this.state === "IDLE") {
            this.state = memory === "connected" ? "CONNECTED" : "IDLE";
            this.#lost = memory === "lost";
        }
    }

    /** Connects unless that is done or under way; soon, but no hammering, if it failed just now. */
    start(): void {
        if (this.phase === "idle") {
            this.#open();
        } else if (this.phase === "waiting") {
            this.#retry.set(Math.max(0, this.#triedAt + FIRST_RETRY_DELAY - this.#clock.now()));
        }
    }

    /** Forgets what failed: the reason for it is gone. */
    forgive(): void {
        this.#failures = 0;
    }

    /** Uses this address from the next connection on. */
    setURL(url: string): void {
        if (url !== this.#url && this.phase === "outdated") {
            this.phase = "idle";
        }
        this.#url = url;
    }

    /** Closes on purpose, until the next `start`. */
    stop(): void {
        const wasOpen = this.#transport !== null;
        this.#retry.clear();
        this.#lost = false;
        this.#failures = 0;
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
        this.#triedAt = this.#clock.now();
        // A handover that works is not worth a word: the tabs go on seeing CONNECTED.
        const handover = this.state === "CONNECTED";
        if (!handover) {
            this.#setState("CONNECTING");
        }
        this.#transport = this.#openTransport(this.#url, {
            opened: () => this.#opened(handover),
            received: (notifications) => this.#listener.received(notifications),
            closed: (closure) => this.#closed(closure),
        });
    }

    #opened(handover: boolean): void {
        this.phase = "connected";
        this.#openedAt = this.#clock.now();
        // Also in a handover: a page that was just loaded has not heard of it yet.
        this.#setState("CONNECTED");
        if (!handover) {
            this.#listener.event({ type: this.#lost ? "BUS:RECONNECT" : "BUS:CONNECT" });
        }
        this.#lost = false;
        this.#listener.connected();
    }

    #closed({ code, reason }: Closure): void {
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
                this.#listener.event({ type: "BUS:OUTDATED" });
            }
            return;
        }
        if (!wasRetry) {
            this.#listener.event({ type: "BUS:RECONNECTING", data: { closeCode: code } });
        }
        this.#lost = true;
        this.phase = "waiting";
        this.#retry.set(this.#retryDelayAfter(code));
    }

    #retryDelayAfter(code: number): number {
        const isRefusal = code === CloseCode.SESSION_EXPIRED || code === CloseCode.TRY_LATER;
        const now = this.#clock.now();
        const wasReached = this.#openedAt < Infinity;
        const served = now - this.#openedAt;
        this.#openedAt = Infinity;
        if (wasReached) {
            this.#reachedAt = now;
        }
        if (served >= (isRefusal ? REFUSAL_PERIOD : LEAST_SERVICE)) {
            this.#failures = 0;
        }
        const attempt = this.#failures++;
        switch (code) {
            case CloseCode.KEEP_ALIVE_TIMEOUT:
                // The server recycles each socket at a random age: no herd to spread.
                return attempt && retryDelay(attempt, this.#random);
            case CloseCode.GOING_AWAY:
            case CloseCode.RESTART:
            case CloseCode.TRY_LATER:
                return retryDelay(attempt, this.#random, { least: SERVER_CLOSE_SPREAD });
            default:
                return retryDelay(attempt, this.#random, {
                    // What opens only to die is no outage: there the attempts become rare.
                    ...(!wasReached && { most: longestDelayIn(now - this.#reachedAt) }),
                });
        }
    }

    #drop(): void {
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
