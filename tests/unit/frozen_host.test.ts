import QUnit from "qunit";
import { GENERATION } from "../../static/src/host/database_election";
import { REACTION_SPREAD } from "../../static/src/host/hub_watch";
import { Browser, type Page } from "../support/fake_browser";
import { publishFor, termsOf } from "../support/fake_flow";

QUnit.module("a host that gives no sign of life", (hooks) => {
    let browser: Browser;
    let pages: Page[];
    let host: Page;
    let others: Page[];

    hooks.beforeEach(async () => {
        browser = new Browser();
        pages = await browser.openAll(4);
        host = browser.host;
        others = pages.filter((page) => page !== host);
    });

    QUnit.test("is replaced within 3.5 s, once, and nothing is lost or twice", async (assert) => {
        const before = await publishFor(browser, 500);
        host.freeze();
        const ids = [...before, ...(await publishFor(browser, 3_500))];
        assert.true(others.includes(browser.host), "another tab is host");
        ids.push(...(await publishFor(browser, 5_000)));
        assert.deepEqual(termsOf(browser), [1, 2], "one of them took over, once");
        for (const page of others) {
            assert.deepEqual(page.ids, ids);
            assert.deepEqual(page.changes, ["BUS:CONNECT"], "no word of it");
        }
        assert.true(others.some((page) => page.isMaster));
    });

    for (const isSecure of [true, false]) {
        const where = isSecure ? "" : " on plain http";
        QUnit.test(`is replaced once, however close the others react${where}`, async (assert) => {
            for (let distance = 0; distance <= REACTION_SPREAD; distance += 3) {
                browser = new Browser();
                browser.isSecure = isSecure;
                pages = await browser.openAll(4);
                // At each heartbeat every page chooses when it will react.
                const delays = [0, 0, distance, distance];
                let choices = 0;
                browser.random = () => delays[choices++ % pages.length]! / REACTION_SPREAD;
                await browser.pass(2_000);
                browser.host.freeze();
                await browser.pass(5_000);
                const second = isSecure ? 2 : GENERATION;
                assert.deepEqual(termsOf(browser), [1, second], `${distance} ms later`);
            }
        });
    }

    QUnit.test("steps down when it thaws, and has everything once", async (assert) => {
        host.freeze();
        const ids = await publishFor(browser, 10_000);
        const posted = browser.channels.posted.length;
        host.thaw();
        ids.push(...(await publishFor(browser, 500)));
        assert.false(host.tab.isHost);
        assert.equal(browser.server.open.length, 1, "its connection is closed");
        const stale = browser.channels.posted
            .slice(posted)
            .filter((message) => "term" in message && message.term === 1);
        assert.deepEqual(
            stale.filter(({ kind }) => kind === "relay"),
            [],
            "its hub relays nothing any more"
        );
        await browser.settle();
        for (const page of pages) {
            assert.deepEqual([...page.ids].sort((a, b) => a - b), ids);
        }
        assert.deepEqual(termsOf(browser), [1, 2]);
        assert.equal(browser.masters.length, 1);
    });

    QUnit.test("and may become host again later", async (assert) => {
        host.freeze();
        await browser.pass(5_000);
        host.thaw();
        await browser.settle();
        others.forEach((page) => page.close());
        await browser.settle();
        assert.true(host.tab.isHost);
        const id = browser.server.publish("all");
        await browser.pass(100);
        assert.deepEqual(host.ids, [id]);
    });

    QUnit.test("is not replaced because all slept", async (assert) => {
        pages.forEach((page) => page.freeze());
        await browser.pass(60_000);
        pages.forEach((page) => page.thaw());
        await browser.settle();
        assert.deepEqual(termsOf(browser), [1]);
        assert.true(host.tab.isHost);
        const id = browser.server.publish("all");
        await browser.pass(100);
        pages.forEach((page) => assert.deepEqual(page.ids, [id]));
    });

    QUnit.test("is replaced also by a page that never heard of it", async (assert) => {
        host.freeze();
        others.forEach((page) => page.crash());
        const page = browser.open("all");
        await browser.pass(4_000);
        assert.true(page.tab.isHost);
        assert.equal(page.workerState, "CONNECTED");
        assert.true(page.isMaster);
    });

    QUnit.test("is not taken over again and again when the new one hangs too", async (assert) => {
        host.freeze();
        browser.channels.loses = (message) => "term" in message && message.term > 1;
        await browser.pass(60_000);
        assert.true(termsOf(browser).length <= 12, `${termsOf(browser).length} terms in a minute`);
    });
});
