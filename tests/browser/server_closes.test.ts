import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose, expectExactlyOnce, Flow } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import { pause, until } from "../support/browser_wait";

QUnit.module("when the server", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    const FIRST_CONNECTION = ["STATE CONNECTING", "STATE CONNECTED", "CONNECT"];
    const RECONNECTION = ["STATE CONNECTING", "STATE CONNECTED", "RECONNECT"];
    /** In the middle of the delays that the hub draws. */
    const OPTIONS = { hubRandom: 0.5 };
    const DOWN_TIME = 5_000;

    async function checkReturn(assert: Assert, rig: Rig, code: number): Promise<void> {
        const { server } = rig;
        const tabs = await rig.openConnectedTabs(2);
        const before = await Promise.all(tabs.map((tab) => tab.events()));
        const ids = [server.publish("all")];
        await Promise.all(tabs.map((tab) => tab.untilArrived(ids[0]!)));
        const closedAt = Date.now();
        if (code === 1006) {
            server.dropSockets();
        } else {
            server.closeSockets(code);
        }
        ids.push(server.publish("all"));
        await Promise.all(tabs.map((tab) => tab.untilArrived(ids[1]!)));

        for (const [index, tab] of tabs.entries()) {
            const events = (await tab.events()).slice(before[index]!.length);
            assert.deepEqual(events, [
                "STATE DISCONNECTED",
                `DISCONNECT ${code}`,
                `RECONNECTING ${code}`,
                ...RECONNECTION,
            ]);
            await expectExactlyOnce(assert, tab, ids, `${code}: no notification is lost`);
        }
        assert.equal(server.attempts.length, 2, `${code}: one attempt is enough`);
        diagnose(`back ${server.attempts[1]! - closedAt} ms after a close with ${code}`);
    }

    QUnit.test("closes, the hub comes back and tells what stock does", async (assert) => {
        // Each in a browser profile of its own, at the same time: most of it is waiting.
        const codes = [1001, 1006, 1012, 1013, 4001, 4002];
        // A restart spreads over 10 s; this draws an early moment.
        const options = { hubRandom: 0.1 };
        await Promise.all(
            codes.map((code) =>
                Rig.use(browser, (rig) => checkReturn(assert, rig, code), options)
            )
        );
    });

    QUnit.test("finds the page outdated, the hub waits for a newer page", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(2);
            const before = await Promise.all(tabs.map((tab) => tab.events()));
            server.closeSockets(1000, "OUTDATED_VERSION");
            const isTold = async () =>
                (await Promise.all(tabs.map((tab) => tab.lastEvent()))).every(
                    (event) => event === "OUTDATED"
                );
            await until("OUTDATED in all tabs", isTold);
            // Neither of these may wake the connection; the answer shows that the hub has seen them.
            const report = await tabs[0]!.page.evaluate(() => {
                window.busPage.tab.start();
                window.busPage.tab.setOnline(true);
                return window.busPage.tab.inquire();
            });
            assert.equal(report?.["phase"], "outdated");
            for (const [index, tab] of tabs.entries()) {
                assert.deepEqual((await tab.events()).slice(before[index]!.length), [
                    "STATE DISCONNECTED",
                    "DISCONNECT 1000",
                    "OUTDATED",
                ]);
            }
            assert.equal(server.attempts.length, 1, "no attempt to come back");

            const newer = await rig.openTab({ version: "2" });
            await rig.untilConnected(newer);
            await until("a subscription", () => server.isHeard("all"));
            const id = server.publish("all");
            await Promise.all([...tabs, newer].map((tab) => tab.untilArrived(id)));
            assert.equal(server.attempts.length, 2, "one socket, with the newer address");
        })
    );

    QUnit.test("closes for good, the hub stays away", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const [tab] = await rig.openConnectedTabs(1);
            server.closeSockets(1000);
            await until("DISCONNECT", async () => (await tab!.lastEvent()) === "DISCONNECT 1000");
            const report = await tab!.page.evaluate(() => window.busPage.tab.inquire());
            assert.equal(report?.["phase"], "idle");
            assert.equal(server.attempts.length, 1);
        })
    );

    async function checkDown(assert: Assert, rig: Rig): Promise<void> {
        const { server } = rig;
        const tabs = await rig.openConnectedTabs(3);
        const flow = new Flow(server, 20);
        await tabs[0]!.untilArrived(1);
        await server.shutDown();
        await pause(DOWN_TIME);
        await server.listen();
        await until("a connection", () => server.isHeard("all"), 20_000);
        const last = flow.stop();
        await Promise.all(tabs.map((tab) => tab.untilArrived(last)));

        for (const tab of tabs) {
            await expectExactlyOnce(assert, tab, flow.ids, "down: each once, in order");
            assert.deepEqual((await tab.events()).slice(-3), RECONNECTION);
        }
    }

    async function checkRefusal(assert: Assert, rig: Rig): Promise<void> {
        const { server } = rig;
        const tabs = await rig.openConnectedTabs(3);
        server.isRefusing = true;
        server.dropSockets();
        await pause(DOWN_TIME);
        const attempts = server.attempts.length - 1;
        diagnose(`${attempts} attempts while the server refused for 5 s`);
        assert.true(attempts >= 1 && attempts <= 4, `${attempts} attempts in 5 s`);
        server.isRefusing = false;
        await until("a subscription", () => server.isHeard("all"), 20_000);
        const id = server.publish("all");
        await Promise.all(tabs.map((tab) => tab.untilArrived(id)));
        const breaks = (await tabs[0]!.events()).filter((it) => it.startsWith("DISCONNECT"));
        assert.equal(breaks.length, 1, "the break is told once, as stock does");
    }

    QUnit.test("is down or refuses for 5 s, nothing is lost and nobody hammers", (assert) =>
        Promise.all(
            [checkDown, checkRefusal].map((check) =>
                Rig.use(browser, (rig) => check(assert, rig), OPTIONS)
            )
        ).then(() => {})
    );

    QUnit.test("takes long to accept, no second socket is opened", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            server.upgradeDelay = 1_500;
            const [tab] = await rig.openConnectedTabs(1);
            const events = (await tab!.events()).filter((event) => event !== "STATE IDLE");
            assert.deepEqual(events, FIRST_CONNECTION);
            assert.equal(server.attempts.length, 1);
        })
    );
});
