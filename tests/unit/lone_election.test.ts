import QUnit from "qunit";
import sinon from "sinon";
import { LoneElection } from "../../static/src/host/lone_election";
import { Browser, type Page } from "../support/fake_browser";
import { FakeClock } from "../support/fake_clock";

QUnit.module("lone election", (hooks) => {
    let clock: FakeClock;
    let terms: number[];
    let deposed: number;
    let election: LoneElection;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        sinon.stub(Date, "now").callsFake(() => clock.now());
        terms = [];
        deposed = 0;
        election = new LoneElection({
            nextInLine: () => {},
            elected: (term) => terms.push(term),
            deposed: () => deposed++,
            failed: () => {},
        });
    });
    hooks.afterEach(() => sinon.restore());

    QUnit.test("elects whoever stands, once, until it resigns", async (assert) => {
        election.campaign();
        election.campaign();
        assert.equal(terms.length, 1);
        await clock.pass(1_000);
        election.resign();
        election.resign();
        assert.equal(deposed, 1);
        election.campaign();
        assert.equal(terms.length, 2);
        assert.true(terms[1]! > terms[0]!, "the term grows");
    });

    // A tab ignores hubs of a lower term: it would be deaf to its own.
    QUnit.test("the term grows also after the clock was set back", async (assert) => {
        await clock.pass(60_000);
        election.campaign();
        sinon.restore();
        sinon.stub(Date, "now").callsFake(() => clock.now() - 30_000);
        election.usurp();
        assert.true(terms[1]! > terms[0]!);
    });

    QUnit.test("a hub that hangs is started anew", async (assert) => {
        election.campaign();
        await clock.pass(1_000);
        election.usurp();
        assert.equal(deposed, 1);
        assert.equal(terms.length, 2);
        assert.true(terms[1]! > terms[0]!);
    });
});

QUnit.module("tabs that can't find each other", (hooks) => {
    let browser: Browser;
    let warn: sinon.SinonStub;

    hooks.beforeEach(() => {
        browser = new Browser();
        browser.isSecure = false;
        browser.databases.refusal = new DOMException("Access is denied.", "SecurityError");
        warn = sinon.stub(console, "warn");
        // What stands in for the numbers of elections has to go with the time of the test.
        sinon.stub(Date, "now").callsFake(() => browser.clock.now());
    });
    hooks.afterEach(() => sinon.restore());

    const hubs = () => browser.channels.ofKind("up").length;

    async function expectAlone(assert: Assert, pages: Page[]): Promise<void> {
        const id = browser.server.publish("all");
        await browser.pass(100);
        for (const page of pages) {
            assert.true(page.tab.isHost, `${page.id} has a hub of its own`);
            assert.true(await page.tab.isMaster());
            assert.equal(page.workerState, "CONNECTED");
            assert.equal(page.ids.filter((it) => it === id).length, 1, "each gets it, once");
        }
        assert.equal(browser.server.open.length, pages.length);
    }

    QUnit.test("work each alone, and say so once", async (assert) => {
        const pages = await browser.openAll(3);
        await expectAlone(assert, pages);
        await browser.pass(600_000);
        await expectAlone(assert, pages);
        assert.equal(hubs(), 3, "no election after the first");
        assert.equal(warn.callCount, 3);
        pages.forEach(({ changes }) => assert.deepEqual(changes, ["BUS:CONNECT"]));
    });

    QUnit.test("hear nothing of each other's hubs", async (assert) => {
        const [one, other] = await browser.openAll(2);
        one!.tab.addChannel("own");
        await browser.settle();
        const id = browser.server.publish("own");
        await browser.pass(100);
        assert.deepEqual(one!.ids, [id]);
        assert.deepEqual(other!.ids, []);
    });

    QUnit.test("come back from the back/forward cache with all they missed", async (assert) => {
        const [page, other] = await browser.openAll(2);
        page!.suspend();
        await browser.settle();
        assert.equal(browser.server.open.length, 1);
        const missed = browser.server.publish("all");
        await browser.pass(60_000);
        page!.resume();
        await browser.settle();
        assert.deepEqual(page!.ids, [missed]);
        await expectAlone(assert, [page!, other!]);
        assert.equal(hubs(), 3);
        assert.equal(warn.callCount, 2, "it is known by then");
    });

    QUnit.test("replace their own hub when it hangs", async (assert) => {
        const [page] = await browser.openAll(1);
        page!.hubProcess!.freeze();
        const id = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page!.ids, [id]);
        await expectAlone(assert, [page!]);
        assert.equal(hubs(), 2);
    });

    QUnit.test("work alone as well where IndexedDB does not answer", async (assert) => {
        browser.databases.refusal = null;
        browser.databases.isMute = true;
        const pages = await browser.openAll(2);
        await browser.pass(20_000);
        await expectAlone(assert, pages);
        await browser.pass(600_000);
        assert.equal(hubs(), 2);
        assert.equal(warn.callCount, 2);
    });
});
