import type { Time } from "./waking_time";

/**
 * How long, in milliseconds, an id is held back before it may become the resume point. The
 * server holds ids back for 10 s (`Websocket.MAX_NOTIFICATION_HISTORY_SEC`); the margin
 * covers what lies between its clock and ours.
 */
export const HOLD_BACK = 12_000;

/** How many ids are remembered beyond the hold-back, to recognise late repetitions. */
const REMEMBERED_IDS = 1_000;

/** What a tab or hub knows, in a form that can be posted and stored. */
export interface WindowState {
    /** Everything up to this id is older than the hold-back. */
    point: number;
    /** `[id, wall-clock time of arrival]` of what was received after the point. */
    recent: [number, number][];
}

/** What the server says of its notifications when it makes a page. */
export interface ServerSnapshot {
    /** Everything up to this id is settled. */
    settledId: number;
    /** The ids after it that were committed: what they tell is in the page already. */
    recentIds: number[];
}

interface Entry {
    id: number;
    at: number;
    received: boolean;
}

/**
 * The ids received lately. The server assigns ids when a notification is inserted, but they
 * become visible at commit: a lower id can come after a higher one. So "the highest id seen" is
 * no safe place to resume from; the resume point is.
 */
export class ResumeWindow {
    /** Sorted by id. */
    #entries: Entry[] = [];
    /** Ids up to here are taken as received: they are no longer remembered one by one. */
    #floor: number;
    /** When something was received last. */
    #arrivedAt = -Infinity;

    readonly #clock: Time;
    readonly #evidence: Time;

    /** @param evidence tells up to when what arrives shows that the line was alive */
    constructor(
        clock: Time,
        state: WindowState = { point: 0, recent: [] },
        evidence: Time = clock
    ) {
        this.#clock = clock;
        this.#evidence = evidence;
        this.#floor = state.point;
        for (const [id, at] of state.recent) {
            this.#insert({ id, at, received: true });
            this.#arrivedAt = Math.max(this.#arrivedAt, at);
        }
    }

    /** Records the id; false when it was received before. */
    accept(id: number): boolean {
        if (id <= this.#floor) {
            return false;
        }
        const known = this.#entries.findLast((entry) => entry.id === id);
        if (known?.received) {
            return false;
        }
        if (known) {
            known.received = true;
        } else {
            this.#insert({ id, at: this.#clock.now(), received: true });
        }
        this.#arrivedAt = Math.max(this.#arrivedAt, this.#evidence.now());
        this.#forgetOld();
        return true;
    }

    /**
     * Records that the server had reached this id, whether or not its notification is for us: once
     * something has come after the hold-back, it may be resumed from.
     */
    note(id: number): void {
        if (id > this.highest) {
            this.#insert({ id, at: this.#clock.now(), received: false });
        }
    }

    /** Takes back what was noted and is not settled: the connection that vouched for it is gone. */
    forgetNotes(): void {
        const settled = this.#settledCount();
        this.#entries = this.#entries.filter(({ received }, index) => received || index < settled);
    }

    /** The id from which the server must repeat after a reconnect so that none is lost. */
    get resumePoint(): number {
        return this.#entries[this.#settledCount() - 1]?.id ?? this.#floor;
    }

    /** The highest id known; 0 when there is none. */
    get highest(): number {
        return this.#entries.at(-1)?.id ?? this.#floor;
    }

    state(): WindowState {
        return {
            point: this.resumePoint,
            recent: this.#entries
                .slice(this.#settledCount())
                .filter((entry) => entry.received)
                .map(({ id, at }) => [id, at]),
        };
    }

    /**
     * Number of entries, from the lowest id up, that are all older than the hold-back. The time in
     * which nothing arrived does not count: the tab may have been asleep, the line dead, or nobody
     * may have asked.
     */
    #settledCount(): number {
        const index = this.#entries.findIndex(({ at }) => at > this.#arrivedAt - HOLD_BACK);
        return index < 0 ? this.#entries.length : index;
    }

    #insert(entry: Entry): void {
        let index = this.#entries.length;
        while (index > 0 && this.#entries[index - 1]!.id > entry.id) {
            index--;
        }
        this.#entries.splice(index, 0, entry);
    }

    #forgetOld(): void {
        const surplus = Math.min(this.#entries.length - REMEMBERED_IDS, this.#settledCount());
        if (surplus > 0) {
            this.#floor = this.#entries.splice(0, surplus).at(-1)!.id;
        }
    }
}

/** Parses what was stored; null when it is not a window (another version, a damaged entry). */
export function parseWindowState(value: unknown): WindowState | null {
    const { point, recent } = (value ?? {}) as Partial<WindowState>;
    const isPair = (pair: unknown) => Array.isArray(pair) && pair.every(Number.isFinite);
    return Number.isFinite(point) && Array.isArray(recent) && recent.every(isPair)
        ? (value as WindowState)
        : null;
}
