/** Time as the bus sees it: passed in everywhere, so that tests own it. */
export interface Clock {
    /** Wall-clock time in milliseconds; comparable between the tabs of one browser. */
    now(): number;
    setTimeout(callback: () => void, delay: number): unknown;
    clearTimeout(handle: unknown): void;
}

export const systemClock: Clock = {
    now: () => Date.now(),
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    clearTimeout: (handle) => clearTimeout(handle as number),
};

/** One timer that can be set again: setting it replaces what was pending. */
export class Alarm {
    #handle: unknown = null;

    readonly #clock: Clock;
    readonly #ring: () => void;

    constructor(
        clock: Clock,
        ring: () => void
    ) {
        this.#clock = clock;
        this.#ring = ring;
    }

    get pending(): boolean {
        return this.#handle !== null;
    }

    set(delay: number): void {
        this.clear();
        this.#handle = this.#clock.setTimeout(() => {
            this.#handle = null;
            this.#ring();
        }, delay);
    }

    /** Sets the alarm unless it is pending already. */
    ensure(delay: number): void {
        if (!this.pending) {
            this.set(delay);
        }
    }

    clear(): void {
        this.#clock.clearTimeout(this.#handle);
        this.#handle = null;
    }
}
