import QUnit from "qunit";
import { hostOf, type Profile, profileOf, range, type Tab } from "../support/e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, sharedOdoo } from "../support/e2e_odoo";

const MESSAGES = 80;
/** 20 messages/s. */
const INTERVAL = 50;
/** Received in each tab when the host tab goes. */
const BEFORE = 20;
/** Longest silence, in milliseconds, that the user may notice. */
const LONGEST_GAP = 3_000;

QUnit.module("handover while messages flow", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile;
    let tabs: Tab[];

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        profile = await profileOf("marc", server);
        tabs = await profile.openTabs(4);
        await Promise.all(tabs.map((tab) => tab.waitForConnected()));
        await server.waitForSubscribed(1);
        await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
    });

    hooks.afterEach(() => profile.close());

    /** Removes the host tab in the middle of the stream; returns the others. */
    async function loseHost(lose: (host: Tab) => Promise<void>): Promise<Tab[]> {
        const host = await hostOf(tabs);
        const others = tabs.filter((tab) => tab !== host);
        await server.sendSteadily("marc", MESSAGES, INTERVAL);
        await Promise.all(others.map((tab) => tab.waitForCount(BEFORE)));
        await lose(host);
        await Promise.all(others.map((tab) => tab.waitForCount(MESSAGES, 15_000)));
        return others;
    }

    async function assertSeamless(assert: Assert, others: Tab[], what: string): Promise<void> {
        const gaps: number[] = [];
        for (const [index, tab] of others.entries()) {
            const { numbers, times, events } = await tab.received();
            assert.deepEqual(numbers, range(MESSAGES), `tab ${index + 1}: none lost, none twice`);
            assert.deepEqual(events, [], `tab ${index + 1} noticed nothing`);
            gaps.push(Math.max(...times.slice(1).map((time, before) => time - times[before]!)));
        }
        console.log(`# ${what}: longest gap per tab ${gaps.join(", ")} ms`);
        assert.true(Math.max(...gaps) < LONGEST_GAP, `gaps: ${gaps.join(", ")} ms`);
        await server.waitForSockets(1);
        await hostOf(others);
    }

    QUnit.test("the host tab is closed", async (assert) => {
        const others = await loseHost((host) => host.page.close());
        await assertSeamless(assert, others, "host tab closed");
    });

    QUnit.test("the host tab goes elsewhere, and comes back", async (assert) => {
        let left!: Tab;
        const others = await loseHost(async (host) => {
            left = host;
            await host.page.goto("about:blank");
        });
        await assertSeamless(assert, others, "host tab navigated away");

        await left.page.goBack();
        await left.ready();
        await left.waitForConnected();
        await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
        await server.send("marc", 10);
        await Promise.all(tabs.map((tab) => tab.waitForCount(10)));
        for (const [index, tab] of tabs.entries()) {
            const { numbers } = await tab.received();
            assert.deepEqual(numbers, range(10), `tab ${index + 1}, with the one that is back`);
        }
        await server.waitForSockets(1);
        await hostOf(tabs);
    });

    QUnit.test("the renderer of the host tab crashes", async (assert) => {
        const others = await loseHost((host) => host.crash());
        await assertSeamless(assert, others, "host tab crashed");
    });

    QUnit.test("the next hub brings nothing from before the page was made", async (assert) => {
        await profile.close();
        await server.waitForSockets(0);
        await server.send("marc", 5);
        profile = await profileOf("marc", server);
        const pages = await profile.openTabs(3);
        await Promise.all(pages.map((tab) => tab.waitForConnected()));
        await server.waitForSubscribed(1);
        await Promise.all(pages.map((tab) => tab.collect(PROBE_TYPE)));
        const host = await hostOf(pages);
        const [late] = pages.filter((tab) => tab !== host) as [Tab];
        await host.page.close();
        await server.send("marc", 5, 100);
        await late.waitForCount(5);
        const { numbers, stale } = await late.received();
        assert.deepEqual(numbers, range(5, 100));
        assert.deepEqual(stale, [], "sent before the page was made");
    });
});
