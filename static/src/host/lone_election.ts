import type { Election, ElectionListener } from "./election";

/** For a tab that can't find the others: it is elected whenever it stands. */
export class LoneElection implements Election {
    #isElected = false;
    readonly #listener: ElectionListener;

    constructor(listener: ElectionListener) {
        this.#listener = listener;
    }

    campaign(): void {
        if (!this.#isElected) {
            this.#isElected = true;
            this.#listener.elected(Date.now());
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
