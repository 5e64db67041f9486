import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import type { BrowserTab } from "../support/browser_tab";
import { until } from "../support/browser_wait";

QUnit.module("the master tab", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());
    hooks.beforeEach((assert) => assert.timeout(60_000));

    /** How long, in milliseconds, the browser may be without a master tab. */
    const LIMIT = 5_000;

    /** Waits until exactly one tab is master; returns it. */
    async function masterOf(tabs: BrowserTab[], timeout = LIMIT): Promise<BrowserTab> {
        let masters: BrowserTab[] = [];
        await until(
            "one master tab",
            async () => {
                const answers = await Promise.all(tabs.map((tab) => tab.isMaster()));
                masters = tabs.filter((_, index) => answers[index]);
                return masters.length === 1;
            },
            timeout
        );
        return masters[0]!;
    }

    QUnit.test("is one, and each tab that asks at load gets an answer", (assert) =>
        Rig.use(browser, async (rig) => {
            const tabs = await rig.openTabs(10, { channels: [] });
            const answers = () =>
                Promise.all(tabs.map((tab) => tab.page.evaluate(() => window.busPage.firstAnswer)));
            await until("all answers", async () => !(await answers()).includes(null), LIMIT);
            const isTrue = (await answers()).filter((answer) => answer);
            assert.equal(isTrue.length, 1, "one of them is yes");
            await masterOf(tabs);
            assert.equal(rig.server.attempts.length, 0, "no connection for the question alone");
        })
    );

    const departures: Record<string, (tab: BrowserTab) => Promise<unknown>> = {
        "is closed": (tab) => tab.page.close(),
        crashes: (tab) => tab.crash(),
    };

    for (const [name, leave] of Object.entries(departures)) {
        for (const isHost of [true, false]) {
            const kind = isHost ? "the host tab" : "not the host tab";
            QUnit.test(`is another one when it ${name} (${kind})`, (assert) =>
                Rig.use(browser, async (rig) => {
                    const tabs = await rig.openConnectedTabs(4);
                    const host = await rig.host(tabs);
                    if (isHost !== ((await masterOf(tabs)) === host)) {
                        const [wanted] = isHost ? [host] : tabs.filter((tab) => tab !== host);
                        for (const tab of tabs.filter((it) => it !== wanted)) {
                            await tab.page.evaluate(() => window.busPage.tab.resignMastership());
                        }
                        await until("the wanted master", () => wanted!.isMaster());
                        await rig.openTab();
                    }
                    const master = await masterOf(tabs);
                    assert.equal(master === host, isHost, kind);
                    const others = rig.tabs.filter((tab) => tab !== master);
                    await leave(master);
                    const leftAt = Date.now();
                    await masterOf(others);
                    diagnose(
                        `a new master tab ${Date.now() - leftAt} ms after the old one, ` +
                            `${kind}, ${name}`
                    );
                    assert.true(true, "within the limit");
                })
            );
        }
    }
});
