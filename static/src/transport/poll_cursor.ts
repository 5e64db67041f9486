import type { Clock } from "../core/clock";
import { HOLD_BACK } from "../core/resume_window";

/** Most ids that the server takes; with more, it repeats some. */
const MOST_SEEN_IDS = 2_000;

/**
 * From where the server is to give notifications with the next request. A lower id can come after
 * a higher one (see `ResumeWindow`), and between two requests nobody looks: so an id is passed only
 * when the server has looked again long after that id was the latest.
 */
export class PollCursor {
    /** Everything up to this id is here. */
    #last: number;
    /** Ids after it that are here. */
    #seen: number[] = [];
    /** Which id was the latest at which time, in order. */
    #marks: { id: number; at: number }[] = [];

    readonly #clock: Clock;

    constructor(clock: Clock, last: number) {
        this.#clock = clock;
        this.#last = last;
    }

    get position(): { last: number; seen: number[] } {
        return { last: this.#last, seen: this.#seen.slice(-MOST_SEEN_IDS) };
    }

    /** No id up to this one will be given to what comes from now on. */
    mark(latest: number): void {
        this.#marks.push({ id: latest, at: this.#clock.now() });
    }

    receive(ids: number[]): void {
        this.#seen = [...new Set([...this.#seen, ...ids])].sort((a, b) => a - b);
        if (ids.length) {
            this.mark(Math.max(...ids));
        }
    }

    /** @param at when the server was asked for all that it has, at the earliest; it is here now */
    settle(at: number): void {
        const count = this.#marks.findLastIndex((mark) => mark.at <= at - HOLD_BACK) + 1;
        const settled = this.#marks.splice(0, count).map(({ id }) => id);
        this.#last = Math.max(this.#last, ...settled);
        this.#seen = this.#seen.filter((id) => id > this.#last);
    }
}
