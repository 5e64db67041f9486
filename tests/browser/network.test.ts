import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { expectExactlyOnce } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import { until } from "../support/browser_wait";

QUnit.module("the network", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    QUnit.test("goes and comes back: the tabs see what stock tells, and lose nothing", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(3);
            const before = await Promise.all(tabs.map((tab) => tab.events()));
            const ids = [server.publish("all")];
            await Promise.all(tabs.map((tab) => tab.untilArrived(ids[0]!)));
            await rig.context.setOffline(true);
            await until("no socket", () => server.open.size === 0);
            ids.push(server.publish("all"), server.publish("all"));
            const report = await tabs[0]!.page.evaluate(() => window.busPage.tab.inquire());
            assert.equal(report?.["phase"], "idle", "no attempts while offline");
            await rig.context.setOffline(false);
            await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
            ids.push(server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));

            for (const [index, tab] of tabs.entries()) {
                const events = (await tab.events()).slice(before[index]!.length);
                assert.deepEqual(events.slice(0, 2), ["STATE DISCONNECTED", "DISCONNECT 1000"]);
                const isConnect = (event: string) => /^(RE)?CONNECT$/.test(event);
                assert.equal(events.filter(isConnect).length, 1, "one return");
                await expectExactlyOnce(assert, tab, ids, "each once");
            }
            assert.equal(server.open.size, 1, "one socket");
        })
    );
});
