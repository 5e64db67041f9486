import type { Clock } from "./clock";

/** What gives the time, and no more. */
export type Time = Pick<Clock, "now">;

/** How far, in milliseconds, the time goes on after the beat before the last. */
const LONGEST_BEAT = 3_000;

/**
 * The time up to which the process has certainly been running. What was on its way while the process
 * was frozen arrives at its thaw, all at once: it must not count as of then. Beats are needed for the
 * time to go on, and that one came late is known only at the next.
 */
export class WakingTime implements Time {
    #beforeLast: number;
    #last: number;
    readonly #clock: Time;

    constructor(clock: Time) {
        this.#clock = clock;
        this.#beforeLast = this.#last = clock.now();
    }

    beat(): void {
        this.#beforeLast = this.#last;
        this.#last = this.#clock.now();
    }

    now(): number {
        return Math.min(this.#clock.now(), this.#beforeLast + LONGEST_BEAT);
    }
}
