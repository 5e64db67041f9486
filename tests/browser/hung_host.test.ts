import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow, largestGap } from "../support/browser_flow";
import { rendererOf } from "../support/browser_process";
import { launchBrowser, Rig } from "../support/browser_rig";
import { until } from "../support/browser_wait";

QUnit.module("a host tab whose process hangs", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    for (const [title, stoppedFor] of [
        ["is replaced, and steps down when it wakes", 8_000],
        ["is left alone when it was only slow", 1_500],
    ] as const) {
        QUnit.test(title, (assert) =>
            Rig.use(browser, async (rig) => {
                const tabs = await rig.openConnectedTabs(4);
                const host = await rig.host(tabs);
                const others = tabs.filter((tab) => tab !== host);
                const renderer = await rendererOf(browser, host);
                const flow = new Flow(rig.server, 20);
                await host.untilArrived(1);
                const since = Date.now();
                process.kill(renderer, "SIGSTOP");
                try {
                    await new Promise((resolve) => setTimeout(resolve, stoppedFor));
                } finally {
                    process.kill(renderer, "SIGCONT");
                }
                const last = flow.stop();
                await Promise.all([host, ...others].map((tab) => tab.untilArrived(last)));

                const isReplaced = stoppedFor > 3_500;
                assert.equal(await host.isHost(), !isReplaced);
                await until("one socket", async () => rig.server.open.size === 1);
                for (const tab of others) {
                    const gap = largestGap(await tab.arrivals(), since);
                    diagnose(`host stopped for ${stoppedFor} ms: ${gap} ms without a notification`);
                    assert.true(gap < 3_800, `${gap} ms`);
                    await expectExactlyOnce(assert, tab, flow.ids, "another tab");
                    const events = await tab.events();
                    assert.deepEqual(
                        events.filter((event) => /DISCONNECT|RECONNECT/.test(event)),
                        [],
                        "no word of it"
                    );
                }
                const got = [...(await host.ids())].sort((a, b) => a - b);
                assert.deepEqual(got, flow.ids, "the tab that hung has everything, once");
            })
        );
    }
});
