import { Alarm, type Clock } from "../core/clock";

/** How long, in milliseconds, channels must be unchanged before they are sent (stock: 300). */
export const SUBSCRIBE_DELAY = 300;

/**
 * How late, in milliseconds, the server may be told of channels that are added on a connection: well
 * inside the time for which it looks back on them (10 s). It is later where the hub was frozen meanwhile.
 */
const LONGEST_DELAY = 5_000;

/**
 * Tells the server which channels the browser listens to. A page adds its channels in many small
 * steps and each subscription is costly for the server, so a set is sent once it has settled.
 */
export class Subscription {
    /** The channels to subscribe to, as JSON. */
    #wanted = "[]";
    #dueAt = -Infinity;
    /** In a handover: when to subscribe at the latest, whatever pages still add. */
    #deadline = Infinity;
    /** What the server was told on this connection; null before. */
    #told: string | null = null;
    #connected = false;
    readonly #settle: Alarm;

    readonly #clock: Clock;
    readonly #subscribe: (channels: string[]) => void;
    readonly #reconnect: () => void;

    /**
     * @param subscribe sends the channels to the server
     * @param reconnect opens another connection: from the start of one, the server looks back as far as
     *   it is told
     */
    constructor(
        clock: Clock,
        subscribe: (channels: string[]) => void,
        reconnect: () => void
    ) {
        this.#clock = clock;
        this.#subscribe = subscribe;
        this.#reconnect = reconnect;
        this.#settle = new Alarm(clock, () => this.#tell());
    }

    /** @param delay how long, in milliseconds, the channels must be unchanged before they are sent */
    setChannels(channels: string[], delay = SUBSCRIBE_DELAY): void {
        const isUrgent = delay < SUBSCRIBE_DELAY && !this.isTold;
        if (isUrgent) {
            this.#deadline = Math.min(this.#deadline, this.#clock.now() + delay);
        }
        const wanted = JSON.stringify(channels);
        if (isUrgent || wanted !== this.#wanted) {
            this.#wanted = wanted;
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
        this.#dueAt = Math.min(this.#clock.now() + delay, this.#deadline);
        this.#arm();
    }

    #arm(): void {
        if (this.#connected) {
            this.#settle.set(Math.max(0, this.#dueAt - this.#clock.now()));
        }
    }

    #tell(): void {
        this.#deadline = Infinity;
        const isLate = this.#clock.now() - this.#dueAt > LONGEST_DELAY;
        if (this.isTold && isLate) {
            this.#reconnect();
        } else if (this.#wanted !== this.#told) {
            this.#told = this.#wanted;
            this.#subscribe(JSON.parse(this.#wanted));
        }
    }
}
