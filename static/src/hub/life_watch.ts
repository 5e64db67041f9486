import { lifeLineName } from "../core/life_line";
import type { TabId } from "../core/messages";

/** Notices at once when the master tab goes without a goodbye: its page crashed, or was discarded. */
export class LifeWatch {
    #watched: TabId | null = null;
    #end = new AbortController();

    readonly #locks: LockManager | undefined;
    readonly #channel: string;
    readonly #onCut: (tab: TabId) => void;

    /** @param onCut told that the tab holds its life line no more, for whatever reason */
    constructor(
        locks: LockManager | undefined,
        channel: string,
        onCut: (tab: TabId) => void
    ) {
        this.#locks = locks;
        this.#channel = channel;
        this.#onCut = onCut;
    }

    /** Watches this tab, which holds its life line, and no other. */
    follow(tab: TabId | null): void {
        if (tab === this.#watched) {
            return;
        }
        this.#end.abort();
        this.#watched = tab;
        if (tab !== null) {
            this.#end = new AbortController();
            this.#watch(tab, this.#end.signal);
        }
    }

    #watch(tab: TabId, signal: AbortSignal): void {
        this.#locks
            ?.request(lifeLineName(this.#channel, tab), { signal, mode: "shared" }, () => {
                if (!signal.aborted) {
                    this.#watched = null;
                    this.#onCut(tab);
                }
            })
            // Not watched any more; or the browser forbids locks, and silence has to tell.
            .catch(() => {});
    }
}
