import type { TabAttention } from "../core/attention";
import type { ConnectionMemory, TabId, TabState } from "../core/messages";

/** Silence, in milliseconds, after which a tab is taken as gone. One that is not says hello again. */
export const TAB_TIMEOUT = 150_000;

interface Member {
    state: TabState;
    heardAt: number;
    /** Number of the latest letter taken from the tab. */
    letter: number;
}

/** The tabs that the hub serves. */
export class Roster {
    #members = new Map<TabId, Member>();

    get tabs(): TabId[] {
        return [...this.#members.keys()];
    }

    /** The channels of all tabs, each once, sorted. */
    get channels(): string[] {
        return [...new Set(this.#states.flatMap(({ channels }) => channels))].sort();
    }

    /** How much the user attends to each. */
    get attentions(): TabAttention[] {
        return this.#states.map(({ attention }) => attention);
    }

    /** When the user last did something in any of them (wall clock, ms). */
    get usedAt(): number {
        return Math.max(0, ...this.#states.map(({ usedAt }) => usedAt));
    }

    get hasActiveTab(): boolean {
        return this.#states.some(({ active }) => active);
    }

    /** What the tabs remember of the connection; the best memory counts. */
    get memory(): ConnectionMemory {
        const memories = this.#states.map(({ memory }) => memory);
        return (["connected", "lost"] as const).find((it) => memories.includes(it)) ?? "none";
    }

    /** The highest id up to which everything was settled when a page was made. */
    get settledId(): number {
        return Math.max(0, ...this.#states.map(({ settledId }) => settledId));
    }

    /** The state of the page that was loaded last. */
    get newest(): TabState | undefined {
        return this.#states.sort((a, b) => b.startedAt - a.startedAt)[0];
    }

    has(tab: TabId): boolean {
        return this.#members.has(tab);
    }

    state(tab: TabId): TabState | undefined {
        return this.#members.get(tab)?.state;
    }

    put(tab: TabId, state: TabState, now: number): void {
        const letter = this.#members.get(tab)?.letter ?? 0;
        this.#members.set(tab, { state, heardAt: now, letter });
    }

    /** Takes note of a sign of life; false when the tab is not known. */
    hear(tab: TabId, now: number): boolean {
        const member = this.#members.get(tab);
        if (member) {
            member.heardAt = now;
        }
        return member !== undefined;
    }

    /** The tab's browser lets it make no sound. */
    mute(tab: TabId): void {
        const member = this.#members.get(tab);
        if (member) {
            member.state.audibility = "muted";
        }
    }

    /** The tab may be gone: it counts as silent until it is heard again. */
    doubt(tab: TabId): void {
        this.hear(tab, -Infinity);
    }

    heardWithin(tab: TabId, period: number, now: number): boolean {
        return now - (this.#members.get(tab)?.heardAt ?? -Infinity) <= period;
    }

    /** True when the letter of this number was not taken from the tab before. */
    takeLetter(tab: TabId, number: number): boolean {
        const member = this.#members.get(tab);
        if (!member || number <= member.letter) {
            return false;
        }
        member.letter = number;
        return true;
    }

    remove(tab: TabId): void {
        this.#members.delete(tab);
    }

    /** Removes the tabs that have been silent for too long; true when there were any. */
    removeSilent(now: number): boolean {
        const silent = this.tabs.filter((tab) => !this.heardWithin(tab, TAB_TIMEOUT, now));
        silent.forEach((tab) => this.remove(tab));
        return silent.length > 0;
    }

    get #states(): TabState[] {
        return [...this.#members.values()].map(({ state }) => state);
    }
}
