import {
    type Bench,
    type BySide,
    forEachSide,
    type Goal,
    noneGoal,
    numberRow,
    ratioGoal,
    type Row,
    say,
    type Side,
} from "../bench";
import { type Situation, withTabs } from "../browser";
import type { PresenceCosts, Probe } from "../probe";

const RELOADS = 10;
/** Longer than all presence reports of a reload take, shorter than the next regular one. */
const PAUSE = 1_000;

interface Variant {
    name: string;
    situation: Situation;
    rows: [keyof PresenceCosts, string, ((counts: BySide<number>) => Goal)?][];
}

const VARIANTS: Variant[] = [
    {
        name: `one tab reloaded ${RELOADS} times`,
        situation: { tabs: 1 },
        rows: [
            ["writes", "mail_presence writes"],
            ["broadcasts", "status broadcasts"],
            ["frames", "update_presence frames"],
        ],
    },
    {
        name: `1 of 5 tabs reloaded ${RELOADS} times, no SharedWorker`,
        situation: { tabs: 5, sharedWorkers: "missing" },
        rows: [
            ["writes", "mail_presence writes", (counts) => ratioGoal(counts, 5)],
            ["broadcasts", "status broadcasts", (counts) => ratioGoal(counts, 3)],
            ["frames", "update_presence frames", (counts) => ratioGoal(counts, 10)],
            ["conflicts", "serialization failures on mail_presence", noneGoal],
        ],
    },
];

/** What reloads cost the server for the user's presence. */
export const presence: Bench = {
    name: "presence",
    isChecked: true,
    async run(probe) {
        const rows: Row[] = [];
        for (const { name, situation, rows: wanted } of VARIANTS) {
            const costs = await forEachSide((side) =>
                probe.as(side, () => costOfReloads(probe, side, situation))
            );
            say(`${name}: ${JSON.stringify(costs)}`);
            for (const [key, label, goal] of wanted) {
                const counts = { stock: costs.stock[key], quiet: costs.quiet[key] };
                const row = numberRow(`${name}: ${label}`, counts);
                rows.push(goal ? { ...row, goal: goal(counts) } : row);
            }
        }
        return rows;
    },
};

function costOfReloads(probe: Probe, side: Side, situation: Situation): Promise<PresenceCosts> {
    return withTabs(probe, side, situation, async ([tab]) => {
        await pause();
        const before = await probe.presence();
        for (let count = 0; count < RELOADS; count++) {
            await tab!.reload();
            await tab!.waitForConnected();
            await pause();
        }
        const after = await probe.presence();
        return {
            writes: after.writes - before.writes,
            broadcasts: after.broadcasts - before.broadcasts,
            frames: after.frames - before.frames,
            conflicts: after.conflicts - before.conflicts,
        };
    });
}

function pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE));
}
