/**
 * A lock that the tab holds while it is master: the browser frees it when the page crashes, and the hub,
 * which waits for it, knows that at once. Not longer, for a page that holds a lock is never frozen, which
 * saves the user's battery. Contexts that are not secure have no locks.
 */
export class LifeLine {
    isHeld = false;
    #end = new AbortController();

    readonly #locks: LockManager | undefined;

    constructor(locks: LockManager | undefined) {
        this.#locks = locks;
    }

    hold(name: string): void {
        this.release();
        this.#end = new AbortController();
        const { signal } = this.#end;
        this.#locks
            ?.request(name, { signal }, () => this.#keep(signal))
            // Released before it was held; or the browser forbids locks, and silence has to tell.
            .catch(() => {});
    }

    release(): void {
        this.isHeld = false;
        this.#end.abort();
    }

    #keep(end: AbortSignal): Promise<void> | void {
        // It may be granted in the same moment in which it is given up.
        if (end.aborted) {
            return;
        }
        this.isHeld = true;
        return new Promise((resolve) => end.addEventListener("abort", () => resolve()));
    }
}
