import QUnit from "qunit";
import { Browser } from "../support/fake_browser";

QUnit.module("letters", (hooks) => {
    let browser: Browser;
    const received = (event: string) =>
        browser.server.connections.flatMap((it) => it.framesOf(event).map(({ data }) => data));

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    QUnit.test("reach the server once, in order, after the subscription", async (assert) => {
        const page = browser.open("all");
        [1, 2, 3].forEach((data) => page.tab.send("event", data));
        await browser.settle();
        const { frames } = browser.server.connection;
        assert.deepEqual(
            frames.map(({ event, data }) => (event === "subscribe" ? event : data)),
            ["subscribe", 1, 2, 3]
        );
        assert.equal(browser.channels.ofKind("receipt").length, 3);
    });

    QUnit.test("before the tab has joined they are ignored, as by stock", async (assert) => {
        const page = browser.openPage();
        page.tab.send("event", 1);
        page.tab.start();
        await browser.settle();
        assert.deepEqual(received("event"), []);
    });

    QUnit.test("survive a takeover; receipts empty the outbox", async (assert) => {
        const pages = await browser.openAll(3);
        const sent: string[] = [];
        for (let count = 0; count < 24; count++) {
            const page = pages[1 + (count % 2)]!;
            sent.push(`letter ${count}`);
            page.tab.send("event", sent.at(-1));
            await browser.pass(3);
            if (count === 12) {
                pages[0]!.crash();
            }
        }
        await browser.pass(30_000);
        assert.deepEqual(new Set(received("event")), new Set(sent), "each at least once");

        const before = received("event").length;
        browser.host.close();
        await browser.settle();
        assert.equal(received("event").length, before, "nothing was left to say again");
    });

    QUnit.test("wait for the connection", async (assert) => {
        const [page] = await browser.openAll(1);
        browser.setOnline(false);
        await browser.settle();
        page!.tab.send("event", 1);
        await browser.settle();
        assert.deepEqual(received("event"), []);
        browser.setOnline(true);
        await browser.settle();
        assert.deepEqual(received("event"), [1]);
    });

    QUnit.test("are never more than the server allows", async (assert) => {
        const [page] = await browser.openAll(1);
        for (let count = 0; count < 60; count++) {
            page!.tab.send("event", count);
        }
        await browser.pass(30_000);
        assert.deepEqual(
            received("event"),
            Array.from({ length: 60 }, (_, index) => index)
        );
        assert.equal(browser.server.connections.length, 1, "it closed no connection");
    });

    QUnit.test("five reports of presence become one, of the least inactivity", async (assert) => {
        const pages = await browser.openAll(5);
        pages.forEach(({ tab }, index) =>
            tab.send("update_presence", { inactivity_period: 5_000 - 100 * index })
        );
        await browser.settle();
        assert.deepEqual(received("update_presence"), [{ inactivity_period: 4_600 }]);
        assert.equal(browser.channels.ofKind("receipt").length, 5);
    });
});
