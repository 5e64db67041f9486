import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { expectExactlyOnce } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";

QUnit.module("one connection", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    QUnit.test("serves ten tabs, and one that comes later", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(10);
            const first = Array.from({ length: 100 }, () => server.publish("all"));
            await Promise.all(tabs.map((tab) => tab.untilArrived(first.at(-1)!)));
            const late = await rig.openTab();
            await rig.untilConnected(late);
            const second = Array.from({ length: 100 }, () => server.publish("all"));
            await Promise.all([...tabs, late].map((tab) => tab.untilArrived(second.at(-1)!)));

            for (const [index, tab] of tabs.entries()) {
                await expectExactlyOnce(assert, tab, [...first, ...second], `tab ${index}`);
                assert.deepEqual(tab.complaints, [], `tab ${index} does not complain`);
            }
            await expectExactlyOnce(assert, late, second, "the late tab");
            assert.equal(server.attempts.length, 1, "one socket, ever");
        })
    );

    QUnit.test("serves a scope, and says nothing of it to another one", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const ann = { scope: "db.1", uid: 1, channels: ["all"] };
            const bob = { scope: "db.2", uid: 2, channels: ["all", "private_bob"] };
            const [annTabs, bobTabs] = await Promise.all([
                rig.openConnectedTabs(2, ann),
                rig.openConnectedTabs(2, bob),
            ]);
            const channels = ["user_1", "user_2", "private_bob"];
            const rows = Array.from({ length: 60 }, (_, index) => {
                const channel = channels[index % channels.length]!;
                return { channel, id: server.publish(channel) };
            });
            const last = server.publish("all");
            await Promise.all(rig.tabs.map((tab) => tab.untilArrived(last)));

            const idsOf = (wanted: string[]) => [
                ...rows.filter(({ channel }) => wanted.includes(channel)).map(({ id }) => id),
                last,
            ];
            for (const tab of annTabs) {
                await expectExactlyOnce(assert, tab, idsOf(["user_1"]), "a tab of the first user");
            }
            for (const tab of bobTabs) {
                const ids = idsOf(["user_2", "private_bob"]);
                await expectExactlyOnce(assert, tab, ids, "a tab of the second user");
            }
            assert.equal(server.open.size, 2, "two sockets");
            assert.equal(server.attempts.length, 2, "two sockets, ever");
            const scopes = server.sockets.map(({ frames }) => frames[0]!.data.scope);
            assert.deepEqual(scopes.toSorted(), ["db.1", "db.2"], "each says whom it is for");
        })
    );
});
