import type { BrowserTab } from "./browser_tab";
import type { FakeServer } from "./browser_server";
import type { Arrival } from "./browser_page_api";

/** Publishes notifications at a steady rate until it is stopped. */
export class Flow {
    readonly ids: number[] = [];
    readonly #timer: NodeJS.Timeout;

    constructor(server: FakeServer, rate = 50, channel = "all") {
        this.#timer = setInterval(() => this.ids.push(server.publish(channel)), 1_000 / rate);
        // A test that fails before it stops the flow must not keep the run from ending.
        this.#timer.unref();
    }

    /** Stops, and returns the id of the last notification. */
    stop(): number {
        clearInterval(this.#timer);
        return this.ids.at(-1)!;
    }
}

/** Compares what a tab got with what was published, and says in few words what is wrong. */
export async function expectExactlyOnce(
    assert: Assert,
    tab: BrowserTab,
    published: number[],
    name: string
): Promise<void> {
    const got = await tab.ids();
    const seen = new Set(got);
    const faults = {
        lost: published.filter((id) => !seen.has(id)),
        twice: got.filter((id, index) => got.indexOf(id) !== index),
        foreign: got.filter((id) => !published.includes(id)),
        outOfOrder: got.filter((id, index) => id < (got[index - 1] ?? 0)),
    };
    assert.deepEqual(faults, { lost: [], twice: [], foreign: [], outOfOrder: [] }, name);
}

/** The longest time without a notification, in milliseconds, from `since` on. */
export function largestGap(arrivals: Arrival[], since = 0): number {
    const times = arrivals.map(({ at }) => at).filter((at) => at >= since);
    const gaps = times.map((at, index) => at - (times[index - 1] ?? (since || at)));
    return Math.max(0, ...gaps);
}

export function median(values: number[]): number {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Prints a measured figure, in the form of a TAP comment. */
export function diagnose(text: string): void {
    console.log(`# ${text}`);
}
