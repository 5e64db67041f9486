import { type DatabaseAccess, DatabaseElection } from "./database_election";
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
            : new DatabaseElection(accessByFrame, name, terms, listener);
}

let isHiding = false;
addEventListener("pagehide", () => (isHiding = true), { capture: true });
addEventListener("pageshow", () => (isHiding = false), { capture: true });

/**
 * Opens a way to the databases from a context of its own, an empty frame: with it the browser drops
 * at once whatever is open or asked for there. A page that is frozen would keep its place in the queue.
 */
function accessByFrame(): DatabaseAccess {
    const place = document.createElement("div");
    const frame = document.createElement("iframe");
    // Hidden from whoever looks for frames in the page.
    place.attachShadow({ mode: "closed" }).append(frame);
    // There nothing is shown.
    document.head.append(place);
    const remove = () => place.remove();
    return {
        databases: frame.contentWindow!.indexedDB,
        close: () => {
            if (isHiding) {
                // A page that lost a frame just now is not kept in the back/forward cache.
                addEventListener("pageshow", remove, { once: true });
            } else {
                remove();
            }
        },
    };
}
