import { Alarm, type Clock } from "../core/clock";

/**
 * The server closes a connection on which more than 10 frames arrive within 2 s
 * (`websocket_rate_limit_burst`, `websocket_rate_limit_delay`), and what was under way is lost. One of
 * them is left to the browser's own answers to pings, and a second to frames that the network, or a
 * server under load, bunches up.
 */
export const BURST = 9;
export const BURST_WINDOW = 3_000;

interface Frame {
    event: string;
    data: () => unknown;
    sent: () => void;
}

/** Sends frames in order: the subscription first, and never faster than the server allows. */
export class Sender {
    #queue: Frame[] = [];
    #sentAt: number[] = [];
    #subscribed = false;
    #connected = false;
    readonly #pace: Alarm;

    readonly #clock: Clock;
    readonly #transmit: (event: string, data: unknown) => void;

    /** @param transmit hands a frame to the open connection */
    constructor(
        clock: Clock,
        transmit: (event: string, data: unknown) => void
    ) {
        this.#clock = clock;
        this.#transmit = transmit;
        this.#pace = new Alarm(clock, () => this.#flush());
    }

    /** Sends now or, in order, as soon as that is possible; `sent` is called then. */
    send(event: string, data: unknown, sent: () => void): void {
        this.#queue.push({ event, data: () => data, sent });
        this.#flush();
    }

    /** Sends how something is at the moment of sending; what still waits of it is replaced. */
    tell(event: string, data: () => unknown): void {
        this.#queue = this.#queue.filter((frame) => frame.event !== event);
        this.#queue.push({ event, data, sent: () => {} });
        this.#flush();
    }

    /** Sends before everything that waits. The data are made at the moment of sending. */
    subscribe(data: () => unknown): void {
        this.#queue = this.#queue.filter(({ event }) => event !== "subscribe");
        this.#queue.unshift({ event: "subscribe", data, sent: () => (this.#subscribed = true) });
        this.#flush();
    }

    opened(): void {
        this.#connected = true;
        this.#sentAt = [];
    }

    closed(): void {
        this.#connected = this.#subscribed = false;
        this.#pace.clear();
    }

    #flush(): void {
        while (this.#connected && this.#queue.length) {
            // Before the first subscription the server does not know whom it talks to.
            if (!this.#subscribed && this.#queue[0]!.event !== "subscribe") {
                return;
            }
            const wait = this.#waitingTime();
            if (wait > 0) {
                this.#pace.set(wait);
                return;
            }
            const { event, data, sent } = this.#queue.shift()!;
            this.#sentAt = [...this.#sentAt, this.#clock.now()].slice(-BURST);
            this.#transmit(event, data());
            sent();
        }
    }

    #waitingTime(): number {
        return this.#sentAt.length < BURST
            ? 0
            : this.#sentAt[0]! + BURST_WINDOW - this.#clock.now();
    }
}
