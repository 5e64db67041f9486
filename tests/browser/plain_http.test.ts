import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { GENERATION } from "../../static/src/host/database_election";
import { diagnose, expectExactlyOnce, Flow, largestGap, median } from "../support/browser_flow";
import { keepBusy, rendererOf } from "../support/browser_process";
import { launchBrowser, type Profile, Rig } from "../support/browser_rig";
import type { BrowserTab } from "../support/browser_tab";
import { checkTakeover, expectContext, flowsTo, type Takeover } from "../support/browser_takeover";
import { until } from "../support/browser_wait";

/** Most that the flow may stop, in milliseconds, where nobody has to wait for a silence of 3 s. */
const PROMPT_LIMIT = 1_800;
/** That silence, the spread of the reactions, and what a loaded machine takes to act on it. */
const SILENCE_LIMIT = 5_000;

const ON_DISK: Profile = { preferences: {} };

const TAKEOVERS: Takeover[] = [
    { name: "closed", rounds: 5, leave: (host) => host.page.close() },
    { name: "crashed", rounds: 5, limit: 1_500, leave: (host) => host.crash() },
    {
        name: "reloaded",
        rounds: 5,
        leave: (host) => host.page.reload(),
        comeBack: (host, rig) => rig.untilConnected(host),
    },
];

QUnit.module("on plain http", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    const usePlainHttp = (test: (rig: Rig) => Promise<void>) =>
        Rig.use(browser, test, { isSecure: false });

    async function openTabs(assert: Assert, rig: Rig, count: number): Promise<BrowserTab[]> {
        const tabs = await rig.openConnectedTabs(count);
        await expectContext(assert, tabs[0]!, false);
        return tabs;
    }

    /** Which database the host holds: a new one is begun only when a silent host is replaced. */
    async function generationOf(tab: BrowserTab): Promise<number> {
        const term = await tab.page.evaluate(() => localStorage.getItem("bus_quiet.main.term"));
        return Math.floor(Number(term) / GENERATION);
    }

    /** Waits until the browser has the tab's wish to be host: it serves them in their order. */
    async function untilCandidate(tab: BrowserTab): Promise<void> {
        await tab.page.evaluate(
            () =>
                new Promise((resolve) => {
                    indexedDB.open("probe").onsuccess = resolve;
                })
        );
    }

    async function comeBack(tab: BrowserTab): Promise<void> {
        // A page from the cache never fires `load` again.
        await tab.page.goBack({ waitUntil: "commit" });
        await until("the page", () => tab.page.evaluate(() => "busPage" in window));
    }

    const isRestored = (tab: BrowserTab) => tab.page.evaluate(() => window.busPage.isRestored);

    const without = (tabs: BrowserTab[], gone: BrowserTab) => tabs.filter((tab) => tab !== gone);

    /** The longest pause in any of the tabs, in milliseconds. */
    async function longestPause(tabs: BrowserTab[], since: number): Promise<number> {
        const gaps = tabs.map(async (tab) => largestGap(await tab.arrivals(), since));
        return Math.max(...(await Promise.all(gaps)));
    }

    /** Closes one host after the other until a single tab is left. */
    async function closeHosts(
        tabs: BrowserTab[],
        flow: Flow,
        rig: Rig
    ): Promise<{ left: BrowserTab; pauses: number[] }> {
        const pauses: number[] = [];
        let left = tabs;
        while (left.length > 1) {
            const host = await rig.host(left);
            left = without(left, host);
            await flowsTo(left, flow);
            const since = Date.now();
            await host.page.close();
            await rig.host(left);
            await flowsTo(left, flow);
            pauses.push(await longestPause(left, since));
        }
        return { left: left[0]!, pauses };
    }

    /**
     * Stops the flow; each of the tabs must have got all of it.
     *
     * @param earlier what was published before it, to the same tabs
     */
    async function expectAll(
        assert: Assert,
        tabs: BrowserTab[],
        flow: Flow,
        earlier: number[] = []
    ): Promise<void> {
        const last = flow.stop();
        await Promise.all(tabs.map((tab) => tab.untilArrived(last)));
        for (const [index, tab] of tabs.entries()) {
            await expectExactlyOnce(assert, tab, [...earlier, ...flow.ids], `tab ${index}`);
        }
    }

    /** The subscribers of the tabs know nothing of what happened. */
    async function expectNoBreak(assert: Assert, tabs: BrowserTab[]): Promise<void> {
        for (const tab of tabs) {
            const events = await tab.events();
            const breaks = events.filter((event) => /DISCONNECT|RECONNECT/.test(event));
            assert.deepEqual(breaks, [], "no word of it");
        }
    }

    function expectNoComplaint(assert: Assert, tabs: BrowserTab[]): void {
        tabs.forEach(({ complaints }) => assert.deepEqual(complaints, [], "no complaint"));
    }

    QUnit.test("one connection serves four tabs", (assert) =>
        usePlainHttp(async (rig) => {
            const tabs = await openTabs(assert, rig, 4);
            const ids = Array.from({ length: 100 }, () => rig.server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
            for (const [index, tab] of tabs.entries()) {
                await expectExactlyOnce(assert, tab, ids, `tab ${index}`);
            }
            expectNoComplaint(assert, tabs);
            const hosts = await Promise.all(tabs.map((tab) => tab.isHost()));
            assert.equal(hosts.filter(Boolean).length, 1, "one host");
            assert.equal(rig.server.attempts.length, 1, "one socket, ever");
        })
    );

    for (const takeover of TAKEOVERS) {
        QUnit.test(`another tab takes over when the host tab is ${takeover.name}`, (assert) =>
            checkTakeover(assert, browser, {
                limit: PROMPT_LIMIT,
                ...takeover,
                name: `${takeover.name} on plain http`,
                isSecure: false,
            })
        );
    }

    QUnit.test("another tab takes over from one that goes into the back/forward cache", async (assert) => {
        const returns: boolean[] = [];
        await checkTakeover(assert, browser, {
            name: "navigated away on plain http",
            rounds: 5,
            limit: PROMPT_LIMIT,
            isSecure: false,
            leave: (host) => host.page.goto("about:blank"),
            comeBack: async (host, rig) => {
                await comeBack(host);
                returns.push(await isRestored(host));
                await rig.untilConnected(host);
            },
        });
        // A page that holds a database when the browser puts it there may be dropped and loaded anew: it
        // hears that it goes only after the browser has counted it in. Both ways have to work.
        const restored = returns.filter(Boolean).length;
        diagnose(`back from the cache on plain http: ${restored} of ${returns.length}, the others anew`);
    });

    QUnit.test("another tab takes over where the database is on disk", (assert) =>
        checkTakeover(assert, ON_DISK, {
            name: "closed on plain http, with a profile on disk",
            rounds: 5,
            limit: PROMPT_LIMIT,
            isSecure: false,
            leave: (host) => host.page.close(),
        })
    );

    QUnit.test("a host that hangs is replaced, and is a candidate when it wakes", (assert) =>
        usePlainHttp(async (rig) => {
            const tabs = await openTabs(assert, rig, 4);
            const host = await rig.host(tabs);
            const others = without(tabs, host);
            const renderer = await rendererOf(browser, host);
            const flow = new Flow(rig.server, 20);
            await flowsTo(tabs, flow);
            const since = Date.now();
            process.kill(renderer, "SIGSTOP");
            try {
                await rig.host(others);
                await flowsTo(others, flow);
            } finally {
                process.kill(renderer, "SIGCONT");
            }
            const gap = await longestPause(others, since);
            diagnose(`hung host on plain http: ${gap} ms without a notification`);
            assert.true(gap < SILENCE_LIMIT, `${gap} ms`);
            const generation = await generationOf(others[0]!);
            assert.true(generation > 0, "by a new generation");
            await until("the one that woke to step down", async () => !(await host.isHost()));
            await flowsTo(tabs, flow);
            await until("one socket", () => rig.server.open.size === 1);
            await expectAll(assert, tabs, flow);
            await expectNoBreak(assert, others);
            expectNoComplaint(assert, tabs);

            const next = new Flow(rig.server, 20);
            const { left, pauses } = await closeHosts(tabs, next, rig);
            diagnose(`hosts closed after that: ${pauses.join(", ")} ms, median ${median(pauses)}`);
            assert.true(median(pauses) < PROMPT_LIMIT, `${median(pauses)} ms`);
            assert.equal(await generationOf(left), generation, "all were candidates in it");
            await expectAll(assert, [left], next, flow.ids);
        })
    );

    QUnit.test("a busy host tab does not hold up the others", (assert) =>
        usePlainHttp(async (rig) => {
            const tabs = await openTabs(assert, rig, 3);
            const host = await rig.host(tabs);
            const others = without(tabs, host);
            const flow = new Flow(rig.server);
            await flowsTo(tabs, flow);
            const since = Date.now();
            await keepBusy(host, 5_000);
            await expectAll(assert, tabs, flow);
            const gap = await longestPause(others, since);
            diagnose(`busy host on plain http: ${gap} ms without a notification in another tab`);
            assert.true(gap < PROMPT_LIMIT, `no pause in another tab (${gap} ms)`);
            assert.true((await longestPause([host], since)) > 4_000, "it was busy indeed");
            assert.true(await host.isHost(), "it stays the host");
            assert.equal(rig.server.attempts.length, 1, "one socket, ever");
        })
    );

    QUnit.test("candidates come back from the back/forward cache as such", (assert) =>
        usePlainHttp(async (rig) => {
            const tabs = await openTabs(assert, rig, 4);
            const host = await rig.host(tabs);
            const others = without(tabs, host);
            const flow = new Flow(rig.server);
            await flowsTo(tabs, flow);
            await Promise.all(others.map((tab) => tab.page.goto("about:blank")));
            await flowsTo([host], flow);
            for (const tab of others) {
                await comeBack(tab);
                assert.true(await isRestored(tab), "the page comes from the cache");
            }
            await flowsTo(tabs, flow);
            assert.true(await host.isHost(), "the host stays");
            assert.equal(rig.server.attempts.length, 1, "one socket so far");

            const { left, pauses } = await closeHosts(tabs, flow, rig);
            diagnose(`hosts closed after a return from the cache: ${pauses.join(", ")} ms`);
            assert.equal(await generationOf(left), 0, "nobody had to wait for a silence");
            await expectAll(assert, [left], flow);
            expectNoComplaint(assert, tabs);
            await until("one socket", () => rig.server.open.size === 1);
        })
    );

    /**
     * Closes the host when the next one in the queue is in the back/forward cache.
     *
     * @param check gets the tab that takes over
     */
    async function passOverCached(
        assert: Assert,
        check: (heir: BrowserTab, gap: number) => Promise<void>
    ): Promise<void> {
        await usePlainHttp(async (rig) => {
            const [host] = await openTabs(assert, rig, 1);
            const [cached] = await rig.openConnectedTabs(1);
            await untilCandidate(cached!);
            const [heir] = await rig.openConnectedTabs(1);
            await untilCandidate(heir!);
            const flow = new Flow(rig.server);
            await flowsTo([host!, cached!, heir!], flow);
            await cached!.page.goto("about:blank");
            await flowsTo([host!, heir!], flow);
            const since = Date.now();
            await host!.page.close();
            await flowsTo([heir!], flow);
            const gap = await longestPause([heir!], since);
            await check(heir!, gap);

            await comeBack(cached!);
            await rig.untilConnected(cached!);
            await flowsTo([cached!, heir!], flow);
            const ids = await cached!.ids();
            assert.equal(ids.length, new Set(ids).size, "the one that comes back gets nothing twice");
            await expectNoBreak(assert, [heir!, cached!]);
            expectNoComplaint(assert, [heir!, cached!]);
            await heir!.page.close();
            await rig.host([cached!]);
            await flowsTo([cached!], flow);
            await until("one socket", () => rig.server.open.size === 1);
            assert.equal(rig.server.mostOpen, 1, "one at a time");
        });
    }

    QUnit.test("a candidate in the back/forward cache holds up nobody for good", (assert) =>
        passOverCached(assert, async (heir, gap) => {
            diagnose(`passed over a candidate in the back/forward cache: ${gap} ms`);
            assert.true(gap < SILENCE_LIMIT, `${gap} ms`);
            await until("the host", () => heir.isHost());
        })
    );

    const CLEARINGS = [
        { title: "the databases", storageTypes: "indexeddb", where: () => browser },
        { title: "all that the site stored", storageTypes: "all", where: () => ON_DISK },
    ];

    for (const { title, storageTypes, where } of CLEARINGS) {
        // The browser aborts what the candidates wait for, and never again answers where they asked.
        QUnit.test(`when the user clears ${title}, one connection still serves all`, (assert) =>
            Rig.use(
                where(),
                async (rig) => {
                    const tabs = await openTabs(assert, rig, 4);
                    await Promise.all(tabs.map(untilCandidate));
                    const before = new Flow(rig.server);
                    await flowsTo(tabs, before);
                    const since = Date.now();
                    const session = await rig.context.newCDPSession(tabs[0]!.page);
                    for (let round = 0; round < 2; round++) {
                        const { origin } = rig;
                        await session.send("Storage.clearDataForOrigin", { origin, storageTypes });
                        await flowsTo(tabs, before);
                    }
                    await expectAll(assert, tabs, before);
                    const gap = await longestPause(tabs, since);
                    diagnose(`${title} cleared on plain http: ${gap} ms without a notification`);
                    assert.true(gap < PROMPT_LIMIT, `${gap} ms`);
                    await expectNoBreak(assert, tabs);
                    await until("one socket", () => rig.server.open.size === 1);
                    assert.equal(rig.server.mostOpen, 1, "one at a time");

                    const flow = new Flow(rig.server);
                    const { left, pauses } = await closeHosts(tabs, flow, rig);
                    diagnose(`hosts closed after that: ${pauses.join(", ")} ms`);
                    assert.true(median(pauses) < PROMPT_LIMIT, `${median(pauses)} ms`);
                    assert.equal(await generationOf(left), 0, "all were candidates");
                    await expectAll(assert, [left], flow, before.ids);
                    expectNoComplaint(assert, tabs);
                },
                { isSecure: false }
            )
        );
    }
});
