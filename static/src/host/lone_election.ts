import type { Term } from "../core/messages";
import type { Election, ElectionListener } from "./election";

/** For a tab that can't find the others: it is elected whenever it stands. */
export class LoneElection implements Election {
    #isElected = false;
    #term: Term = 0;
    readonly #listener: ElectionListener;

    constructor(listener: ElectionListener) {
        this.#listener = listener;
    }

    campaign(): void {
        if (!this.#isElected) {
            this.#isElected = true;
            // Higher than what was heard of others, and growing, however the clock is set.
            this.#term = Math.max(this.#term + 1, Date.now());
            this.#listener.elected(this.#term);
        }
    }

    /** Nobody else holds the office; a hub of our own that hangs is started anew. */
    usurp(): void {
        this.resign();
        this.campaign();
    }

    follow(): void {}

    resign(): void {
        if (this.#isElected) {
            this.#isElected = false;
            this.#listener.deposed();
        }
    }
}
