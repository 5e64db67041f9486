import type { ClaimMemory } from "../core/claim";

/** Of how many events the browser remembers that they are done. */
const MEMORY = 50;

type Deeds = Pick<ClaimMemory, "settled" | "beepedAt">;

/** What is done, kept for pages that come, or come back, when no other is left. */
export interface ClaimStore {
    load(): Deeds;
    /** @param beepedAt when a tab last made a sound (wall clock, ms), for all that the caller knows */
    add(key: string, beepedAt: number): void;
    /** It was a sound that nobody heard. */
    remove(key: string): void;
}

/** Keeps it in the browser's storage; where that is forbidden or full, each tab knows for itself. */
export function storedClaims(storage: () => Storage, name: string): ClaimStore {
    const load = (): Deeds => {
        try {
            return parse(JSON.parse(storage().getItem(name)!)) ?? { settled: [], beepedAt: 0 };
        } catch {
            return { settled: [], beepedAt: 0 };
        }
    };
    const save = (deeds: Deeds) => {
        try {
            storage().setItem(name, JSON.stringify(deeds));
        } catch {
            // It is remembered for as long as the tabs live.
        }
    };
    return {
        load,
        add(key, beepedAt) {
            const before = load();
            const settled = [...before.settled, key].slice(-MEMORY);
            save({ settled, beepedAt: Math.max(before.beepedAt, beepedAt) });
        },
        remove(key) {
            save({ settled: load().settled.filter((it) => it !== key), beepedAt: 0 });
        },
    };
}

function parse(stored: Partial<Deeds> | null): Deeds | null {
    const { settled, beepedAt } = stored ?? {};
    const isValid =
        Array.isArray(settled) &&
        settled.every((key) => typeof key === "string") &&
        typeof beepedAt === "number";
    return isValid ? { settled, beepedAt } : null;
}
