import type { Term } from "../core/messages";
import type { Election, ElectionListener, TermStore } from "./election";
import { Succession } from "./succession";

/** - `bystander`: takes no part - `candidate`: waits for the lock - `elected`: holds it */
type Standing = "bystander" | "candidate" | "elected";

/**
 * Election by a Web Lock: the browser hands it over when its holder closes, crashes or is discarded.
 * Only in secure contexts.
 */
export class LockElection implements Election {
    standing: Standing = "bystander";
    /** The latest term of which a hub was heard, or could have been. */
    #known: Term = 0;
    #candidacy = new AbortController();
    #leaveOffice = () => {};

    readonly #locks: LockManager;
    readonly #name: string;
    readonly #terms: TermStore;
    readonly #listener: ElectionListener;
    readonly #succession: Succession;

    constructor(
        locks: LockManager,
        name: string,
        terms: TermStore,
        listener: ElectionListener
    ) {
        this.#locks = locks;
        this.#name = name;
        this.#terms = terms;
        this.#listener = listener;
        this.#succession = new Succession(locks, name, () => listener.nextInLine());
    }

    campaign(): void {
        if (this.standing === "bystander") {
            this.#known = this.#terms.latest();
            this.#stand({});
        }
    }

    usurp(): void {
        if (this.standing !== "candidate") {
            return;
        }
        const latest = this.#terms.latest();
        if (latest > this.#known) {
            // Another was elected a moment ago, and its hub has not spoken yet.
            this.#known = latest;
            return;
        }
        this.#candidacy.abort();
        this.#stand({ steal: true });
    }

    follow(term: Term): void {
        this.#known = term;
        this.#terms.save(term);
    }

    resign(): void {
        const wasElected = this.standing === "elected";
        this.standing = "bystander";
        this.#succession.leave();
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
            .catch((error: DOMException) => {
                if (signal.aborted) {
                    return;
                }
                this.resign();
                if (error.name === "AbortError") {
                    // The lock was stolen: we wait for our turn again.
                    this.campaign();
                } else {
                    this.#listener.failed(error);
                }
            });
        this.#succession.enter();
    }

    /** Holds the lock as long as the returned promise is pending. */
    #serve(signal: AbortSignal): Promise<void> | void {
        // The lock may be granted in the same moment in which the candidacy is withdrawn.
        if (signal.aborted) {
            return;
        }
        this.standing = "elected";
        this.#succession.leave();
        return new Promise((resolve) => {
            this.#leaveOffice = resolve;
            this.#listener.elected(this.#nextTerm());
        });
    }

    #nextTerm(): Term {
        const term = this.#terms.latest() + 1;
        // Where it can't be kept, the clock stands in for it: that grows as well, if less reliably.
        return this.#terms.save(term) ? term : Math.max(term, Date.now());
    }
}
