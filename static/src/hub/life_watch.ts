import { lifeLineName } from "../core/life_line";
import type { TabId } from "../core/messages";

/** Notices at once when a tab is gone without a goodbye: its page crashed, or was discarded. */
export class LifeWatch {
    readonly #watches = new Map<TabId, AbortController>();

    readonly #locks: LockManager | undefined;
    readonly #channel: string;
    readonly #onGone: (tab: TabId) => void;

    constructor(
        locks: LockManager | undefined,
        channel: string,
        onGone: (tab: TabId) => void
    ) {
        this.#locks = locks;
        this.#channel = channel;
        this.#onGone = onGone;
    }

    /** Watches these tabs, which hold their life lines, and no others. */
    follow(tabs: TabId[]): void {
        for (const [tab, watch] of this.#watches) {
            if (!tabs.includes(tab)) {
                this.#watches.delete(tab);
                watch.abort();
            }
        }
        tabs.filter((tab) => !this.#watches.has(tab)).forEach((tab) => this.#watch(tab));
    }

    #watch(tab: TabId): void {
        const watch = new AbortController();
        const { signal } = watch;
        this.#watches.set(tab, watch);
        this.#locks
            ?.request(lifeLineName(this.#channel, tab), { signal, mode: "shared" }, () => {
                if (!signal.aborted) {
                    this.#onGone(tab);
                }
            })
            // Not watched any more; or the browser forbids locks, and silence has to tell.
            .catch(() => {});
    }
}
