/** What is read from the log of a page. */
import type { Sent } from "./ledger";
import type { Arrival, PageLog } from "./page_log";

/** More than half of what is sent in a second. */
const FLOW = 10;

/** What a tab has too little and too much of what was sent. */
export interface Losses {
    lost: number;
    twice: number;
    total: number;
}

export function lossesOf({ arrivals }: PageLog, sent: Sent): Losses {
    const ids = arrivals.map(({ id }) => id).filter((id) => sent.has(id));
    const distinct = new Set(ids).size;
    return { lost: sent.size - distinct, twice: ids.length - distinct, total: sent.size };
}

/** When the notifications sent after a moment begin to flow; undefined when they never do. */
export function flowTime({ arrivals }: PageLog, sent: Sent, since: number): number | undefined {
    return beginOfFlow(arrivals.filter(({ id }) => (sent.get(id) ?? -Infinity) >= since));
}

/** When the hub after the one of this moment brings notifications; undefined when it never does. */
export function takeoverTime({ arrivals }: PageLog, since: number): number | undefined {
    const before = arrivals.findLast(({ at }) => at < since)?.term ?? 0;
    return beginOfFlow(arrivals.filter(({ at, term }) => at >= since && term > before));
}

/** One that was on its way is no flow. */
function beginOfFlow(arrivals: Arrival[]): number | undefined {
    return arrivals.find(({ at: begin }) => {
        const next = arrivals.filter(({ at }) => at >= begin && at < begin + 1_000);
        return next.length > FLOW;
    })?.at;
}

/** When all that was sent before a moment is there; undefined when some of it never is. */
export function catchUpTime({ arrivals }: PageLog, sent: Sent, moment: number): number | undefined {
    const arrivedAt = new Map(arrivals.toReversed().map(({ id, at }) => [id, at]));
    const missed = [...sent].filter(([, sentAt]) => sentAt < moment).map(([id]) => id);
    return missed.every((id) => arrivedAt.has(id))
        ? Math.max(moment, ...missed.map((id) => arrivedAt.get(id)!))
        : undefined;
}

/** The longest time without a notification that overlaps the period, in milliseconds. */
export function largestGap({ arrivals }: PageLog, from: number, to: number): number | undefined {
    const times = arrivals.map(({ at }) => at);
    const gaps = times
        .slice(1)
        .map((end, index) => ({ begin: times[index]!, end }))
        .filter(({ begin, end }) => end > from && begin < to);
    const isOver = times.some((time) => time >= to);
    return isOver ? Math.max(...gaps.map(({ begin, end }) => end - begin)) : undefined;
}
