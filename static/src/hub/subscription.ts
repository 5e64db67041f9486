import { Alarm, type Clock } from "../core/clock";

/** How long, in milliseconds, channels must be unchanged before they are sent (stock: 300). */
export const SUBSCRIBE_DELAY = 300;

/**
 * Tells the server which channels the browser listens to. A page adds its channels in many small
 * steps and each subscription is costly for the server, so a set is sent once it has settled.
 */
export class Subscription {
    #channels: string[] = [];
    #dueAt = -Infinity;
    /** What the server was told on this connection, as JSON; null before. */
    #told: string | null = null;
    #connected = false;
    readonly #settle: Alarm;

    readonly #clock: Clock;
    readonly #subscribe: (channels: string[]) => void;

    /** @param subscribe sends the channels to the server */
    constructor(
        clock: Clock,
        subscribe: (channels: string[]) => void
    ) {
        this.#clock = clock;
        this.#subscribe = subscribe;
        this.#settle = new Alarm(clock, () => this.#tell());
    }

    /** @param delay how long, in milliseconds, the channels must be unchanged before they are sent */
    setChannels(channels: string[], delay = SUBSCRIBE_DELAY): void {
        if (JSON.stringify(channels) !== JSON.stringify(this.#channels)) {
            this.#channels = channels;
            this.#schedule(delay);
        }
    }

    /** Subscribes again although nothing changed: the server adds channels of its own. */
    renew(): void {
        this.#told = null;
        this.#schedule(SUBSCRIBE_DELAY);
    }

    get isTold(): boolean {
        return this.#told !== null;
    }

    opened(): void {
        this.#connected = true;
        this.#arm();
    }

    closed(): void {
        this.#connected = false;
        this.#told = null;
        this.#settle.clear();
    }

    #schedule(delay: number): void {
        this.#dueAt = this.#clock.now() + delay;
        this.#arm();
    }

    #arm(): void {
        if (this.#connected) {
            this.#settle.set(Math.max(0, this.#dueAt - this.#clock.now()));
        }
    }

    #tell(): void {
        const channels = JSON.stringify(this.#channels);
        if (channels !== this.#told) {
            this.#told = channels;
            this.#subscribe(this.#channels);
        }
    }
}
