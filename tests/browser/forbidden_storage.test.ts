import QUnit from "qunit";
import type { Browser, Page } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow } from "../support/browser_flow";
import { launchBrowser, type Profile, Rig } from "../support/browser_rig";
import type { BrowserTab } from "../support/browser_tab";
import { expectContext, flowsTo } from "../support/browser_takeover";
import { pause, until } from "../support/browser_wait";

declare global {
    interface Window {
        /** How often the page asked the browser for an election. */
        electionCalls: number;
    }
}

/**
 * The user forbids sites to store anything (2: block). This is the browser's own block: `localStorage`
 * throws a SecurityError when it is touched, `navigator.locks.request` rejects with one, and
 * `indexedDB.open` is there but ends with an UnknownError. Channels and Workers go on working.
 */
const FORBIDDEN: Profile = {
    preferences: { profile: { default_content_setting_values: { cookies: 2 } } },
};
/** Errors of each API as the browser makes them, by their names. */
const REFUSALS = { localStorage: "SecurityError", indexedDB: "UnknownError", locks: "SecurityError" };

/** How long, in milliseconds, a tab is watched for an election that never ends. */
const WATCH_TIME = 3_000;
/** More than any tab needs, and much less than a loop would make. */
const MOST_CALLS = 4;

/** Runs in the page: counts the calls that begin an election. */
function countCalls(): void {
    window.electionCalls = 0;
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...parameters) {
        window.electionCalls++;
        return open.apply(this, parameters);
    };
    if (window.isSecureContext) {
        const { request } = LockManager.prototype;
        LockManager.prototype.request = function (
            this: LockManager,
            ...parameters: Parameters<typeof request>
        ) {
            window.electionCalls++;
            return request.apply(this, parameters);
        } as typeof request;
    }
}

QUnit.module("where the site may store nothing", () => {
    const callsOf = (tab: BrowserTab) => tab.page.evaluate(() => window.electionCalls);
    const warningsOf = (tab: BrowserTab) => tab.complaints.filter((it) => it.includes("works alone"));

    /** What the browser says to each way of storing. */
    function refusalsOf(tab: BrowserTab): Promise<Record<string, string>> {
        return tab.page.evaluate(async () => {
            const nameOf = (error: unknown) => (error as DOMException).name;
            const open = new Promise<string>((resolve) => {
                const request = indexedDB.open("probe");
                request.onsuccess = () => resolve("allowed");
                request.onerror = () => resolve(nameOf(request.error));
            });
            let localStorage = "allowed";
            try {
                window.localStorage.setItem("probe", "1");
            } catch (error) {
                localStorage = nameOf(error);
            }
            const { locks } = navigator as Partial<Navigator>;
            return {
                localStorage,
                indexedDB: await open,
                locks: locks
                    ? await locks.request("probe", () => "allowed").catch(nameOf)
                    : "missing",
            };
        });
    }

    /** Time in which the tab did something, in milliseconds, while it is watched. */
    async function watch(tab: BrowserTab): Promise<number> {
        const session = await tab.page.context().newCDPSession(tab.page);
        await session.send("Performance.enable");
        const taskTime = async () => {
            const { metrics } = await session.send("Performance.getMetrics");
            return metrics.find(({ name }) => name === "TaskDuration")!.value * 1_000;
        };
        const before = await taskTime();
        await pause(WATCH_TIME);
        return (await taskTime()) - before;
    }

    for (const isSecure of [true, false]) {
        const origin = isSecure ? "a secure context" : "plain http";

        QUnit.test(`each tab works alone, on ${origin}`, (assert) =>
            Rig.use(
                FORBIDDEN,
                async (rig) => {
                    await rig.context.addInitScript(countCalls);
                    const { server } = rig;
                    const tabs = await rig.openConnectedTabs(3);
                    await expectContext(assert, tabs[0]!, isSecure);
                    await until("a socket for each", () => server.open.size === tabs.length);
                    const flow = new Flow(server, 20);
                    await flowsTo(tabs, flow);

                    const calls = await Promise.all(tabs.map(callsOf));
                    assert.true(Math.max(...calls) <= MOST_CALLS, `few elections (${calls.join()})`);
                    const times = await Promise.all(tabs.map(watch));
                    diagnose(`alone on ${origin}: ${times.map(Math.round).join(", ")} ms of ${WATCH_TIME}`);
                    assert.true(Math.max(...times) < WATCH_TIME / 2, "the tab is mostly idle");
                    assert.deepEqual(await Promise.all(tabs.map(callsOf)), calls, "and no more");

                    const last = flow.stop();
                    await Promise.all(tabs.map((tab) => tab.untilArrived(last)));
                    for (const [index, tab] of tabs.entries()) {
                        await expectExactlyOnce(assert, tab, flow.ids, `tab ${index}`);
                        assert.true(await tab.isHost(), `tab ${index} hosts itself`);
                        assert.equal(warningsOf(tab).length, 1, `tab ${index} says it once`);
                        const others = tab.complaints.filter((it) => !it.startsWith("Quiet Bus: "));
                        assert.deepEqual(others, [], `tab ${index} has no other complaint`);
                    }
                    assert.equal(server.attempts.length, tabs.length, "one socket for each, ever");
                    const wanted = { ...REFUSALS, locks: isSecure ? REFUSALS.locks : "missing" };
                    assert.deepEqual(await refusalsOf(tabs[0]!), wanted, "all is forbidden indeed");
                },
                { isSecure }
            )
        );

        QUnit.test(`a tab can be reloaded and closed, on ${origin}`, (assert) =>
            Rig.use(
                FORBIDDEN,
                async (rig) => {
                    const { server } = rig;
                    const [tab, other] = await rig.openConnectedTabs(2);
                    await expectContext(assert, tab!, isSecure);
                    const flow = new Flow(server);
                    await flowsTo([tab!, other!], flow);
                    await tab!.page.reload();
                    await rig.untilConnected(tab!);
                    await flowsTo([tab!, other!], flow);
                    assert.equal(warningsOf(tab!).length, 2, "the new page says it as well");
                    const last = flow.stop();
                    await Promise.all([tab, other].map((it) => it!.untilArrived(last)));
                    const [first = Infinity] = await tab!.ids();
                    const wanted = flow.ids.filter((id) => id >= first);
                    await expectExactlyOnce(assert, tab!, wanted, "the reloaded tab");

                    await tab!.page.close();
                    await until("one socket", () => server.open.size === 1);
                    const afterwards = server.publish("all");
                    await other!.untilArrived(afterwards);
                    const all = [...flow.ids, afterwards];
                    await expectExactlyOnce(assert, other!, all, "the other tab");
                    assert.equal(warningsOf(other!).length, 1, "which has said it once");
                },
                { isSecure }
            )
        );
    }
});

QUnit.module("where localStorage is full", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    /** A page on the site without the bus. */
    async function openBarePage(rig: Rig): Promise<Page> {
        const page = await rig.context.newPage();
        await page.goto(`${rig.origin}/page.js`);
        return page;
    }

    /** Fills what the browser allows the site, to the last character. */
    async function fillStorage(rig: Rig): Promise<void> {
        // It stays open: what it wrote is on its way to the other processes for a while.
        const writer = await openBarePage(rig);
        await writer.evaluate(() => {
            let number = 0;
            for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2)) {
                try {
                    for (;;) {
                        localStorage.setItem(String(number), "x".repeat(size));
                        number++;
                    }
                } catch {
                    // The next one is smaller.
                }
            }
        });
        const reader = await openBarePage(rig);
        await until("a full localStorage", () => isFull(reader));
    }

    function isFull(page: Page): Promise<boolean> {
        return page.evaluate(() => {
            try {
                localStorage.setItem("probe", "1");
                localStorage.removeItem("probe");
                return false;
            } catch {
                return true;
            }
        });
    }

    for (const isSecure of [true, false]) {
        const origin = isSecure ? "a secure context" : "plain http";

        QUnit.test(`one connection serves all tabs, over takeovers as well, on ${origin}`, (assert) =>
            Rig.use(
                browser,
                async (rig) => {
                    const { server } = rig;
                    await fillStorage(rig);
                    const tabs = await rig.openConnectedTabs(4);
                    await expectContext(assert, tabs[0]!, isSecure);
                    assert.true(await isFull(tabs[0]!.page), "it is full indeed");
                    const flow = new Flow(server);
                    await flowsTo(tabs, flow);
                    assert.equal(server.attempts.length, 1, "one socket");

                    let left = tabs;
                    for (let round = 0; round < 2; round++) {
                        const host = await rig.host(left);
                        left = left.filter((tab) => tab !== host);
                        await host.page.close();
                        await rig.host(left);
                        await flowsTo(left, flow);
                    }
                    const reloaded = left[0]!;
                    await reloaded.page.reload();
                    await rig.untilConnected(reloaded);
                    await flowsTo(left, flow);
                    const last = flow.stop();
                    await Promise.all(left.map((tab) => tab.untilArrived(last)));

                    await until("one socket", () => server.open.size === 1);
                    assert.equal(server.mostOpen, 1, "one at a time");
                    await expectExactlyOnce(assert, left[1]!, flow.ids, "a tab that stayed");
                    const ids = await reloaded.ids();
                    assert.equal(ids.length, new Set(ids).size, "the reloaded tab got nothing twice");
                    const warnings = tabs.flatMap(({ complaints }) => complaints);
                    const others = warnings.filter((it) => !it.includes("localStorage"));
                    assert.deepEqual(others, [], "nobody complains of anything else");
                },
                { isSecure }
            )
        );
    }
});
