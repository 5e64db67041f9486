import QUnit from "qunit";
import { ATTENTION_EVENT, CloseCode, type Subscribe } from "../../static/src/transport/transport";
import {
    FIRST_LINE_TIME,
    LEAST_INTERVAL,
    LONGEST_SILENCE,
    pollTransport,
} from "../../static/src/transport/poll_transport";
import type { Transport } from "../../static/src/transport/transport";
import { FakeClock } from "../support/fake_clock";
import { FakePollServer } from "../support/fake_poll_server";
import { TransportRecord } from "../support/transport_record";

const URL = "wss://odoo.test/websocket?version=19.0-2";
const RIGHT = "/websocket/quiet/poll";
const OLD = "/longpolling/poll";

QUnit.module("transport over plain requests", (hooks) => {
    let clock: FakeClock;
    let server: FakePollServer;
    let record: TransportRecord;
    let transport: Transport;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        server = new FakePollServer(() => clock.now());
        record = new TransportRecord();
    });

    hooks.afterEach(() => transport.close());

    async function pass(milliseconds: number): Promise<void> {
        await clock.pass(milliseconds);
        await server.settle();
    }

    function open(hold: "stream" | "once" = "stream"): void {
        const { fetch } = server;
        transport = pollTransport({ clock, random: () => 0.5, fetch, hold })(URL, record);
    }

    const subscription = (values: Partial<Subscribe> = {}): Subscribe => ({
        channels: ["a"],
        last: 10,
        scope: "db.7",
        attention: "focused",
        ...values,
    });

    /** Opens it where requests are held, and subscribes; the request is under way then. */
    async function subscribe(hold: "stream" | "once" = "stream"): Promise<void> {
        open(hold);
        server.latest.begin(true).end();
        await server.settle();
        transport.send("subscribe", subscription());
        await pass(LEAST_INTERVAL);
        record.news();
    }

    /** The same where they are not: the server answers with this wait. */
    async function subscribeToPolls(): Promise<void> {
        open();
        for (let count = 0; count < 2; count++) {
            server.latest.answer(2, 0);
            await server.settle();
        }
        transport.send("subscribe", subscription());
        await pass(LEAST_INTERVAL);
        record.news();
    }

    QUnit.test("is open when the server has answered", async (assert) => {
        open();
        const { path, body } = server.latest;
        assert.equal(path, RIGHT);
        assert.equal(body.channels, null);
        await pass(1_000);
        assert.deepEqual(record.news(), []);
        server.latest.begin(true).end();
        await server.settle();
        assert.deepEqual(record.news(), ["opened"]);
        await pass(60_000);
        assert.equal(server.exchanges.length, 1, "there is nothing to ask for yet");
    });

    QUnit.test("says what a subscription says, and receives", async (assert) => {
        await subscribe();
        const { body } = server.latest;
        assert.deepEqual(body.channels, ["a"]);
        assert.equal(body.scope, "db.7");
        assert.equal(body.last, 10);
        assert.equal(body.attention, "focused");
        assert.equal(body.hold, "stream");
        assert.true(body.is_new);
        server.latest.begin(true, { latest: 11 });
        await server.settle();
        assert.deepEqual(record.news(), ["received "], "the server serves us");
        server.latest.notify(11, 12);
        await server.settle();
        server.latest.notify(13);
        await server.settle();
        assert.deepEqual(record.news(), ["received 11,12", "received 13"]);
    });

    QUnit.test("a line may come in pieces", async (assert) => {
        await subscribe();
        server.latest.begin(true);
        const text = '[{"id":11,"message":{"type":"é"}}]\n\n[{"id":12,"message":{"type":"t"}}]\n';
        for (const letter of text) {
            server.latest.writeText(letter);
            await server.settle();
        }
        assert.deepEqual(record.news(), ["received ", "received 11", "received 12"]);
    });

    QUnit.test("asks again as soon as a stream ends, with what it has", async (assert) => {
        await subscribe();
        server.latest.begin(true, { latest: 12 }).notify(11, 12);
        await pass(30_000);
        server.latest.writeText("\n");
        await pass(25_000);
        assert.equal(server.exchanges.length, 1 + 1);
        server.latest.write({ done: true }).end();
        await pass(LEAST_INTERVAL);
        assert.equal(server.exchanges.length, 3);
        assert.equal(server.latest.body.last, 12);
        assert.deepEqual(server.latest.body.seen, []);
        assert.false(server.latest.body.is_new);
    });

    QUnit.test("a stream that somebody else ended may not have said all", async (assert) => {
        await subscribe();
        server.latest.begin(true, { latest: 12 }).notify(12);
        await pass(30_000);
        server.latest.end();
        await pass(LEAST_INTERVAL);
        assert.equal(server.latest.body.last, 10);
        assert.deepEqual(server.latest.body.seen, [12]);
    });

    QUnit.test("what it has seen lately it says by id", async (assert) => {
        await subscribe();
        server.latest.begin(true, { latest: 12 }).notify(12).end();
        await pass(LEAST_INTERVAL);
        assert.equal(server.latest.body.last, 10);
        assert.deepEqual(server.latest.body.seen, [12]);
    });

    QUnit.test("uses the old path where only that one leads to a process that holds", async (assert) => {
        open();
        server.latest.answer(2, 0);
        await server.settle();
        assert.equal(server.latest.path, OLD);
        server.latest.begin(true).end();
        await server.settle();
        transport.send("subscribe", subscription());
        await pass(LEAST_INTERVAL);
        assert.equal(server.latest.path, OLD);
        assert.equal(server.exchanges.length, 3);
    });

    QUnit.test("polls where nothing is held, as often as the server says", async (assert) => {
        open();
        server.latest.answer(2, 0);
        await server.settle();
        server.latest.refuse(404, "<title>Not found</title>", { "content-type": "text/html" });
        await server.settle();
        assert.deepEqual(record.news(), ["opened"]);
        transport.send("subscribe", subscription());
        await pass(LEAST_INTERVAL);
        assert.equal(server.latest.path, RIGHT);
        server.latest.answer(2, 11, 11);
        await pass(1_900);
        assert.equal(server.exchanges.length, 3);
        await pass(200);
        assert.equal(server.exchanges.length, 4);
        server.latest.answer(30, 11);
        await pass(29_000);
        assert.equal(server.exchanges.length, 4, "the browser is hidden, say");
        await pass(1_500);
        assert.equal(server.exchanges.length, 5);
    });

    QUnit.test("a wait does not hold up what there is to say", async (assert) => {
        await subscribeToPolls();
        server.latest.answer(30, 0);
        await pass(1_000);
        transport.send("update_presence", { inactivity_period: 0 });
        transport.send("other", 1);
        await pass(LEAST_INTERVAL);
        assert.deepEqual(server.latest.body.events, [
            { event_name: "update_presence", data: { inactivity_period: 0 } },
            { event_name: "other", data: 1 },
        ]);
        server.latest.answer(30, 0);
        await pass(60_000);
        assert.deepEqual(server.latest.body.events, [], "it is said once");
    });

    QUnit.test("what is to be said during a poll is said after it", async (assert) => {
        await subscribeToPolls();
        const count = server.exchanges.length;
        transport.send("event", 1);
        await pass(1_000);
        assert.equal(server.exchanges.length, count);
        assert.false(server.latest.isAborted);
        server.latest.answer(30, 0);
        await pass(LEAST_INTERVAL);
        assert.equal(server.exchanges.length, count + 1);
        assert.equal(server.latest.body.events.length, 1);
    });

    QUnit.test("a stream is begun anew for what there is to say; one at a time", async (assert) => {
        await subscribe();
        const first = server.latest;
        transport.send("early", 1);
        await pass(1_000);
        assert.false(first.isAborted, "the server may be doing what it says");
        first.begin(true, { latest: 11 }).notify(11);
        await pass(LEAST_INTERVAL);
        assert.true(first.isAborted);
        const second = server.latest;
        assert.notEqual(second, first);
        assert.deepEqual(
            second.body.events.map(({ event_name }) => event_name),
            ["early"]
        );
        assert.deepEqual(second.body.seen, [11]);
        second.begin(true);
        await server.settle();
        transport.send("late", 1);
        await pass(LEAST_INTERVAL);
        assert.true(second.isAborted);
        assert.equal(server.exchanges.length, 4);
        assert.deepEqual(
            record.news().filter((it) => it.startsWith("closed")),
            []
        );
    });

    QUnit.test("more attention catches up at once, and is told from then on", async (assert) => {
        await subscribeToPolls();
        server.latest.answer(60, 0);
        await pass(10_000);
        transport.send(ATTENTION_EVENT, { level: "visible" });
        await pass(20);
        assert.equal(server.latest.body.attention, "visible");
        assert.deepEqual(server.latest.body.events, []);
        server.latest.answer(5, 0);
        await pass(6_000);
        assert.equal(server.latest.body.attention, "visible");
    });

    QUnit.test("other channels are told, and begin where it stopped", async (assert) => {
        await subscribe();
        server.latest.begin(true, { latest: 12 }).notify(12);
        await server.settle();
        transport.send("subscribe", subscription({ channels: ["a", "b"], last: 3 }));
        await pass(LEAST_INTERVAL);
        assert.deepEqual(server.latest.body.channels, ["a", "b"]);
        assert.true(server.latest.body.is_new);
        assert.equal(server.latest.body.last, 10);
        assert.deepEqual(server.latest.body.seen, [12]);
    });

    QUnit.test("a stream without a first line is kept back on its way", async (assert) => {
        await subscribe();
        await pass(FIRST_LINE_TIME);
        assert.deepEqual(record.news(), [`closed ${CloseCode.BUFFERED}`]);
        assert.true(server.latest.isAborted);
    });

    QUnit.test("an answer to be given once may take its time", async (assert) => {
        await subscribe("once");
        await pass(25_000);
        assert.deepEqual(record.news(), []);
        server.latest.begin(true, { latest: 11 }).notify(11).end();
        await pass(LEAST_INTERVAL);
        assert.deepEqual(record.news(), ["received ", "received 11"]);
        assert.equal(server.exchanges.length, 3);
        assert.equal(server.latest.body.hold, "once");
    });

    QUnit.test("a silent stream is dead; signs of life keep it", async (assert) => {
        await subscribe();
        server.latest.begin(true);
        for (let count = 0; count < 4; count++) {
            await pass(LONGEST_SILENCE - 1);
            server.latest.writeText("\n");
            await server.settle();
        }
        assert.deepEqual(record.news(), ["received "]);
        await pass(LONGEST_SILENCE);
        assert.deepEqual(record.news(), [`closed ${CloseCode.ABNORMAL}`]);
    });

    QUnit.test("ends with the connection", async (assert) => {
        open();
        server.latest.fail();
        await server.settle();
        assert.deepEqual(record.news(), [`closed ${CloseCode.ABNORMAL}`]);
        await subscribe();
        server.latest.begin(true);
        await server.settle();
        server.latest.break();
        await server.settle();
        assert.deepEqual(record.news(), ["received "], "a proxy may have had enough of it");
        await pass(500);
        assert.equal(server.exchanges.length, 4);
        server.latest.fail();
        await server.settle();
        assert.deepEqual(record.news(), [`closed ${CloseCode.ABNORMAL}`]);
        await pass(60_000);
        assert.equal(server.exchanges.length, 4);
    });

    QUnit.test("ends as the server says", async (assert) => {
        await subscribe();
        const line = { code: CloseCode.GOING_AWAY, reason: "the server stops" };
        server.latest.begin(true).write(line).end();
        await server.settle();
        assert.deepEqual(record.news(), ["received ", `closed ${CloseCode.GOING_AWAY}`]);
    });

    QUnit.test("once closed it says nothing more", async (assert) => {
        await subscribe();
        server.latest.begin(true).notify(11);
        transport.close();
        await pass(60_000);
        assert.deepEqual(record.news(), []);
        assert.true(server.latest.isAborted);
        assert.equal(server.exchanges.length, 2);
    });

    QUnit.test("a server that answers at once all the time is not hammered", async (assert) => {
        await subscribe();
        for (let count = 0; count < 20; count++) {
            server.latest.begin(true).end();
            await pass(LEAST_INTERVAL);
        }
        assert.equal(server.exchanges.length, 2 + 20);
        assert.equal(server.latest.at - server.exchanges.at(-2)!.at, LEAST_INTERVAL);
    });
});
