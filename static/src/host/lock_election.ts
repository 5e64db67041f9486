import type { Election, ElectionListener, TermCounter } from "./election";

/** - `bystander`: takes no part - `candidate`: waits for the lock - `elected`: holds it */
type Standing = "bystander" | "candidate" | "elected";

/**
 * Election by a Web Lock: the browser hands it over when its holder closes, crashes or is discarded.
 * Only in secure contexts.
 */
export class LockElection implements Election {
    standing: Standing = "bystander";
    #candidacy = new AbortController();
    #leaveOffice = () => {};

    readonly #locks: LockManager;
    readonly #name: string;
    readonly #terms: TermCounter;
    readonly #listener: ElectionListener;

    constructor(
        locks: LockManager,
        name: string,
        terms: TermCounter,
        listener: ElectionListener
    ) {
        this.#locks = locks;
        this.#name = name;
        this.#terms = terms;
        this.#listener = listener;
    }

    campaign(): void {
        if (this.standing === "bystander") {
            this.#stand({});
        }
    }

    usurp(): void {
        if (this.standing === "candidate") {
            this.#candidacy.abort();
            this.#stand({ steal: true });
        }
    }

    resign(): void {
        const wasElected = this.standing === "elected";
        this.standing = "bystander";
        this.#candidacy.abort();
        this.#leaveOffice();
        if (wasElected) {
            this.#listener.deposed();
        }
    }

    #stand({ steal = false }): void {
        this.standing = "candidate";
        this.#candidacy = new AbortController();
        const { signal } = this.#candidacy;
        // A lock that is stolen is granted at once: there is nothing to abort.
        this.#locks
            .request(this.#name, steal ? { steal } : { signal }, () => this.#serve(signal))
            .catch(() => {
                // Withdrawn by us, or the lock was stolen: then we wait for our turn again.
                if (!signal.aborted) {
                    this.resign();
                    this.campaign();
                }
            });
    }

    /** Holds the lock as long as the returned promise is pending. */
    #serve(signal: AbortSignal): Promise<void> | void {
        // The lock may be granted in the same moment in which the candidacy is withdrawn.
        if (signal.aborted) {
            return;
        }
        this.standing = "elected";
        return new Promise((resolve) => {
            this.#leaveOffice = resolve;
            this.#listener.elected(this.#terms.next());
        });
    }
}
