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
            : new DatabaseElection(indexedDB, name, terms, listener, databasesOfFrame());
}

/** Makes accesses to the databases from another context, that of an empty frame. */
function databasesOfFrame(): () => IDBFactory {
    let frame: HTMLIFrameElement | null = null;
    return () => {
        frame?.remove();
        frame = document.createElement("iframe");
        // There it is not shown.
        document.head.append(frame);
        return frame.contentWindow!.indexedDB;
    };
}
