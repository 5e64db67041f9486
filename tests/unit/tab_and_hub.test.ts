import QUnit from "qunit";
import { HOLD_BACK } from "../../static/src/core/resume_window";
import sinon from "sinon";
import { RELAY_LOG_LENGTH } from "../../static/src/core/sequence";
import { SUBSCRIBE_DELAY } from "../../static/src/hub/subscription";
import { Browser, SCOPE } from "../support/fake_browser";

QUnit.module("tab and hub", (hooks) => {
    let browser: Browser;

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    QUnit.test("five tabs have one connection and get all once, in order", async (assert) => {
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

    QUnit.test("each tab sees what stock's worker tells, once", async (assert) => {
        const pages = await browser.openAll(3);
        assert.deepEqual(
            pages[0]!.events.map(({ type, data }) => [type, data]),
            [
                ["BUS:WORKER_STATE_UPDATED", "IDLE"],
                ["BUS:WORKER_STATE_UPDATED", "CONNECTING"],
                ["BUS:WORKER_STATE_UPDATED", "CONNECTED"],
                ["BUS:CONNECT", undefined],
            ]
        );
        pages.forEach(({ workerState }) => assert.equal(workerState, "CONNECTED"));
        const late = browser.open("all");
        await browser.settle();
        assert.deepEqual(
            late.events.map(({ data }) => data),
            ["CONNECTED"],
            "a tab that comes later hears the state"
        );
    });

    QUnit.test("the subscription has the channels of all tabs, and the user", async (assert) => {
        const one = browser.open("a", "b", "a");
        const other = browser.open("b", "c");
        await browser.settle();
        const channels = () => browser.server.connection.subscriptions.at(-1)!.channels;
        assert.deepEqual(channels(), ["a", "b", "c"]);
        assert.equal(browser.server.connection.subscriptions[0]!.scope, SCOPE);

        one.tab.deleteChannel("a");
        one.tab.deleteChannel("unknown");
        await browser.settle();
        assert.equal(browser.server.connection.subscriptions.length, 1, "added twice");
        one.tab.deleteChannel("a");
        await browser.settle();
        assert.deepEqual(channels(), ["b", "c"]);
        other.close();
        await browser.settle();
        assert.deepEqual(channels(), ["b"], "a closed tab's channels go");
    });

    QUnit.test("channels added one by one are told together", async (assert) => {
        const page = browser.open("a");
        await browser.settle();
        ["b", "c", "d"].forEach((channel) => page.tab.addChannel(channel));
        await browser.pass(SUBSCRIBE_DELAY / 2);
        page.tab.addChannel("e");
        await browser.settle();
        assert.equal(browser.server.connection.subscriptions.length, 2);
        page.tab.resubscribe();
        await browser.settle();
        assert.equal(browser.server.connection.subscriptions.length, 3, "asked for it");
    });

    QUnit.test("nothing connects before a tab takes part", async (assert) => {
        const page = browser.openPage();
        await browser.settle();
        assert.equal(browser.channels.posted.length, 0, "not even a message");
        let isMaster: boolean | null = null;
        void page.tab.isMaster().then((it) => (isMaster = it));
        await browser.settle();
        assert.true(isMaster);
        assert.equal(browser.server.connections.length, 0);
        assert.deepEqual(page.events, []);
        page.tab.start();
        await browser.settle();
        assert.equal(browser.server.connections.length, 1);
        assert.equal(page.workerState, "CONNECTED");
    });

    QUnit.test("the last tab that stops ends the connection", async (assert) => {
        const [one, other] = await browser.openAll(2);
        one!.tab.stop();
        await browser.settle();
        assert.equal(browser.server.open.length, 1);
        other!.tab.stop();
        await browser.settle();
        assert.equal(browser.server.open.length, 0);
        other!.tab.addChannel("all");
        await browser.settle();
        assert.equal(browser.server.open.length, 1);
    });

    QUnit.test("a subscriber that throws stops nothing", async (assert) => {
        const error = sinon.stub(console, "error");
        const [page, other] = await browser.openAll(2);
        const seen: string[] = [];
        page!.tab.onEvent = ({ type }) => {
            seen.push(type);
            throw new Error("a subscriber's fault");
        };
        browser.server.publish("all");
        browser.server.publish("all");
        await browser.settle();
        error.restore();
        assert.equal(seen.length, 2);
        assert.equal(other!.ids.length, 2);
    });

    QUnit.test("a page gets what came between its making and its start", async (assert) => {
        await browser.openAll(2);
        browser.server.publish("all");
        await browser.pass(HOLD_BACK);
        const inPage = browser.server.publish("all");
        await browser.pass(100);
        const page = browser.openPage();
        const between = browser.server.publish("all");
        await browser.pass(100);
        page.tab.addChannel("all");
        await browser.settle();
        const after = browser.server.publish("all");
        await browser.pass(100);
        assert.deepEqual(page.ids, [between, after]);
        assert.true(inPage < between);
        assert.equal(browser.server.connections.length, 1, "from the hub, not from the server");
    });

    QUnit.test("a page that comes too late is told too that it is outdated", async (assert) => {
        const [first] = await browser.openAll(1);
        browser.server.outdatedURL = browser.websocketURL;
        browser.server.drop();
        await browser.settle();
        const second = browser.open("all");
        await browser.settle();
        for (const page of [first!, second]) {
            const told = page.changes.filter((type) => type === "BUS:OUTDATED");
            assert.equal(told.length, 1, page.id);
        }
        assert.equal(browser.server.open.length, 0);
        browser.websocketURL = "ws://server/websocket?version=2";
        const newer = browser.open("all");
        await browser.settle();
        assert.equal(newer.workerState, "CONNECTED", "a page of the new version ends that");
        assert.false(newer.changes.includes("BUS:OUTDATED"));
    });

    QUnit.test("a lost message is noticed and repeated", async (assert) => {
        const [, page] = await browser.openAll(2);
        const first = browser.server.publish("all");
        await browser.settle();
        // Just after a heartbeat, which would show it as well.
        await browser.pass(100);
        let lost = 0;
        browser.channels.loses = ({ kind }, receiver) =>
            kind === "relay" && receiver === page!.process && lost++ === 0;
        const second = browser.server.publish("all");
        await browser.pass(100);
        assert.deepEqual(page!.ids, [first]);
        const third = browser.server.publish("all");
        await browser.pass(100);
        assert.equal(lost, 3, "the second, the third and the repetition");
        assert.deepEqual(page!.ids, [first, second, third]);
        assert.equal(browser.server.connections.length, 1);
    });

    QUnit.test("the heartbeat shows that the latest message was lost", async (assert) => {
        const [, page] = await browser.openAll(2);
        let lost = 0;
        browser.channels.loses = ({ kind }, receiver) =>
            kind === "relay" && receiver === page!.process && lost++ === 0;
        const id = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page!.ids, [id]);
    });

    QUnit.test("what the hub has no more, the server repeats", async (assert) => {
        const [host, page] = await browser.openAll(2);
        const ids = [browser.server.publish("all")];
        await browser.settle();
        browser.channels.loses = ({ kind }, receiver) =>
            kind !== "beat" && receiver === page!.process;
        for (let count = 0; count < RELAY_LOG_LENGTH + 10; count++) {
            ids.push(browser.server.publish("all"));
        }
        await browser.pass(100);
        browser.channels.loses = () => false;
        await browser.pass(10_000);
        assert.deepEqual(page!.ids.length, ids.length);
        assert.deepEqual(new Set(page!.ids), new Set(ids));
        assert.deepEqual(host!.ids, ids, "the others see nothing of it");
        assert.false(host!.changes.includes("BUS:DISCONNECT"));
        assert.equal(browser.server.open.length, 1);
    });

    QUnit.test("offline and online are told as stock tells them", async (assert) => {
        const [page, other] = await browser.openAll(2);
        browser.setOnline(false);
        await browser.settle();
        assert.equal(page!.workerState, "DISCONNECTED");
        browser.setOnline(true);
        await browser.settle();
        const expected = ["BUS:CONNECT", "BUS:DISCONNECT", "BUS:CONNECT"];
        assert.deepEqual(other!.changes, expected);
        assert.deepEqual(page!.changes, expected);
        assert.equal(page!.workerState, "CONNECTED");
    });

    QUnit.test("a refused session is not hammered at, and comes back", async (assert) => {
        const [page] = await browser.openAll(2);
        browser.server.refusesWith = 4001;
        browser.server.open.forEach((connection) => connection.closeBy(4001));
        await browser.pass(600_000);
        const attempts = browser.server.connections.length - 1;
        assert.true(attempts > 10 && attempts < 30, `${attempts} attempts in 10 minutes`);
        browser.server.refusesWith = null;
        await browser.pass(60_000);
        const id = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page!.ids, [id]);
    });

    QUnit.test("an outdated page rests; a newer page brings all back", async (assert) => {
        const [page] = await browser.openAll(1);
        browser.server.connection.closeBy(1000, "OUTDATED_VERSION");
        await browser.pass(120_000);
        assert.equal(page!.changes.at(-1), "BUS:OUTDATED");
        assert.equal(browser.server.connections.length, 1);
        browser.websocketURL = "ws://server/websocket?version=2";
        browser.open("all");
        await browser.settle();
        assert.equal(browser.server.connection.url, browser.websocketURL);
        assert.equal(page!.workerState, "CONNECTED");
    });

    QUnit.test("after a restored database, a page loaded since is served", async (assert) => {
        const old = await browser.openAll(2);
        const restored = browser.server.publish("all");
        for (let count = 0; count < 20; count++) {
            browser.server.publish("all");
            await browser.pass(1_000);
        }
        browser.server.restore(restored);
        await browser.settle();
        assert.equal(browser.server.open.length, 0);
        const page = browser.open("all");
        await browser.settle();
        const id = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page.ids, [id]);
        assert.deepEqual(page.changes, ["BUS:CONNECT"], "as a page that comes first");
        for (const { changes, id: name } of old) {
            assert.equal(changes.filter((it) => it === "BUS:OUTDATED").length, 1, name);
        }
        browser.host.close();
        await browser.settle();
        const last = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page.ids, [id, last], "also by the next hub");
    });

    QUnit.test("stored ids of another database make nobody deaf", async (assert) => {
        browser.storage.setItem("window", JSON.stringify({ point: 9_000, recent: [[9_001, 5]] }));
        const [page] = await browser.openAll(1);
        const id = browser.server.publish("all");
        await browser.settle();
        assert.deepEqual(page!.ids, [id]);
    });
});
