import QUnit from "qunit";
import { BURST, BURST_WINDOW, Sender } from "../../static/src/hub/sender";
import { FakeClock } from "../support/fake_clock";

QUnit.module("sender", (hooks) => {
    let clock: FakeClock;
    let sent: { event: string; data: unknown; at: number }[];
    let receipts: unknown[];
    let sender: Sender;
    const send = (event: string) => sender.send(event, event, () => receipts.push(event));
    const events = () => sent.map(({ event }) => event);

    hooks.beforeEach(() => {
        clock = new FakeClock();
        sent = [];
        receipts = [];
        sender = new Sender(clock, (event, data) => sent.push({ event, data, at: clock.now() }));
    });

    QUnit.test("sends nothing before it has subscribed", (assert) => {
        send("a");
        sender.opened();
        send("b");
        assert.deepEqual(sent, []);
        assert.deepEqual(receipts, []);
        sender.subscribe(() => "data");
        assert.deepEqual(events(), ["subscribe", "a", "b"]);
        assert.deepEqual(receipts, ["a", "b"]);
        assert.equal(sent[0]!.data, "data");
    });

    QUnit.test("makes the data of a subscription when it is sent, of the latest only", (assert) => {
        let last = 1;
        sender.subscribe(() => "old");
        sender.subscribe(() => last);
        last = 2;
        sender.opened();
        send("a");
        assert.deepEqual(
            sent.map(({ data }) => data),
            [2, "a"]
        );
    });

    QUnit.test("never sends more than the server allows, and keeps the order", async (assert) => {
        sender.opened();
        sender.subscribe(() => null);
        const wanted = Array.from({ length: 40 }, (_, index) => `event ${index}`);
        for (const event of wanted) {
            send(event);
            await clock.pass(20);
        }
        await clock.pass(10 * BURST_WINDOW);
        assert.deepEqual(events(), ["subscribe", ...wanted]);
        assert.deepEqual(receipts, wanted);
        const most = sent.map(
            ({ at }) => sent.filter((it) => it.at >= at && it.at < at + BURST_WINDOW).length
        );
        assert.equal(Math.max(...most), BURST, "as many as allowed, and not one more");
    });

    QUnit.test("a subscription goes before what waits", async (assert) => {
        sender.opened();
        sender.subscribe(() => 1);
        Array.from({ length: BURST + 1 }, (_, index) => send(`event ${index}`));
        sender.subscribe(() => 2);
        await clock.pass(BURST_WINDOW);
        assert.equal(events()[BURST], "subscribe");
        assert.equal(events().length, BURST + 3);
    });

    QUnit.test("keeps what waits over a change of connection", async (assert) => {
        sender.opened();
        sender.subscribe(() => 1);
        sender.closed();
        send("a");
        await clock.pass(BURST_WINDOW);
        assert.deepEqual(events(), ["subscribe"]);
        sender.opened();
        send("b");
        assert.deepEqual(events(), ["subscribe"], "each connection needs a subscription");
        sender.subscribe(() => 2);
        assert.deepEqual(events(), ["subscribe", "subscribe", "a", "b"]);
    });
});
