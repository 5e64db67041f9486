import { hostOf, type Tab } from "../../support/e2e_browser";
import { PROBE_TYPE } from "../../support/e2e_odoo";
import { type Bench, type BySide, percentile, ratioOf, type Row, say, SIDES } from "../bench";
import { withTabs } from "../browser";
import type { Probe } from "../probe";

const BATCHES = 2;
const BATCH = 50;
const INTERVAL = 40;

interface Delays {
    /** In the tab that runs the shared part. */
    host: number[];
    other: number[];
}

/** From the commit at the server to the subscriber in the page. */
export const latency: Bench = {
    name: "latency",
    async run(probe) {
        const delays: BySide<Delays> = {
            stock: { host: [], other: [] },
            quiet: { host: [], other: [] },
        };
        // In turns, so that what else goes on hits both.
        for (let batch = 0; batch < BATCHES; batch++) {
            for (const side of SIDES) {
                await withTabs(probe, side, { tabs: 2 }, async (tabs) => {
                    const host = side === "stock" ? tabs[0]! : await hostOf(tabs);
                    const other = tabs.find((tab) => tab !== host)!;
                    await measure(probe, host, other, delays[side]);
                });
                await probe.server.waitForSockets(0);
            }
        }
        return [
            row("host tab", { stock: delays.stock.host, quiet: delays.quiet.host }),
            row("another tab", { stock: delays.stock.other, quiet: delays.quiet.other }),
        ];
    },
};

async function measure(probe: Probe, host: Tab, other: Tab, delays: Delays): Promise<void> {
    await probe.server.waitForSubscribed(1);
    // The pages are still busy with their start.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const tabs = [host, other];
    await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
    const commits = await probe.sendTimed(BATCH, INTERVAL);
    await Promise.all(tabs.map((tab) => tab.waitForCount(BATCH)));
    for (const [tab, list] of [[host, delays.host], [other, delays.other]] as const) {
        const { numbers, times } = await tab.received();
        const batch = numbers.map((number, index) => times[index]! - commits[number]!);
        say(`latency: ${batch.map((delay) => delay.toFixed()).join(" ")} ms`);
        list.push(...batch);
    }
}

function row(where: string, delays: BySide<number[]>): Row {
    const show = (values: number[]) => {
        const [median, high] = [0.5, 0.95].map((part) => percentile(values, part)!.toFixed(1));
        return `${median} ms (p95 ${high} ms)`;
    };
    return {
        what: `commit to subscriber, ${where}`,
        stock: show(delays.stock),
        quiet: show(delays.quiet),
        ratio: ratioOf(percentile(delays.stock, 0.5), percentile(delays.quiet, 0.5)),
    };
}
