/** What a benchmark is given, and what it gives. */
import type { Probe } from "./probe";

/** Who is measured. */
export type Side = "stock" | "quiet";
export const SIDES: readonly Side[] = ["stock", "quiet"];

/** One line of the table. */
export interface Row {
    what: string;
    stock: string;
    quiet: string;
    /** Stock's figure divided by ours. */
    ratio: string;
    goal?: Goal;
}

/** What must hold on any machine; CI checks it. */
export interface Goal {
    text: string;
    isMet: boolean;
}

export interface Bench {
    name: string;
    /** CI runs it: it is quick, and its rows have goals that no load can spoil. */
    isChecked?: boolean;
    run(probe: Probe): Promise<Row[]>;
}

/** Both sides' value of the same thing. */
export type BySide<T> = Record<Side, T>;

/** Ours must be less than stock's by this factor at least. */
export function ratioGoal({ stock, quiet }: BySide<number>, least: number): Goal {
    return { text: `a ratio of at least ${least}`, isMet: stock >= least * quiet };
}

/** Ours must not be more. */
export function atMost(value: number, most: number): Goal {
    return { text: `at most ${most}`, isMet: value <= most };
}

/** There must be none of ours. */
export function noneGoal({ quiet }: BySide<number>): Goal {
    return { text: "none", isMet: quiet === 0 };
}

/** A row of single numbers, which are counts unless there is a unit. */
export function numberRow(what: string, { stock, quiet }: BySide<number>, unit = ""): Row {
    const show = (value: number) => `${readable(value)}${unit && ` ${unit}`}`;
    return { what, stock: show(stock), quiet: show(quiet), ratio: ratioOf(stock, quiet) };
}

/** A row of series: median and worst. Undefined stands for what never happened. */
export function seriesRow(what: string, series: BySide<(number | undefined)[]>, unit: string): Row {
    const show = (values: (number | undefined)[]) => {
        const [middle, worst] = [median(values), percentile(values, 1)].map((it) => timeOf(it, unit));
        return middle === worst ? middle! : `${middle} (worst ${worst})`;
    };
    const [stock, quiet] = SIDES.map((side) => median(series[side]));
    return {
        what,
        stock: show(series.stock),
        quiet: show(series.quiet),
        ratio: ratioOf(stock, quiet),
    };
}

export function textRow(what: string, { stock, quiet }: BySide<string>): Row {
    return { what, stock, quiet, ratio: "" };
}

export function ratioOf(stock: number | undefined, quiet: number | undefined): string {
    if (stock === quiet) {
        return "1";
    }
    if (quiet === undefined) {
        return "0";
    }
    return stock === undefined || quiet === 0 ? "∞" : readable(stock / quiet);
}

/** The value below which the given part of the values lies; undefined counts as endless. */
export function percentile(
    values: readonly (number | undefined)[],
    part: number
): number | undefined {
    const sorted = values.toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity));
    return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

/** Of an even number of values, the mean of the two in the middle: the lower one would flatter. */
export function median(values: readonly (number | undefined)[]): number | undefined {
    const [lower, upper] = [percentile(values, 0.5), percentile(values, 0.5 + Number.EPSILON)];
    return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

export function timeOf(value: number | undefined, unit: string): string {
    return value === undefined ? "never" : `${readable(value)} ${unit}`;
}

function readable(value: number): string {
    return Number(value.toPrecision(value < 100 ? 2 : 3)).toLocaleString("en");
}

/** Both sides, one after the other. */
export async function forEachSide<T>(measure: (side: Side) => Promise<T>): Promise<BySide<T>> {
    return { stock: await measure("stock"), quiet: await measure("quiet") };
}

/** Both sides at the same time: for what is not slowed by the other. */
export async function forBothSides<T>(measure: (side: Side) => Promise<T>): Promise<BySide<T>> {
    const [stock, quiet] = await Promise.all([measure("stock"), measure("quiet")]);
    return { stock: stock as T, quiet: quiet as T };
}

/** Tells what is going on, and the raw figures. */
export function say(text: string): void {
    console.log(`# ${text}`);
}
