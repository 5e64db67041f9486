import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";

/** Silence of the hub, in milliseconds, after which it is taken to hang: three heartbeats. */
export const HUB_TIMEOUT = 3_000;
/** Width of the window, in milliseconds, over which the tabs react, so that mostly one does. */
export const REACTION_SPREAD = 300;
/** Most that a tab waits between two attempts to replace a hub, in milliseconds. */
const LONGEST_WAIT = 60_000;
/** An alarm that is later than this, in milliseconds, shows that we were asleep ourselves. */
const OWN_SLEEP = 1_000;

/** Notices that the hub hangs or was frozen. */
export class HubWatch {
    readonly #clock: Clock;
    readonly #random: Random;
    readonly #onSilence: () => void;
    readonly #alarm: Alarm;
    #dueAt = 0;
    #wasLate = false;
    /** Attempts to replace it that brought no new one. */
    #attempts = 0;

    constructor(clock: Clock, random: Random, onSilence: () => void) {
        this.#clock = clock;
        this.#random = random;
        this.#onSilence = onSilence;
        this.#alarm = new Alarm(clock, () => this.#ring());
    }

    /** The hub gave a sign of life, or the tab has just come. */
    hear(): void {
        this.#attempts = 0;
        this.#wasLate = false;
        this.#arm();
    }

    stop(): void {
        this.#alarm.clear();
    }

    #arm(): void {
        const wait = Math.min(HUB_TIMEOUT * 2 ** this.#attempts, LONGEST_WAIT);
        const delay = wait + this.#random() * REACTION_SPREAD;
        this.#dueAt = this.#clock.now() + delay;
        this.#alarm.set(delay);
    }

    #ring(): void {
        const isLate = this.#clock.now() - this.#dueAt > OWN_SLEEP;
        // Late twice without a word in between: not we were asleep, but our timers are slow, as those of
        // a hidden page are.
        if (!isLate || this.#wasLate) {
            this.#attempts++;
            this.#onSilence();
        }
        this.#wasLate = isLate;
        this.#arm();
    }
}
