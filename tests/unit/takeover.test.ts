import QUnit from "qunit";
import { HOLD_BACK } from "../../static/src/core/resume_window";
import { Browser, type Page } from "../support/fake_browser";

QUnit.module("takeover", (hooks) => {
    let browser: Browser;

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    const relayedIds = () =>
        browser.channels
            .ofKind("relay")
            .flatMap(({ items }) => items)
            .flatMap((event) => (event.type === "BUS:NOTIFICATION" ? event.data : []))
            .map(({ id }) => id);

    const ways: Record<string, (host: Page) => void> = {
        closes: (host) => host.close(),
        crashes: (host) => host.crash(),
        "goes to sleep": (host) => host.suspend(),
    };
    for (const [way, leave] of Object.entries(ways)) {
        QUnit.test(`the host ${way}: nothing lost, nothing twice, no word`, async (assert) => {
            await browser.openAll(4);
            const ids: number[] = [];
            const terms = new Set<number>();
            for (let count = 0; count < 60; count++) {
                ids.push(browser.server.publish("all"));
                await browser.pass(7);
                if (count % 20 === 10) {
                    leave(browser.host);
                }
            }
            await browser.settle();

            assert.equal(browser.living.length, 1, "three hosts went, one after the other");
            const [survivor] = browser.living;
            assert.deepEqual(survivor!.ids, ids);
            assert.deepEqual(survivor!.changes, ["BUS:CONNECT"]);
            assert.equal(survivor!.workerState, "CONNECTED");
            assert.equal(browser.server.open.length, 1);
            browser.channels.ofKind("up").forEach(({ term }) => terms.add(term));
            assert.deepEqual([...terms], [1, 2, 3, 4]);
            assert.equal(browser.server.connections.length, 4);
        });
    }

    QUnit.test("the host reloads, and its new page is the first to be heard", async (assert) => {
        const [host, ...others] = await browser.openAll(3);
        const id = browser.server.publish("all");
        await browser.pass(100);
        host!.close();
        const page = browser.open("all");
        browser.channels.delay = (sender) => (sender === page.process ? 1 : 10);
        await browser.pass(200);
        assert.equal(browser.server.open.length, 1);
        const { subscriptions } = browser.server.open[0]!;
        assert.equal(subscriptions.length, 1, "it did not wait for what the page may add");
        await browser.settle();
        const next = browser.server.publish("all");
        await browser.pass(100);
        for (const other of others) {
            assert.deepEqual(other.ids, [id, next]);
            assert.deepEqual(other.changes, ["BUS:CONNECT"], "no word of it");
        }
        assert.deepEqual(page.ids, [next]);
        assert.equal(page.workerState, "CONNECTED");
    });

    QUnit.test("brings a page nothing that was in it already", async (assert) => {
        const [host] = await browser.openAll(2);
        browser.server.publish("all");
        const late = browser.server.publish("all", { commitAfter: 3_000 });
        browser.server.publish("all");
        await browser.pass(100);
        const page = browser.open("all");
        await browser.pass(500);
        host!.close();
        await browser.pass(500);
        assert.deepEqual(page.ids, []);
        await browser.pass(3_000);
        assert.deepEqual(page.ids, [late], "but what was committed after it was made");
    });

    QUnit.test("a late commit is not lost by a takeover", async (assert) => {
        const [host, page] = await browser.openAll(2);
        const settled = browser.server.publish("all");
        await browser.pass(HOLD_BACK);
        const late = browser.server.publish("all", { commitAfter: 3_000 });
        const early = browser.server.publish("all");
        await browser.pass(1_000);
        host!.crash();
        await browser.pass(10_000);
        assert.deepEqual(page!.ids, [settled, early, late]);
        // Stock resumes from the highest id: `early`. The server sends what is higher than that,
        // so it would never send `late`.
        const { last } = browser.server.connection.subscriptions[0]!;
        assert.true(last < late && late < early, `resumed from ${last}`);
    });

    for (const downtime of [1_000, 5 * HOLD_BACK]) {
        const title = `a late commit is not lost by ${downtime / 1_000} s without a connection`;
        QUnit.test(title, async (assert) => {
            const [page, other] = await browser.openAll(2);
            const settled = browser.server.publish("all");
            await browser.pass(HOLD_BACK);
            const late = browser.server.publish("all", { commitAfter: 2_000 });
            const early = browser.server.publish("all");
            await browser.pass(1_000);
            browser.server.restart(downtime);
            await browser.pass(downtime + 60_000);
            // See above: from `early` on, `late` would be lost.
            assert.deepEqual(page!.ids, [settled, early, late]);
            assert.deepEqual(other!.ids, [settled, early, late]);
            assert.deepEqual(relayedIds(), [settled, early, late], "no work for nobody");
        });
    }

    QUnit.test("goes on although the first tab heard leaves before the next is heard", async (assert) => {
        const [host, slow, quick] = await browser.openAll(3);
        browser.channels.delay = (sender) => (sender === slow!.process ? 20 : 1);
        host!.suspend();
        await browser.pass(9);
        quick!.suspend();
        await browser.settle();
        assert.equal(slow!.workerState, "CONNECTED");
        const id = browser.server.publish("all");
        await browser.settle();
        assert.true(slow!.ids.includes(id));
    });

    QUnit.test("one after the other: the server does not repeat ever more", async (assert) => {
        const pages = await browser.openAll(8);
        for (let round = 0; round < 6; round++) {
            for (let second = 0; second < 5; second++) {
                browser.server.publish("all");
                await browser.pass(1_000);
            }
            browser.host.close();
            await browser.pass(1_000);
        }
        const { last } = browser.server.connection.subscriptions[0]!;
        const lastPage = pages.findLast((page) => page.isAlive)!;
        const repeated = lastPage.ids.filter((id) => id > last).length;
        assert.true(repeated <= HOLD_BACK / 1_000, `${repeated} of ${lastPage.ids.length}`);
        assert.equal(lastPage.ids.length, 30);
    });

    QUnit.test("a stale hub is ignored", async (assert) => {
        const [old, page] = await browser.openAll(3);
        old!.freeze();
        const id = browser.server.publish("all");
        await browser.pass(1_000);
        // As a takeover by `steal` would have it: the old hub lives on, and thaws later.
        browser.channels.inject({ isHub: true, at: 0, kind: "up", term: 5 });
        const events = page!.events.length;
        old!.thaw();
        const [master, tabs] = ["tab2", ["tab2"]];
        const beat = { kind: "beat", number: 9, sequence: 9, master, challenger: null, tabs } as const;
        browser.channels.inject({ isHub: true, at: 0, term: 4, ...beat });
        const data = [{ id: 99, message: { type: "test", payload: null } }];
        const items = [{ type: "BUS:NOTIFICATION" as const, data }];
        browser.channels.inject({ isHub: true, at: 0, kind: "relay", term: 4, first: 1, items });
        await browser.pass(100);
        assert.equal(page!.events.length, events);
        assert.false(page!.isMaster);
        assert.false(page!.ids.includes(99));
        assert.false(page!.ids.includes(id), "what the old hub relayed after its thaw");
    });

    QUnit.test("without a hub for long, the connection counts as lost", async (assert) => {
        const [host, page] = await browser.openAll(2);
        page!.process.freeze();
        host!.close();
        await browser.pass(40_000);
        page!.process.thaw();
        await browser.settle();
        assert.deepEqual(page!.changes, ["BUS:CONNECT", "BUS:DISCONNECT", "BUS:RECONNECT"]);
        assert.equal(page!.workerState, "CONNECTED");
    });

    QUnit.test("a lost connection stays lost over a takeover, until it is back", async (assert) => {
        const [host, page] = await browser.openAll(2);
        browser.setOnline(false);
        await browser.settle();
        host!.crash();
        await browser.settle();
        assert.equal(browser.server.open.length, 0);
        browser.setOnline(true);
        await browser.settle();
        assert.equal(page!.workerState, "CONNECTED");
        assert.equal(page!.changes.filter((it) => it === "BUS:DISCONNECT").length, 1);
        assert.equal(browser.server.open.length, 1);
    });
});
