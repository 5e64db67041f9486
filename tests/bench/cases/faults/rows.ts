/** The rows of the table for a fault. */
import { type BySide, noneGoal, ratioOf, type Row, seriesRow, type Side, textRow } from "../../bench";
import type { Fault } from "./fault";
import type { Outcome } from "./play";
import { ORIGINS } from "./scene";

/** Two rows for each kind of origin: the duration, and what was lost or came twice. */
export function rowsOf({ what, figure }: Fault, outcomes: Outcome[]): Row[] {
    return ORIGINS.flatMap((origin) => {
        const of = (side: Side) =>
            outcomes.filter((outcome) => outcome.origin === origin && outcome.side === side);
        const bySide = <T>(give: (outcomes: Outcome[]) => T): BySide<T> => ({
            stock: give(of("stock")),
            quiet: give(of("quiet")),
        });
        const lost = bySide((all) => sum(all, "lost"));
        const wrong = bySide((all) => sum(all, "lost") + sum(all, "twice"));
        return [
            seriesRow(
                `${what}, ${origin}: ${figure}`,
                bySide((all) => all.map((outcome) => outcome.figure)),
                "ms"
            ),
            {
                ...textRow(`${what}, ${origin}: notifications`, bySide(describeLosses)),
                ratio: ratioOf(lost.stock, lost.quiet),
                goal: noneGoal(wrong),
            },
        ];
    });
}

function describeLosses(outcomes: Outcome[]): string {
    const [lost, twice, total] = (["lost", "twice", "total"] as const).map((key) =>
        sum(outcomes, key).toLocaleString("en")
    );
    return `${lost} lost, ${twice} twice of ${total}`;
}

function sum(outcomes: Outcome[], key: "lost" | "twice" | "total"): number {
    return outcomes.reduce((total, outcome) => total + outcome[key], 0);
}
