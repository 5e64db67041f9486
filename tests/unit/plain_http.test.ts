import QUnit from "qunit";
import { GENERATION } from "../../static/src/host/database_election";
import { Browser, type Page } from "../support/fake_browser";
import { publishFor, termsOf } from "../support/fake_flow";

/** The same as in secure contexts, with databases in the place of locks. */
QUnit.module("pages on plain http", (hooks) => {
    let browser: Browser;
    let pages: Page[];
    let host: Page;
    let others: Page[];

    hooks.beforeEach(async () => {
        browser = new Browser();
        browser.isSecure = false;
        pages = await browser.openAll(4);
        host = browser.host;
        others = pages.filter((page) => page !== host);
    });

    const ways: Record<string, (page: Page) => void> = {
        closes: (page) => page.close(),
        crashes: (page) => page.crash(),
        "goes to sleep": (page) => page.suspend(),
    };
    for (const [way, leave] of Object.entries(ways)) {
        QUnit.test(`the host ${way}: nothing lost, nothing twice, no word`, async (assert) => {
            const ids: number[] = [];
            for (let count = 0; count < 3; count++) {
                ids.push(...(await publishFor(browser, 200)));
                leave(browser.host);
                ids.push(...(await publishFor(browser, 200)));
            }
            const [survivor] = browser.living;
            assert.equal(browser.living.length, 1);
            assert.deepEqual(survivor!.ids, ids);
            assert.deepEqual(survivor!.changes, ["BUS:CONNECT"]);
            assert.deepEqual(termsOf(browser), [1, 2, 3, 4]);
            await browser.settle();
            assert.equal(browser.server.open.length, 1);
            assert.true(survivor!.isMaster);
        });
    }

    QUnit.test("a host that is frozen is replaced within 3.5 s, once", async (assert) => {
        const ids = await publishFor(browser, 500);
        host.freeze();
        ids.push(...(await publishFor(browser, 3_500)));
        assert.true(others.some((page) => page.tab.isHost));
        ids.push(...(await publishFor(browser, 5_000)));
        assert.deepEqual(termsOf(browser), [1, GENERATION]);
        for (const page of others) {
            assert.deepEqual(page.ids, ids);
            assert.deepEqual(page.changes, ["BUS:CONNECT"], "no word of it");
        }
        host.thaw();
        ids.push(...(await publishFor(browser, 500)));
        await browser.settle();
        assert.false(host.tab.isHost, "it steps down when it thaws");
        assert.equal(browser.server.open.length, 1);
        assert.equal(browser.masters.length, 1);
        assert.deepEqual([...host.ids].sort((one, other) => one - other), ids);
    });

    QUnit.test("one that was replaced may become host again", async (assert) => {
        host.freeze();
        await browser.pass(5_000);
        host.thaw();
        await browser.settle();
        others.forEach((page) => page.close());
        await browser.settle();
        assert.true(host.tab.isHost);
        assert.deepEqual(termsOf(browser), [1, GENERATION, GENERATION + 1]);
        const [id] = await publishFor(browser, 50);
        await browser.pass(100);
        assert.deepEqual(host.ids, [id]);
    });

    QUnit.test("one that was frozen with notice when its turn comes holds nobody up", async (assert) => {
        const [next, ...rest] = others;
        next!.tab.suspend();
        await browser.pass(1);
        next!.suspend();
        const ids = await publishFor(browser, 500);
        host.close();
        ids.push(...(await publishFor(browser, 100)));
        assert.true(rest.includes(browser.host));
        await browser.pass(1_000);
        rest.forEach((page) => assert.deepEqual(page.ids, ids));
        next!.resume();
        await browser.settle();
        assert.deepEqual(next!.ids, ids);
        assert.equal(browser.server.open.length, 1);
        assert.deepEqual(termsOf(browser), [1, 2]);
    });

    // A page in the back/forward cache keeps its place in the queue.
    QUnit.test("one that is in the cache when its turn comes holds nobody up for good", async (assert) => {
        const [next, ...rest] = others;
        next!.suspend();
        const ids = await publishFor(browser, 500);
        host.close();
        // As long as a host that hangs.
        ids.push(...(await publishFor(browser, 3_500)));
        assert.true(rest.includes(browser.host));
        await browser.pass(1_000);
        rest.forEach((page) => assert.deepEqual(page.ids, ids));
        next!.resume();
        await browser.settle();
        assert.deepEqual(next!.ids, ids);
        assert.equal(browser.server.open.length, 1);
        assert.deepEqual(termsOf(browser), [1, GENERATION]);
    });

    QUnit.test("a page that comes while the host is frozen finds the new one", async (assert) => {
        host.freeze();
        await browser.pass(5_000);
        const page = browser.open("all");
        browser.storage.clear();
        const forgetful = browser.open("all");
        await browser.settle();
        for (const it of [page, forgetful]) {
            assert.equal(it.workerState, "CONNECTED");
            assert.false(it.tab.isHost);
        }
        assert.deepEqual(termsOf(browser), [1, GENERATION]);
    });

    QUnit.test("who was elected without knowing the generation gives way", async (assert) => {
        host.freeze();
        await browser.pass(5_000);
        host.crash();
        await browser.settle();
        browser.storage.clear();
        browser.channels.delay = () => 50;
        const page = browser.open("all");
        await browser.pass(20);
        assert.true(page.tab.isHost, "it has not heard of the other yet");
        await browser.settle();
        assert.false(page.tab.isHost);
        assert.equal(page.workerState, "CONNECTED");
        assert.equal(browser.server.open.length, 1);
        assert.equal(browser.masters.length, 1);
        const before = page.ids.length;
        const [id] = await publishFor(browser, 50);
        await browser.pass(100);
        assert.deepEqual(page.ids.slice(before), [id]);
        others.forEach((other) => assert.deepEqual(other.ids, [id]));
    });
});
