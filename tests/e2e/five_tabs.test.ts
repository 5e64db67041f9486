import QUnit from "qunit";
import { type ProfileOptions, profileOf, range, type Tab } from "../support/e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, sharedOdoo } from "../support/e2e_odoo";

const MESSAGES = 50;

QUnit.module("five tabs of one user", (hooks) => {
    let server: ProbedOdoo;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
    });

    async function withFiveTabs(
        options: ProfileOptions,
        check: (tabs: Tab[]) => Promise<void>
    ): Promise<void> {
        const profile = await profileOf("marc", server, options);
        try {
            const tabs = await profile.openTabs(5);
            await Promise.all(tabs.map((tab) => tab.waitForConnected()));
            await check(tabs);
        } finally {
            await profile.close();
        }
    }

    async function assertEachMessageOnce(assert: Assert, tabs: Tab[]): Promise<void> {
        await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
        await server.send("marc", MESSAGES);
        await Promise.all(tabs.map((tab) => tab.waitForCount(MESSAGES)));
        for (const [index, tab] of tabs.entries()) {
            const { numbers } = await tab.received();
            assert.deepEqual(numbers, range(MESSAGES), `tab ${index + 1}: each once, in order`);
        }
    }

    QUnit.test("one websocket at the server, each message once in each tab", async (assert) => {
        await withFiveTabs({}, async (tabs) => {
            assert.false(await tabs[0]!.isStock());
            await server.waitForSubscribed(1);
            await assertEachMessageOnce(assert, tabs);
            assert.equal(await server.socketCount(), 1);
            const errors = tabs.flatMap((tab) => tab.errors);
            assert.deepEqual(errors, [], "no page threw an error");
        });
    });

    QUnit.test("also without SharedWorker", async (assert) => {
        await withFiveTabs({ withoutSharedWorker: true }, async (tabs) => {
            await server.waitForSubscribed(1);
            await assertEachMessageOnce(assert, tabs);
            assert.equal(await server.socketCount(), 1);
        });
    });

    QUnit.test("beside it, stock without SharedWorker: five", async (assert) => {
        await withFiveTabs({ stock: true, withoutSharedWorker: true }, async (tabs) => {
            assert.true(await tabs[0]!.isStock());
            await server.waitForSubscribed(5);
            await assertEachMessageOnce(assert, tabs);
            assert.equal(await server.socketCount(), 5);
        });
    });

    QUnit.test("what commits late comes late, and once", async (assert) => {
        await withFiveTabs({}, async (tabs) => {
            await server.waitForSubscribed(1);
            await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
            await server.sendLate("marc", 1_000, 2_000);
            await server.send("marc", 5);
            await Promise.all(tabs.map((tab) => tab.waitForCount(6)));
            for (const [index, tab] of tabs.entries()) {
                const { numbers } = await tab.received();
                assert.deepEqual(numbers, [...range(5), 1_000], `tab ${index + 1}`);
            }
        });
    });
});
