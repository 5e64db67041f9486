/**
 * Tells a candidate that it is next in line for a lock. The order in which a lock is granted can't be
 * asked for; but whoever waits for the office also waits for the place of the next in line, in the
 * same order, and gives that up with the candidacy. It is a hint: nobody is elected by it.
 */
export class Succession {
    readonly #locks: LockManager;
    readonly #name: string;
    readonly #onNext: () => void;
    #candidacy = new AbortController();
    #leavePlace = () => {};

    constructor(locks: LockManager, name: string, onNext: () => void) {
        this.#locks = locks;
        this.#name = name;
        this.#onNext = onNext;
    }

    enter(): void {
        this.leave();
        this.#candidacy = new AbortController();
        const { signal } = this.#candidacy;
        this.#locks
            .request(`${this.#name}.next`, { signal }, () => this.#hold(signal))
            // Withdrawn; or there are no locks, which the election itself finds out as well.
            .catch(() => {});
    }

    leave(): void {
        this.#candidacy.abort();
        this.#leavePlace();
    }

    #hold(signal: AbortSignal): Promise<void> | void {
        if (signal.aborted) {
            return;
        }
        return new Promise((resolve) => {
            this.#leavePlace = resolve;
            this.#onNext();
        });
    }
}
