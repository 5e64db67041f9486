import QUnit from "qunit";
import { Browser } from "../support/fake_browser";

QUnit.module("tab and hub", () => {
    QUnit.test("five tabs have one connection and get all once, in order", async (assert) => {
        const browser = new Browser();
        const pages = await browser.openAll(5);
        const ids: number[] = [];
        for (let count = 0; count < 50; count++) {
            ids.push(browser.server.publish("all"));
            await browser.pass(count % 7);
        }
        await browser.settle();

        assert.equal(browser.server.connections.length, 1);
        pages.forEach((page) => assert.deepEqual(page.ids, ids));
        assert.equal(browser.server.connection.subscriptions.length, 1);
        assert.equal(browser.masters.length, 1);
    });
});
