/** What a fault is. */
import type { Tab } from "../../../support/e2e_browser";
import type { ProbedOdoo } from "../../../support/e2e_odoo";
import type { Side } from "../../bench";
import { catchUpTime, flowTime, largestGap, takeoverTime } from "./figures";
import type { Sent } from "./ledger";
import type { PageLog } from "./page_log";
import type { Scene } from "./scene";

/** How a fault struck one browser. */
export interface Strike {
    /** When the time that is measured begins. */
    at: number;
    /** When the fault is over. */
    until: number;
    /** The tabs in which it is measured: the slowest counts. */
    survivors: Tab[];
    /** The tabs that must have everything in the end. */
    witnesses: Tab[];
    /** What there is to say of it. */
    remark?: string;
}

/** Reads a duration in milliseconds off the log of a tab; undefined when it never ended. */
export type Measure = (log: PageLog, strike: Strike, sent: Sent, side: Side) => number | undefined;

export interface Fault {
    name: string;
    /** As in the table. */
    what: string;
    /** What the duration is. */
    figure: string;
    measure: Measure;
    /** The hub must be in another tab afterwards. */
    takesHost?: boolean;
    /** The tabs can't be used for another round. */
    isFatal?: boolean;
    /** So short that each browser is played by itself: they would only measure each other. */
    isBrief?: boolean;
    /** The way to the server leads through a proxy that can fail. */
    isProxied?: boolean;
    rounds: number;
    /** How long notifications are sent after it struck, in milliseconds. */
    lasts: number;
    /** How long what is missing is waited for after the last notification, in milliseconds. */
    rest: number;
    /** Strikes all scenes at the same time; throws if it did not really happen. */
    strike: (scenes: Scene[], server: ProbedOdoo) => Promise<Strike[]>;
}

/** A fault that strikes each browser by itself. */
export function inEach(strike: (scene: Scene) => Promise<Strike>): Fault["strike"] {
    return (scenes) => Promise.all(scenes.map(strike));
}

const since = (begin: number, time: number | undefined) => time && time - begin;

/** Until another host brings notifications; stock has none, and just goes on or not. */
export const untilTakenOver: Measure = (log, { at }, sent, side) =>
    since(at, side === "quiet" ? takeoverTime(log, at) : flowTime(log, sent, at));

/** Until notifications flow. */
export const untilFlow: Measure = (log, { at }, sent) => since(at, flowTime(log, sent, at));

/** Until all that was missed is there. */
export const untilComplete: Measure = (log, { at }, sent) => since(at, catchUpTime(log, sent, at));

/** The longest time without a notification while the fault lasts. */
export const longestPause: Measure = (log, { at, until }) => largestGap(log, at, until);

export function sleep(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
