import { DatabaseElection } from "./database_election";
import type { Election, ElectionListener, TermStore } from "./election";
import { LockElection } from "./lock_election";

/** The best election that the browser has; a context that is not secure has no locks. */
export function browserElection(
    name: string,
    terms: TermStore
): (listener: ElectionListener) => Election {
    return (listener) =>
        navigator.locks
            ? new LockElection(navigator.locks, name, terms, listener)
            : new DatabaseElection(indexedDB, name, terms, listener);
}
