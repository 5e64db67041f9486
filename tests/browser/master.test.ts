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

    async function checkSuccession(
        assert: Assert,
        rig: Rig,
        leave: (tab: BrowserTab) => Promise<unknown>,
        isHost: boolean,
        name: string
    ): Promise<void> {
        const tabs = await rig.openConnectedTabs(4);
        const host = await rig.host(tabs);
        const wanted = isHost ? host : tabs.find((tab) => tab !== host)!;
        for (const tab of tabs.filter((it) => it !== wanted)) {
            await tab.page.evaluate(() => window.busPage.tab.resignMastership());
        }
        await until("the wanted master", () => wanted.isMaster());
        const heirs = await Promise.all([rig.openTab(), rig.openTab()]);
        assert.equal(await masterOf(rig.tabs), wanted, `${name}: it stays while others come`);
        await leave(wanted);
        const leftAt = Date.now();
        const heir = await masterOf(rig.tabs.filter((tab) => tab !== wanted));
        assert.true(heirs.includes(heir), `${name}: another one that may`);
        diagnose(`a new master tab ${Date.now() - leftAt} ms after the old one: ${name}`);
    }

    QUnit.test("is another one when it goes", async (assert) => {
        // At the same time: each waits for the hub to miss a tab.
        const checks = Object.entries(departures).flatMap(([departure, leave]) =>
            [true, false].map((isHost) => {
                const name = `${isHost ? "the host tab" : "not the host tab"} ${departure}`;
                return Rig.use(browser, (rig) =>
                    checkSuccession(assert, rig, leave, isHost, name)
                );
            })
        );
        await Promise.all(checks);
    });

    QUnit.test("may be one that was in the back/forward cache", (assert) =>
        Rig.use(browser, async (rig) => {
            const tabs = await rig.openConnectedTabs(2);
            const first = await masterOf(tabs);
            const second = tabs.find((tab) => tab !== first)!;
            await first.page.goto("about:blank");
            assert.equal(await masterOf([second]), second);
            await first.page.goBack({ waitUntil: "commit" });
            assert.true(await first.page.evaluate(() => window.busPage.isRestored));
            assert.equal(await masterOf(tabs), second, "it comes back, and the other one remains");
            await second.page.close();
            assert.equal(await masterOf([first]), first);
        })
    );
});
