import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import type { BrowserTab } from "../support/browser_tab";
import { expectContext, flowsTo } from "../support/browser_takeover";
import { until } from "../support/browser_wait";

/** What a page is told that has to give way. */
const FAREWELL = ["STATE DISCONNECTED", "DISCONNECT 1000", "OUTDATED"];
/** Well below the 3 s of silence after which a host that does not leave would be replaced. */
const PROMPT_LIMIT = 2_500;

const CASES = [
    { title: "after an upgrade", older: "1", newer: "2", isSecure: true },
    { title: "after an upgrade that was taken back", older: "2", newer: "1", isSecure: true },
    { title: "after an upgrade, on plain http", older: "1", newer: "2", isSecure: false },
];

QUnit.module("pages of two releases", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    async function untilOutdated(tab: BrowserTab): Promise<void> {
        await until("OUTDATED", async () => (await tab.events()).includes("OUTDATED"));
    }

    /** The page was connected, was told once to give way, and nothing after that. */
    async function expectGoneWay(assert: Assert, tab: BrowserTab, name: string): Promise<void> {
        const events = await tab.events();
        assert.deepEqual(events.slice(-FAREWELL.length), FAREWELL, `${name} is told at last`);
        assert.equal(events.filter((it) => it === "OUTDATED").length, 1, `${name} is told once`);
        assert.false(await tab.isHost(), `${name} is no host`);
        assert.false(await tab.isMaster(), `${name} is not the master tab`);
        assert.deepEqual(tab.complaints, [], `${name} does not complain`);
    }

    /** The page got all from its first notification on. */
    async function expectNoHole(assert: Assert, tab: BrowserTab, flow: Flow): Promise<void> {
        const [first = Infinity] = await tab.ids();
        const wanted = flow.ids.filter((id) => id >= first);
        assert.true(wanted.length > 0, "the page got something");
        await expectExactlyOnce(assert, tab, wanted, "a page of the newer release");
    }

    for (const { title, older, newer, isSecure } of CASES) {
        QUnit.test(`${title}: the older ones give way, and the newer ones serve themselves`, (assert) =>
            Rig.use(
                browser,
                async (rig) => {
                    const { server } = rig;
                    const oldTabs = await rig.openConnectedTabs(3, { build: older });
                    await expectContext(assert, oldTabs[0]!, isSecure);
                    const flow = new Flow(server);
                    await flowsTo(oldTabs, flow);

                    const first = await rig.openTab({ build: newer });
                    await rig.host([first]);
                    await rig.untilConnected(first);
                    const loadedAt = await first.page.evaluate(() => performance.timeOrigin);
                    const duration = Math.round(Date.now() - loadedAt);
                    await Promise.all(oldTabs.map(untilOutdated));
                    await flowsTo([first], flow);
                    await until("one socket", () => server.open.size === 1);
                    const second = await rig.openTab({ build: newer });
                    await flowsTo([first, second], flow);
                    const last = flow.stop();
                    await Promise.all([first, second].map((tab) => tab.untilArrived(last)));

                    diagnose(`${title}: the newer page is connected ${duration} ms after the start of its load`);
                    assert.true(duration < PROMPT_LIMIT, `at once (${duration} ms)`);
                    for (const [index, tab] of oldTabs.entries()) {
                        await expectGoneWay(assert, tab, `old tab ${index}`);
                    }
                    assert.equal(server.open.size, 1, "one socket");
                    assert.equal(server.attempts.length, 2, "one of each release");
                    assert.true(await first.isHost(), "the first page of the newer release serves");
                    assert.false(await second.isHost(), "the next one joins it");
                    for (const tab of [first, second]) {
                        await expectNoHole(assert, tab, flow);
                        assert.false((await tab.events()).includes("OUTDATED"), "nobody else goes");
                        assert.deepEqual(tab.complaints, [], "no complaint");
                    }
                },
                { isSecure }
            )
        );

        QUnit.test(`${title}: an older one that comes back from the cache gives way`, (assert) =>
            Rig.use(
                browser,
                async (rig) => {
                    const { server } = rig;
                    const [away] = await rig.openConnectedTabs(1, { build: older });
                    const flow = new Flow(server);
                    await flowsTo([away!], flow);
                    await away!.page.goto("about:blank");
                    await until("it has left", () => server.open.size === 0);
                    const newTabs = await rig.openConnectedTabs(2, { build: newer });
                    await expectContext(assert, newTabs[0]!, isSecure);
                    await flowsTo(newTabs, flow);
                    const host = await rig.host(newTabs);
                    // A page from the cache never fires `load` again.
                    await away!.page.goBack({ waitUntil: "commit" });
                    await untilOutdated(away!);
                    await flowsTo(newTabs, flow);
                    const last = flow.stop();
                    await Promise.all(newTabs.map((tab) => tab.untilArrived(last)));

                    const isRestored = await away!.page.evaluate(() => window.busPage.isRestored);
                    assert.true(isRestored, "the page comes from the cache");
                    await expectGoneWay(assert, away!, "the page that comes back");
                    const ids = await away!.ids();
                    assert.equal(ids.length, new Set(ids).size, "it got nothing twice");
                    assert.true(await host.isHost(), "the host stays");
                    assert.equal(server.open.size, 1, "one socket");
                    assert.equal(server.attempts.length, 2, "and nobody connected for the page");
                    for (const tab of newTabs) {
                        await expectNoHole(assert, tab, flow);
                        assert.deepEqual(tab.complaints, [], "no complaint");
                    }
                },
                { isSecure }
            )
        );
    }
});
