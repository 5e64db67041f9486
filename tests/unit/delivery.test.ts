import QUnit from "qunit";
import type { BusEvent } from "../../static/src/core/messages";
import { ResumeWindow } from "../../static/src/core/resume_window";
import { Delivery } from "../../static/src/tab/delivery";
import { FakeClock } from "../support/fake_clock";

const message = { type: "test", payload: null };
const notifications = (...ids: number[]): BusEvent => ({
    type: "BUS:NOTIFICATION",
    data: ids.map((id) => ({ id, message })),
});
const connect: BusEvent = { type: "BUS:CONNECT" };

QUnit.module("delivery", (hooks) => {
    let delivered: BusEvent[];
    let delivery: Delivery;

    hooks.beforeEach(() => {
        delivered = [];
        const received = new ResumeWindow(new FakeClock());
        delivery = new Delivery(received, (event) => delivered.push(event));
    });

    QUnit.test("hands on what is new, and no empty event", (assert) => {
        delivery.take(1, [connect, notifications(1, 2)]);
        delivery.take(3, [notifications(2, 3), notifications(1), notifications(4)]);
        assert.deepEqual(delivered, [
            connect,
            notifications(1, 2),
            notifications(3),
            notifications(4),
        ]);
    });

    QUnit.test("starts with what comes first, and asks for holes from there on", (assert) => {
        assert.equal(delivery.take(7, [notifications(1)]), null);
        assert.deepEqual(delivery.take(9, [notifications(3)]), { from: 8, to: 8 });
        assert.deepEqual(delivered, [notifications(1)], "order goes before speed");
        assert.equal(delivery.take(8, [notifications(2)]), null);
        assert.deepEqual(delivered.at(-1), notifications(3));
        assert.deepEqual(delivery.check(10), { from: 10, to: 10 });
    });

    QUnit.test("a tab that knows no hub yet wants nothing of the past", (assert) => {
        delivery.begin(false);
        assert.equal(delivery.check(5), null);
        assert.equal(delivery.take(6, [connect]), null);
        assert.deepEqual(delivered, [connect]);
    });

    QUnit.test("from a hub that takes over it wants everything, and nothing twice", (assert) => {
        delivery.take(5, [notifications(1, 2)]);
        delivery.begin(true);
        assert.deepEqual(delivery.check(2), { from: 1, to: 2 });
        delivery.take(1, [notifications(1, 2), notifications(2, 3)]);
        assert.deepEqual(delivered, [notifications(1, 2), notifications(3)]);
    });

    QUnit.test("goes on without what nobody has any more", (assert) => {
        delivery.skip(3);
        delivery.take(1, [notifications(1)]);
        delivery.take(4, [notifications(4)]);
        delivery.skip(3);
        assert.deepEqual(delivered, [notifications(1), notifications(4)]);
    });
});
