import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { expectExactlyOnce } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import type { FakeServer } from "../support/browser_server";
import { pause, until } from "../support/browser_wait";

QUnit.module("a notification that is committed after a later one", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    /** The server's hold-back, shortened; the client keeps its own, which is longer. */
    const OPTIONS = { rules: { holdBack: 2_000 } };
    /** How long a transaction stays open, in milliseconds. */
    const LONG_TRANSACTION = 1_600;

    async function untilReconnected(server: FakeServer, connections: number): Promise<void> {
        await until(
            "a reconnection",
            () => server.attempts.length === connections && server.isHeard("all")
        );
    }

    for (const moment of ["during", "after"] as const) {
        QUnit.test(`and ${moment} a reconnection arrives, once`, (assert) =>
            Rig.use(
                browser,
                async (rig) => {
                    const { server } = rig;
                    const tabs = await rig.openConnectedTabs(3);
                    const ids = [server.publish("all")];
                    const late = server.table.insert("all", null);
                    ids.push(server.publish("all"), server.publish("all"));
                    await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
                    await pause(LONG_TRANSACTION);
                    server.closeSockets(4002);
                    if (moment === "during") {
                        server.table.commit(late);
                    }
                    await untilReconnected(server, 2);
                    ids.push(server.publish("all"));
                    await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
                    if (moment === "after") {
                        server.table.commit(late);
                    }
                    await Promise.all(tabs.map((tab) => tab.untilArrived(late.id)));
                    ids.push(server.publish("all"));
                    await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));

                    for (const tab of tabs) {
                        const got = await tab.ids();
                        assert.deepEqual(
                            got.toSorted((a, b) => a - b),
                            [...ids, late.id].toSorted((a, b) => a - b),
                            "each once"
                        );
                    }
                },
                OPTIONS
            )
        );
    }

    QUnit.test("survives a takeover as well", (assert) =>
        Rig.use(
            browser,
            async (rig) => {
                const { server } = rig;
                const tabs = await rig.openConnectedTabs(3);
                const first = server.publish("all");
                const late = server.table.insert("all", null);
                const second = server.publish("all");
                await Promise.all(tabs.map((tab) => tab.untilArrived(second)));
                await pause(LONG_TRANSACTION);
                const host = await rig.host(tabs);
                const others = tabs.filter((tab) => tab !== host);
                await host.page.close();
                server.table.commit(late);
                await Promise.all(others.map((tab) => tab.untilArrived(late.id)));
                const last = server.publish("all");
                await Promise.all(others.map((tab) => tab.untilArrived(last)));

                for (const tab of others) {
                    assert.deepEqual(await tab.ids(), [first, second, late.id, last]);
                }
            },
            OPTIONS
        )
    );

    QUnit.test("is not asked for again when nothing is late", (assert) =>
        Rig.use(
            browser,
            async (rig) => {
                const { server } = rig;
                const tabs = await rig.openConnectedTabs(2);
                const ids = Array.from({ length: 20 }, () => server.publish("all"));
                await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));
                server.dropSockets();
                await untilReconnected(server, 2);
                ids.push(server.publish("all"));
                await Promise.all(tabs.map((tab) => tab.untilArrived(ids.at(-1)!)));

                for (const tab of tabs) {
                    await expectExactlyOnce(assert, tab, ids, "each once although it is repeated");
                }
            },
            OPTIONS
        )
    );
});
