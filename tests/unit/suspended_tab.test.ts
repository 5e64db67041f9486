import QUnit from "qunit";
import { HOLD_BACK } from "../../static/src/core/resume_window";
import { BEAT_INTERVAL } from "../../static/src/hub/heartbeat";
import { TAB_TIMEOUT } from "../../static/src/hub/roster";
import { Browser } from "../support/fake_browser";
import { USER_CHANNEL } from "../support/fake_connection";

QUnit.module("suspended tab", (hooks) => {
    let browser: Browser;

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    QUnit.test("gets what it missed from the hub that it left", async (assert) => {
        const [host, sleeper] = await browser.openAll(2);
        const before = browser.server.publish("all");
        await browser.settle();
        sleeper!.suspend();
        const missed = [browser.server.publish("all"), browser.server.publish("all")];
        await browser.pass(60_000);
        assert.deepEqual(sleeper!.ids, [before], "asleep");
        sleeper!.resume();
        await browser.settle();

        assert.deepEqual(sleeper!.ids, [before, ...missed]);
        assert.deepEqual(host!.ids, [before, ...missed]);
        assert.equal(browser.server.connections.length, 1, "the hub had it");
    });

    QUnit.test("gets what it missed from a hub that came meanwhile", async (assert) => {
        const [first, sleeper] = await browser.openAll(3);
        const before = browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        sleeper!.suspend();
        const missed = [browser.server.publish("all")];
        await browser.pass(HOLD_BACK + 1_000);
        missed.push(browser.server.publish("all"));
        await browser.pass(HOLD_BACK + 1_000);
        first!.close();
        await browser.pass(60_000);
        missed.push(browser.server.publish("all"));
        await browser.settle();
        sleeper!.resume();
        await browser.settle();

        assert.deepEqual(sleeper!.ids, [before, ...missed]);
        assert.deepEqual(browser.host.ids, [before, ...missed]);
        assert.equal(browser.server.open.length, 1);
    });

    QUnit.test("gets a late commit from the time when it fell asleep", async (assert) => {
        const [first, sleeper] = await browser.openAll(3);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        const late = browser.server.publish("all", { commitAfter: 5_000 });
        const early = browser.server.publish("all");
        await browser.pass(100);
        sleeper!.suspend();
        await browser.pass(60_000);
        first!.close();
        // So many that the new hub's window begins after what the sleeper lacks.
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(60_000);
        sleeper!.resume();
        await browser.settle();

        assert.true(sleeper!.ids.includes(early));
        assert.true(sleeper!.ids.includes(late), "although a higher id was received a minute ago");
        assert.equal(new Set(sleeper!.ids).size, sleeper!.ids.length);
    });

    QUnit.test("gets what came on a channel that nobody else listens to", async (assert) => {
        await browser.openAll(2);
        const sleeper = browser.open("all", "own");
        await browser.settle();
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        sleeper.suspend();
        await browser.settle();
        assert.deepEqual(browser.server.connection.subscriptions.at(-1)!.channels, ["all"]);
        const missed = browser.server.publish("own");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(60_000);
        sleeper.resume();
        await browser.settle();

        assert.true(sleeper.ids.includes(missed));
        assert.equal(browser.server.open.length, 1);
        assert.notOk(browser.pages[0]!.changes.includes("BUS:DISCONNECT"), "quietly");
    });

    QUnit.test("gets it before what came on the channels of others", async (assert) => {
        await browser.openAll(2);
        const sleeper = browser.open("all", "own");
        await browser.settle();
        sleeper.suspend();
        await browser.settle();
        const missed = ["own", "all", "own", "all"].map((it) => browser.server.publish(it));
        await browser.settle();
        sleeper.resume();
        await browser.settle();

        assert.deepEqual(sleeper.ids, missed);
        assert.equal(browser.server.open.length, 1);
    });

    QUnit.test("frozen for so long that the hub forgot it, gets all in order", async (assert) => {
        await browser.openAll(2);
        const sleeper = browser.open("all", "own");
        await browser.settle();
        sleeper.freeze();
        await browser.pass(TAB_TIMEOUT + 2_000);
        assert.deepEqual(browser.server.connection.subscriptions.at(-1)!.channels, ["all"]);
        const missed = ["own", "all", "own", "all"].map((it) => browser.server.publish(it));
        await browser.settle();
        sleeper.thaw();
        await browser.settle();

        assert.deepEqual(sleeper.ids, missed);
    });

    QUnit.test("gets what came on its channel before another tab took that up", async (assert) => {
        await browser.openAll(1);
        const sleeper = browser.open("own");
        await browser.settle();
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        sleeper.suspend();
        await browser.settle();
        const missed = browser.server.publish("own");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.settle();
        browser.open("own");
        await browser.settle();
        sleeper.resume();
        await browser.settle();

        assert.true(sleeper.ids.includes(missed));
    });

    QUnit.test("gets what came just before another took up its channel", async (assert) => {
        await browser.openAll(1);
        const sleeper = browser.open("all", "own");
        await browser.settle();
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(100);
        sleeper.suspend();
        await browser.pass(500);
        const missed = browser.server.publish("own");
        browser.server.publish("all");
        // The server takes the latter as settled now, and we do not yet.
        await browser.pass(HOLD_BACK - 1_000);
        browser.server.publish("all");
        await browser.pass(100);
        browser.open("own");
        await browser.pass(600);
        sleeper.resume();
        await browser.settle();
        assert.true(sleeper.ids.includes(missed));
    });

    QUnit.test("alone in its browser, it gets what it missed from the server", async (assert) => {
        const [page] = await browser.openAll(1);
        browser.server.publish("all");
        await browser.settle();
        page!.suspend();
        await browser.settle();
        assert.equal(browser.server.open.length, 0, "no connection for a sleeping browser");
        const missed = browser.server.publish("all");
        await browser.settle();
        page!.resume();
        await browser.settle();
        assert.equal(page!.ids.at(-1), missed);
        assert.equal(page!.ids.length, 2);
        assert.equal(page!.workerState, "CONNECTED");
    });

    QUnit.test("gets what it missed although it left before any hub knew it", async (assert) => {
        await browser.openAll(1);
        const sleeper = browser.open("all");
        sleeper.suspend();
        await browser.settle();
        const missed = browser.server.publish("all");
        await browser.settle();
        sleeper.resume();
        await browser.settle();
        assert.deepEqual(sleeper.ids, [missed]);
        assert.equal(sleeper.workerState, "CONNECTED");
    });

    QUnit.test("gets what the server sends unasked, from another hub", async (assert) => {
        const [host] = await browser.openAll(2);
        const sleeper = browser.openPage();
        sleeper.tab.start();
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.settle();
        sleeper.suspend();
        const missed = browser.server.publish(USER_CHANNEL);
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        host!.close();
        await browser.settle();
        sleeper.resume();
        await browser.settle();
        assert.true(sleeper.ids.includes(missed));
    });

    QUnit.test("is served by another hub at once, and not only at its next heartbeat", async (assert) => {
        const [host, sleeper] = await browser.openAll(3);
        sleeper!.suspend();
        host!.close();
        const missed = browser.server.publish("all");
        await browser.settle();
        await browser.pass(BEAT_INTERVAL / 2);
        sleeper!.resume();
        const next = browser.server.publish("all");
        await browser.pass(BEAT_INTERVAL / 4);
        assert.deepEqual(sleeper!.ids, [missed, next]);
    });

    QUnit.test("frozen before it was ever connected, it gets all since it was made", async (assert) => {
        browser.server.restart(5_000);
        const sleeper = browser.open("own");
        await browser.pass(1_000);
        sleeper.freeze();
        const missed = browser.server.publish("own");
        browser.open("all");
        await browser.pass(2 * HOLD_BACK);
        browser.server.publish("all");
        await browser.pass(2 * HOLD_BACK);
        sleeper.thaw();
        await browser.settle();
        assert.true(sleeper.ids.includes(missed));
    });

    QUnit.test("a page older than the hub gets all since it was made", async (assert) => {
        const slow = browser.openPage();
        const missed = browser.server.publish("all");
        await browser.pass(HOLD_BACK);
        browser.server.publish("all");
        await browser.openAll(1);
        slow.tab.addChannel("all");
        await browser.settle();
        assert.true(slow.ids.includes(missed));
        assert.equal(new Set(slow.ids).size, slow.ids.length);
    });

    QUnit.test("loses no late commit to a hub that goes before it could help", async (assert) => {
        const [first, sleeper] = await browser.openAll(4);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        const late = browser.server.publish("all", { commitAfter: 5_000 });
        browser.server.publish("all");
        await browser.pass(100);
        sleeper!.suspend();
        await browser.pass(HOLD_BACK + 1_000);
        for (let count = 0; count < 3; count++) {
            browser.server.publish("all");
            await browser.pass(HOLD_BACK + 1_000);
        }
        first!.close();
        await browser.settle();
        browser.server.publish("all");
        await browser.settle();
        browser.server.latency = 500;
        sleeper!.resume();
        // It has what the hub relayed, and not yet what the server repeats.
        await browser.pass(300);
        browser.host.crash();
        await browser.pass(10_000);
        assert.true(sleeper!.ids.includes(late));
    });
});
