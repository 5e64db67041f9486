import { Alarm, type Clock } from "../core/clock";

/** How long, in milliseconds, a hub may take to report on itself. */
export const REPORT_TIMEOUT = 1_000;

export type Report = Record<string, unknown>;

/** Asks the hub what it has to say of itself. */
export class Inquiry {
    readonly #clock: Clock;
    readonly #ask: () => void;
    #answer: (report: Report) => void = () => {};

    /** @param ask sends the question */
    constructor(clock: Clock, ask: () => void) {
        this.#clock = clock;
        this.#ask = ask;
    }

    /** The hub's report; null when none answers in time. */
    make(): Promise<Report | null> {
        return new Promise((resolve) => {
            const timeout = new Alarm(this.#clock, () => resolve(null));
            timeout.set(REPORT_TIMEOUT);
            this.#answer = (report) => {
                timeout.clear();
                resolve(report);
            };
            this.#ask();
        });
    }

    /** The hub has answered. */
    answer(report: Report): void {
        this.#answer(report);
    }
}
