import type { Clock } from "../core/clock";
import { parseWindowState, type ServerSnapshot, type WindowState } from "../core/resume_window";

/** Keeps what the browser has received, for the page that comes next when no tab is left. */
export interface WindowStore {
    load(): WindowState;
    save(state: WindowState): void;
}

const highest = ({ point, recent }: WindowState) => recent.at(-1)?.[0] ?? point;

export function storedWindow(storage: () => Storage, key: string): WindowStore {
    let isWarned = false;
    const store: WindowStore = {
        load() {
            try {
                return parseWindowState(JSON.parse(storage().getItem(key)!)) ?? nothing();
            } catch {
                return nothing();
            }
        },
        save(state) {
            try {
                // A tab that was asleep must not put the others back.
                if (highest(state) >= highest(store.load())) {
                    storage().setItem(key, JSON.stringify(state));
                }
            } catch (error) {
                if (!isWarned) {
                    isWarned = true;
                    console.warn(
                        "Quiet Bus: localStorage can't be written; a reload may repeat notifications.",
                        error
                    );
                }
            }
        },
    };
    return store;
}

function nothing(): WindowState {
    return { point: 0, recent: [] };
}

/**
 * What has been received when the page is made: by the browser before, or with the page itself. What
 * is stored may be of a database that was replaced by one whose ids are lower; 0, on the other hand,
 * only means that nothing is known.
 */
export function firstWindow(
    { settledId, recentIds }: ServerSnapshot,
    store: WindowStore,
    clock: Clock
): WindowState {
    const { point, recent } = store.load();
    // What other tabs have stored since the page was made is not in the page.
    const before = recent.filter(([id]) => id <= settledId);
    const inPage = recentIds.map((id): [number, number] => [id, clock.now()]);
    return {
        point: Math.min(point || settledId, settledId || point),
        recent: [...before, ...inPage],
    };
}
