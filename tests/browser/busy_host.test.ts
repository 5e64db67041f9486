import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow, largestGap } from "../support/browser_flow";
import { keepBusy } from "../support/browser_process";
import { launchBrowser, Rig } from "../support/browser_rig";

QUnit.module("a busy host tab", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    /** How long the main thread of the host tab is blocked, in milliseconds. */
    const BUSY_TIME = 5_000;

    QUnit.test("does not hold up the others, and misses nothing", (assert) =>
        Rig.use(browser, async (rig) => {
            const tabs = await rig.openConnectedTabs(3);
            const host = await rig.host(tabs);
            const others = tabs.filter((tab) => tab !== host);
            const flow = new Flow(rig.server);
            await host.untilArrived(1);
            const since = Date.now();
            await keepBusy(host, BUSY_TIME);
            const last = flow.stop();
            await Promise.all(tabs.map((tab) => tab.untilArrived(last)));

            for (const tab of others) {
                const gap = largestGap(await tab.arrivals(), since);
                diagnose(`busy host: ${gap} ms without a notification in another tab`);
                // Tens of milliseconds on an idle machine; others may use it at the same time.
                assert.true(gap < 1_800, `no pause in another tab (${gap} ms)`);
                await expectExactlyOnce(assert, tab, flow.ids, "another tab");
            }
            await expectExactlyOnce(assert, host, flow.ids, "the busy tab");
            assert.true(largestGap(await host.arrivals(), since) > 4_000, "it was busy indeed");
            assert.equal(rig.server.attempts.length, 1, "one socket, ever");
        })
    );
});
