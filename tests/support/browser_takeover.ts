import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow, largestGap, median } from "./browser_flow";
import { type Profile, Rig } from "./browser_rig";
import type { BrowserTab } from "./browser_tab";
import { until } from "./browser_wait";

export interface Takeover {
    /** For the diagnostics. */
    name: string;
    rounds: number;
    /** As in the options of the rig. */
    isSecure?: boolean;
    /** Most that the flow may stop in the median of the rounds, in milliseconds. */
    limit?: number;
    /** Takes the host away. */
    leave: (host: BrowserTab, rig: Rig) => Promise<unknown>;
    /** Brings it back; without it the tab is gone. */
    comeBack?: (host: BrowserTab, rig: Rig) => Promise<unknown>;
}

/** How many notifications a tab must have got before and after each change of host. */
const SETTLED = 10;

/**
 * Takes away one host after the other while notifications flow. Checks that the others get each of
 * them once and in order, and measures how long the flow stops.
 */
export async function checkTakeover(
    assert: Assert,
    browser: Browser | Profile,
    { name, rounds, isSecure = true, limit, leave, comeBack }: Takeover
): Promise<void> {
    const check = async (rig: Rig) => {
        const { server } = rig;
        // More than there are rounds: the last ones in the queue never become host.
        let candidates = await rig.openConnectedTabs(rounds + 2);
        const untouched = new Set(candidates);
        await expectContext(assert, candidates[0]!, isSecure);
        const flow = new Flow(server);
        const gaps: number[] = [];
        for (let round = 0; round < rounds; round++) {
            const host = await rig.host(candidates);
            const others = candidates.filter((tab) => tab !== host);
            await flowsTo(others, flow);
            untouched.delete(host);
            const since = Date.now();
            await leave(host, rig);
            await rig.host(others);
            await flowsTo(others, flow);
            const arrivals = await Promise.all(others.map((tab) => tab.arrivals()));
            gaps.push(Math.max(...arrivals.map((it) => largestGap(it, since))));
            if (comeBack) {
                await comeBack(host, rig);
                await flowsTo([host], flow);
            } else {
                candidates = others;
            }
        }
        const last = flow.stop();
        await Promise.all(candidates.map((tab) => tab.untilArrived(last)));
        await until("one socket", () => server.open.size === 1);

        assert.true(untouched.size > 0, "some tab was never host");
        for (const tab of candidates) {
            if (untouched.has(tab)) {
                await expectExactlyOnce(assert, tab, flow.ids, "a tab that stayed");
                assert.deepEqual(await tab.events(), await firstEvents(tab), "and saw no break");
                assert.deepEqual(tab.complaints, [], "and does not complain");
            }
        }
        for (const tab of candidates) {
            const ids = await tab.ids();
            assert.deepEqual(ids.length, new Set(ids).size, "no tab got a notification twice");
        }
        if (limit !== undefined) {
            assert.true(median(gaps) < limit, `${median(gaps)} ms without a notification`);
        }
        diagnose(
            `takeover, ${name}: ${gaps.join(", ")} ms without a notification, ` +
                `median ${median(gaps)}; most sockets at once ${server.mostOpen}`
        );
    };
    await Rig.use(browser, check, { isSecure });
}

/** Only in a secure context does the browser have locks. */
export async function expectContext(assert: Assert, tab: BrowserTab, isSecure: boolean): Promise<void> {
    const context = await tab.page.evaluate(() => ({
        isSecure: isSecureContext,
        hasLocks: (navigator as Partial<Navigator>).locks !== undefined,
    }));
    assert.deepEqual(context, { isSecure, hasLocks: isSecure }, "the kind of context");
}

/** Waits until each of the tabs has got some of what was published after this moment. */
export async function flowsTo(tabs: BrowserTab[], flow: Flow): Promise<void> {
    const start = flow.ids.length;
    await until("notifications in all tabs", async () => {
        const arrived = await Promise.all(tabs.map((tab) => tab.ids()));
        return arrived.every((ids) => {
            const fresh = flow.ids.slice(start);
            return fresh.filter((id) => ids.includes(id)).length >= SETTLED;
        });
    });
}

/** The events of the first connection, the only ones that a takeover leaves to see. */
async function firstEvents(tab: BrowserTab): Promise<string[]> {
    const events = await tab.events();
    const end = events.indexOf("STATE CONNECTED") + 1;
    return events.slice(0, events[end] === "CONNECT" ? end + 1 : end);
}
