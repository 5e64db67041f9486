import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow, largestGap } from "../support/browser_flow";
import { freeze, isFrozen, show, thaw } from "../support/browser_lifecycle";
import { launchBrowser, Rig } from "../support/browser_rig";
import type { BrowserTab } from "../support/browser_tab";
import { pause, until } from "../support/browser_wait";

const RATE = 20;
const ROUNDS = 3;
/** How long the host tab is frozen, in milliseconds. */
const FREEZE = 5_000;
/** How long all tabs are frozen, in milliseconds. */
const LONG_FREEZE = 20_000;

interface Case {
    name: string;
    /** The pages hear nothing of it. */
    isUnnoticed: boolean;
    /** The longest that the other tabs may be without notifications, in milliseconds. */
    longestGap: number;
}

const CASES: Case[] = [
    { name: "with notice", isUnnoticed: false, longestGap: 1_000 },
    { name: "without notice", isUnnoticed: true, longestGap: 3_800 },
];

/** Runs before the scripts of the page, so that these hear of neither event. */
function hushLifecycle(): void {
    for (const event of ["freeze", "resume"]) {
        document.addEventListener(event, (it) => it.stopImmediatePropagation(), { capture: true });
    }
}

/** Runs in a page: it holds a lock, and it and its Worker say often that they run. */
function holdAndTick(): void {
    void navigator.locks.request("held while frozen", () => new Promise(() => {}));
    setInterval(() => console.debug("page"), 50);
    const script = `setInterval(() => console.debug("worker"), 50)`;
    new Worker(URL.createObjectURL(new Blob([script])));
}

QUnit.module("when Chromium freezes", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());
    hooks.beforeEach((assert) => assert.timeout(90_000));

    async function useTabs(
        isUnnoticed: boolean,
        test: (rig: Rig, tabs: BrowserTab[], flow: Flow) => Promise<void>
    ): Promise<void> {
        await Rig.use(browser, async (rig) => {
            if (isUnnoticed) {
                await rig.context.addInitScript(hushLifecycle);
            }
            const tabs = await rig.openConnectedTabs(4);
            const flow = new Flow(rig.server, RATE);
            try {
                await until("a notification", () => flow.ids.length > 0);
                await test(rig, tabs, flow);
            } finally {
                flow.stop();
            }
        });
    }

    // Not of our making, but what the others build upon.
    QUnit.test("a page, its Worker stops as well, but its Web Lock stays", (assert) =>
        Rig.use(browser, async (rig) => {
            const [sleeper, onlooker] = [await rig.openTab(), await rig.openTab()];
            const ticks: string[] = [];
            const tickAgain = async () => {
                ticks.length = 0;
                await until("both tick", () => new Set(ticks).size === 2);
            };
            sleeper.page.on("console", (message) => ticks.push(message.text()));
            await sleeper.page.evaluate(holdAndTick);
            await tickAgain();

            await freeze(sleeper);
            // What was on its way.
            await pause(200);
            ticks.length = 0;
            await pause(2_000);
            assert.deepEqual(ticks, [], "neither the page nor its Worker ticks");
            const { held } = await onlooker.page.evaluate(() => navigator.locks.query());
            assert.true(held!.some(({ name }) => name === "held while frozen"));

            await thaw(sleeper);
            await tickAgain();
            await freeze(sleeper);
            await show(sleeper);
            await tickAgain();
            assert.false(await isFrozen(sleeper), "who looks at it thaws it");
        })
    );

    for (const { name, isUnnoticed, longestGap } of CASES) {
        QUnit.test(`the host tab ${name}, another takes over`, (assert) =>
            useTabs(isUnnoticed, async (rig, tabs, flow) => {
                const figures: string[] = [];
                for (let round = 0; round < ROUNDS; round++) {
                    const host = await rig.host(tabs);
                    const others = tabs.filter((tab) => tab !== host);
                    await untilUpToDate(tabs, flow);

                    const frozenAt = await freeze(host);
                    await rig.host(others);
                    const takeover = Date.now() - frozenAt;
                    await pause(FREEZE - takeover);
                    assert.true(await isFrozen(host), "it was frozen for all that time");
                    await untilUpToDate(others, flow);
                    const arrivals = await Promise.all(others.map((tab) => tab.arrivals()));
                    const gap = Math.max(...arrivals.map((it) => largestGap(it, frozenAt)));
                    assert.true(gap < longestGap, `${gap} ms without a notification`);

                    const thawedAt = await thaw(host);
                    await untilUpToDate([host], flow);
                    const recovery = Date.now() - thawedAt;
                    await until("one host tab", async () => (await hosts(tabs)).length === 1);
                    assert.false(await host.isHost(), "the thawed tab is host no more");
                    figures.push(`${takeover}/${gap}/${recovery}`);
                }
                await checkReceived(assert, rig, tabs, flow);
                for (const tab of tabs) {
                    assert.deepEqual(await breaks(tab), [], "no tab hears of it");
                    assert.deepEqual(tab.complaints, [], "none complains");
                }
                diagnose(
                    `host tab frozen ${name}: ${figures.join(", ")} ms until another is host / ` +
                        `without a notification / until the thawed tab has all; ` +
                        `most sockets at once ${rig.server.mostOpen}`
                );
            })
        );

        QUnit.test(`all tabs ${name}, nothing is lost`, (assert) =>
            useTabs(isUnnoticed, async (rig, tabs, flow) => {
                await untilUpToDate(tabs, flow);
                await Promise.all(tabs.map((tab) => freeze(tab)));
                await pause(LONG_FREEZE);
                const frozen = await Promise.all(tabs.map((tab) => isFrozen(tab)));
                assert.false(frozen.includes(false), "they were frozen for all that time");
                const since = Date.now();
                await Promise.all(tabs.map((tab) => thaw(tab)));
                await untilUpToDate(tabs, flow);
                const recovery = Date.now() - since;
                await pause(2_000);
                await checkReceived(assert, rig, tabs, flow);
                diagnose(
                    `all tabs frozen ${name} for ${LONG_FREEZE} ms: ` +
                        `${recovery} ms until all have all; sockets ever ${rig.server.sockets.length}`
                );
            })
        );
    }
});

/** Waits until the tabs have what was published last. */
async function untilUpToDate(tabs: BrowserTab[], flow: Flow): Promise<void> {
    const last = flow.ids.at(-1)!;
    await Promise.all(tabs.map((tab) => tab.untilArrived(last)));
}

async function hosts(tabs: BrowserTab[]): Promise<BrowserTab[]> {
    const answers = await Promise.all(tabs.map((tab) => tab.isHost()));
    return tabs.filter((_, index) => answers[index]);
}

/** The events that tell a tab that the connection was lost. */
async function breaks(tab: BrowserTab): Promise<string[]> {
    return (await tab.events()).filter((event) => /DISCONNECT|RECONNECT/.test(event));
}

/** Ends the flow: now each tab has all of it once and in order, and there is one connection. */
async function checkReceived(
    assert: Assert,
    { server }: Rig,
    tabs: BrowserTab[],
    flow: Flow
): Promise<void> {
    flow.stop();
    await untilUpToDate(tabs, flow);
    await until("one socket", () => server.open.size === 1);
    for (const tab of tabs) {
        await expectExactlyOnce(assert, tab, flow.ids, "each of the tabs");
    }
}
