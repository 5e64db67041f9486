import QUnit from "qunit";
import { SETTLING_TIME } from "../../static/src/hub/browser_attention";
import { PROVEN_AGE } from "../../static/src/transport/adaptive_transport";
import { ATTENTION_EVENT } from "../../static/src/transport/transport";
import { Browser } from "../support/fake_browser";

QUnit.module("attention, from the tabs to the server", (hooks) => {
    let browser: Browser;
    const told = () =>
        browser.server.connection
            .framesOf(ATTENTION_EVENT)
            .map(({ data }) => (data as { level: string }).level);
    const subscribed = () => browser.server.connection.subscriptions.at(-1)!.attention;

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    QUnit.test("is told with the subscription, and when it changes", async (assert) => {
        const [one, other] = await browser.openAll(2);
        assert.equal(subscribed(), "visible");
        one!.tab.usage.setAttention("focused");
        await browser.settle();
        one!.tab.usage.setAttention("hidden");
        await browser.pass(SETTLING_TIME + 1_000);
        assert.deepEqual(told(), ["focused", "visible"], "the other is visible");
        other!.tab.usage.setAttention("hidden");
        await browser.pass(SETTLING_TIME + 1_000);
        assert.deepEqual(told(), ["focused", "visible", "hidden"]);
        await browser.pass(PROVEN_AGE);
        browser.server.drop();
        await browser.pass(2_000);
        assert.equal(subscribed(), "hidden");
        assert.deepEqual(told(), [], "the subscription has told it");
    });

    QUnit.test("a visible tab that is closed leaves the hidden ones", async (assert) => {
        const [one, other] = await browser.openAll(2);
        other!.tab.usage.setAttention("hidden");
        await browser.settle();
        one!.close();
        await browser.pass(SETTLING_TIME + 1_000);
        assert.equal(told().at(-1) ?? subscribed(), "hidden");
    });

    QUnit.test("a new hub is told by its tabs", async (assert) => {
        const [one, other] = await browser.openAll(2);
        one!.tab.usage.setAttention("hidden");
        other!.tab.usage.setAttention("hidden");
        await browser.pass(SETTLING_TIME + 1_000);
        one!.close();
        await browser.pass(SETTLING_TIME + 1_000);
        assert.equal(told().at(-1) ?? subscribed(), "hidden");
    });

    QUnit.test("what changed while there was no connection is not told late", async (assert) => {
        const [page] = await browser.openAll(1);
        browser.server.isReachable = false;
        browser.server.drop();
        page!.tab.usage.setAttention("hidden");
        await browser.pass(SETTLING_TIME + 1_000);
        page!.tab.usage.setAttention("focused");
        browser.server.isReachable = true;
        await browser.pass(10_000);
        assert.equal(subscribed(), "focused");
        assert.deepEqual(told(), []);
    });
});
