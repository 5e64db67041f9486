import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { expectExactlyOnce } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import { until } from "../support/browser_wait";

QUnit.module("the bus goes on", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    QUnit.test("when a subscriber throws", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(3);
            const [broken, ...others] = tabs;
            await broken!.page.evaluate(() => {
                window.busPage.subscriber = () => {
                    throw new Error("broken subscriber");
                };
            });
            const ids = [1, 2, 3].map(() => server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(3)));
            server.dropSockets();
            const isBack = async () => (await broken!.lastEvent()) === "RECONNECT";
            await until("RECONNECT in the tab with the broken subscriber", isBack);
            ids.push(server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));

            for (const tab of tabs) {
                await expectExactlyOnce(assert, tab, ids, "each once");
            }
            assert.true(broken!.complaints.some((it) => it.includes("broken subscriber")), "logged");
            for (const tab of others) {
                const errors = tab.complaints.filter((it) => it.includes("subscriber"));
                assert.deepEqual(errors, [], "the others know nothing of it");
            }
        })
    );

    QUnit.test("when the server sends what is no list of notifications", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(2);
            const host = await rig.host(tabs);
            const [socket] = server.open;
            const frames = [
                "<html>Bad Gateway</html>",
                "",
                "null",
                '{"id": 1}',
                "[null]",
                '["text"]',
                '[{"id": "1", "message": {"type": "test"}}]',
                '[{"id": 1}]',
                '[{"id": 1, "message": null}]',
            ];
            frames.forEach((frame) => socket!.sendRaw(frame));
            socket!.sendRaw("[]");
            const ids = [1, 2, 3].map(() => server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(3)));

            for (const tab of tabs) {
                await expectExactlyOnce(assert, tab, ids, "only what is one arrives");
            }
            assert.equal(host.complaints.length, frames.length, "one complaint for each");
            const others = host.complaints.filter((it) => !it.includes("ignored"));
            assert.deepEqual(others, [], "each says that it is ignored");
            assert.equal(server.attempts.length, 1, "the connection stays");
        })
    );

    const STORAGES = {
        forbidden: () => {
            Object.defineProperty(window, "localStorage", {
                get() {
                    throw new DOMException("Access is denied", "SecurityError");
                },
            });
        },
        full: () => {
            Storage.prototype.setItem = () => {
                throw new DOMException("It is full", "QuotaExceededError");
            };
        },
    };

    for (const [kind, breakStorage] of Object.entries(STORAGES)) {
        QUnit.test(`when localStorage is ${kind}`, (assert) =>
            Rig.use(browser, async (rig) => {
                const { server } = rig;
                await rig.context.addInitScript(breakStorage);
                const tabs = await rig.openConnectedTabs(3);
                const host = await rig.host(tabs);
                const others = tabs.filter((tab) => tab !== host);
                const ids = [server.publish("all")];
                await until("a warning", () => host.complaints.length === 1);
                ids.push(server.publish("all"));
                await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
                const complaints = [...host.complaints];
                await host.page.close();
                const next = await rig.host(others);
                ids.push(server.publish("all"));
                await Promise.all(others.map((tab) => tab.untilArrived(ids.at(-1)!)));
                await until("a warning of the next host", () => next.complaints.length === 1);

                assert.true(complaints[0]!.includes("localStorage"), "the warning says what it is");
                assert.equal(complaints.length, 1, "it comes once");
                for (const tab of others) {
                    await expectExactlyOnce(assert, tab, ids, "each once, over a takeover as well");
                }
            })
        );
    }
});
