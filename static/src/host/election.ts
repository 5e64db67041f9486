import type { Term } from "../core/messages";

/** Told of the outcome; a tab can be elected and deposed any number of times. */
export interface ElectionListener {
    /** This tab is probably elected next: a hint, which may come again or be wrong. */
    nextInLine(): void;
    elected(term: Term): void;
    deposed(): void;
    /** The browser allows no election: the tabs can't find each other. */
    failed(reason: unknown): void;
}

/** Finds the one tab of the scope that hosts the hub. */
export interface Election {
    /** Stands for election, until `resign`. */
    campaign(): void;
    /** Takes the office from a host that gives no sign of life. Does nothing for a bystander. */
    usurp(): void;
    /** A hub of this term was heard. */
    follow(term: Term): void;
    /** Gives up the office or the candidacy; another tab is elected at once. */
    resign(): void;
}

/** Where the latest term is kept, for all tabs of the scope. */
export interface TermStore {
    /** The latest that is known here; 0 when there was none. */
    latest(): Term;
    /** Keeps the highest; false when other tabs won't know it. */
    save(term: Term): boolean;
}

export function storedTerms(storage: () => Storage, key: string): TermStore {
    let latest: Term = 0;
    const terms: TermStore = {
        latest() {
            try {
                latest = Math.max(latest, Number(storage().getItem(key)) || 0);
            } catch {
                // Forbidden; then this tab knows of its own only.
            }
            return latest;
        },
        save(term) {
            latest = Math.max(terms.latest(), term);
            try {
                storage().setItem(key, String(latest));
                return true;
            } catch {
                // Full or forbidden.
                return false;
            }
        },
    };
    return terms;
}
