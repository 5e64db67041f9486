import QUnit from "qunit";
import { BEAT_INTERVAL } from "../../static/src/hub/heartbeat";
import { MASTER_TIMEOUT } from "../../static/src/hub/appointment";
import { Browser, type Page } from "../support/fake_browser";

QUnit.module("master tab", (hooks) => {
    let browser: Browser;
    const master = () => {
        if (browser.masters.length !== 1) {
            throw new Error(`There are ${browser.masters.length} masters.`);
        }
        return browser.masters[0]!;
    };

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    QUnit.test("there is one, and each tab knows whether it is it", async (assert) => {
        const pages = await browser.openAll(5);
        const answers = await Promise.all(pages.map(({ tab }) => tab.isMaster()));
        assert.equal(answers.filter(Boolean).length, 1);
        assert.true(answers[pages.indexOf(master())]);
        await browser.pass(60_000);
        assert.deepEqual(
            pages.flatMap(({ masterChanges }) => masterChanges),
            [true],
            "only changes are told"
        );
    });

    QUnit.test("moves at once when it closes", async (assert) => {
        await browser.openAll(3);
        const first = master();
        first.close();
        assert.deepEqual(first.masterChanges, [true, false]);
        await browser.pass(100);
        assert.notEqual(master(), first);
    });

    QUnit.test("stays when another tab, the host, goes", async (assert) => {
        const pages = await browser.openAll(3);
        pages[0]!.tab.resignMastership();
        await browser.settle();
        const before = master();
        assert.notEqual(before, browser.host);
        browser.host.close();
        await browser.settle();
        assert.equal(master(), before);
        assert.deepEqual(before.masterChanges, [true]);
    });

    for (const [context, isSecure, time] of [
        ["at once", true, 100],
        ["on plain http within seconds", false, MASTER_TIMEOUT + 2 * BEAT_INTERVAL],
    ] as const) {
        QUnit.test(`moves when it crashes, and is not the host: ${context}`, async (assert) => {
            browser.isSecure = isSecure;
            await browser.openAll(4);
            browser.host.tab.resignMastership();
            await browser.settle();
            master().crash();
            assert.equal(browser.masters.length, 0);
            await browser.pass(time);
            assert.equal(browser.masters.length, 1);
        });
    }

    QUnit.test("leaves no channel behind when it crashes", async (assert) => {
        await browser.openAll(2);
        const page = browser.open("its own");
        page.tab.usage.setAttention("focused");
        await browser.settle();
        assert.deepEqual(browser.masters, [page]);
        assert.true(browser.server.connection.listensTo("its own"));
        page.crash();
        await browser.settle();
        assert.false(browser.server.connection.listensTo("its own"));
    });

    QUnit.test("moves within seconds when it freezes without a word", async (assert) => {
        await browser.openAll(4);
        browser.host.tab.resignMastership();
        await browser.settle();
        const third = master();
        third.process.freeze();
        await browser.pass(MASTER_TIMEOUT + 2 * BEAT_INTERVAL);
        const others = browser.masters.filter((page) => page !== third);
        assert.equal(others.length, 1);
        third.process.thaw();
        await browser.settle();
        assert.equal(master(), others[0], "the one that comes back is told");
    });

    QUnit.test("is not it any more when it wakes together with its hub, which appoints another", async (assert) => {
        const [page] = await browser.openAll(1);
        page!.freeze();
        await browser.pass(10_000);
        const other = browser.open("all");
        await browser.pass(100);
        // What the hub tells its own tab comes late.
        browser.channels.loses = (_, receiver) => receiver === page!.process;
        page!.thaw();
        await browser.pass(100);
        assert.deepEqual(browser.masters, [other]);
    });

    QUnit.test("is the only one that holds a lock as such: the browser may freeze the others", async (assert) => {
        await browser.openAll(4);
        const holders = () =>
            browser.locks.snapshot().held!.flatMap(({ name }) => name!.split(".tab.").slice(1));
        assert.deepEqual(holders(), [master().id]);
        master().tab.resignMastership();
        await browser.settle();
        assert.deepEqual(holders(), [master().id]);
    });

    QUnit.test("moves when it resigns, for good", async (assert) => {
        await browser.openAll(2);
        const first = master();
        first.tab.resignMastership();
        assert.false(await first.tab.isMaster());
        await browser.pass(100);
        assert.notEqual(master(), first);
        master().close();
        await browser.settle();
        assert.equal(browser.masters.length, 0);
        assert.deepEqual(first.masterChanges, [true, false]);
    });

    QUnit.test("is at once the page that the user has just opened and looks at", async (assert) => {
        const pages = await browser.openAll(2);
        pages.forEach(({ tab }) => tab.usage.setAttention("hidden"));
        await browser.settle();
        const opened = browser.openPage();
        opened.tab.usage.setAttention("focused");
        assert.true(await answerOf(opened));
        assert.deepEqual(browser.masters, [opened]);
        const beside = browser.openPage();
        beside.tab.usage.setAttention("hidden");
        assert.false(await answerOf(beside));
    });

    async function answerOf({ tab }: Page): Promise<boolean | null> {
        let answer: boolean | null = null;
        void tab.isMaster().then((it) => (answer = it));
        await browser.pass(50);
        return answer;
    }

    QUnit.test("a passive tab can be it as well", async (assert) => {
        const passive = browser.openPage();
        void passive.tab.isMaster();
        await browser.settle();
        browser.open("all");
        await browser.settle();
        assert.equal(master(), passive);
    });

    QUnit.test("a page that sleeps is not it, also when nobody else is there", async (assert) => {
        const [page] = await browser.openAll(1);
        page!.suspend();
        assert.deepEqual(page!.masterChanges, [true, false]);
        await browser.settle();
        page!.resume();
        await browser.settle();
        assert.deepEqual(page!.masterChanges, [true, false, true]);
    });

    QUnit.test("the answer comes even when the hub does not start", async (assert) => {
        browser.channels.loses = () => true;
        const page = browser.open("all");
        let answer: boolean | null = null;
        void page.tab.isMaster().then((it) => (answer = it));
        await browser.settle();
        assert.false(answer);
    });
});
