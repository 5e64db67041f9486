import type { Term } from "../core/messages";

/** Told of the outcome; a tab can be elected and deposed any number of times. */
export interface ElectionListener {
    elected(term: Term): void;
    deposed(): void;
}

/** Finds the one tab of the scope that hosts the hub. */
export interface Election {
    /** Stands for election, until `resign`. */
    campaign(): void;
    /** Takes the office from a host that gives no sign of life. Does nothing for a bystander. */
    usurp(): void;
    /** Gives up the office or the candidacy; another tab is elected at once. */
    resign(): void;
}

/** Keeps the number of the latest term, for all tabs of the scope. */
export interface TermCounter {
    /** Begins a new term; only the elected tab may call it. */
    next(): Term;
}

export function storedTerms(storage: () => Storage, key: string): TermCounter {
    let latest: Term = 0;
    return {
        next() {
            try {
                latest = Math.max(latest, Number(storage().getItem(key)) || 0) + 1;
                storage().setItem(key, String(latest));
            } catch {
                // Storage is full or forbidden. The clock grows as well, if less reliably.
                latest = Math.max(latest + 1, Date.now());
            }
            return latest;
        },
    };
}
