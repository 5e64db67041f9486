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
        delivery.start(1, [], 0);
        delivery.take(1, [connect, notifications(1, 2)]);
        delivery.take(3, [notifications(2, 3), notifications(1), notifications(4)]);
        assert.deepEqual(delivered, [
            connect,
            notifications(1, 2),
            notifications(3),
            notifications(4),
        ]);
    });

    QUnit.test("waits until it knows where to begin, and asks for holes from there on", (assert) => {
        assert.equal(delivery.take(7, [notifications(1)]), null);
        assert.deepEqual(delivery.take(9, [notifications(3)]), null);
        assert.true(delivery.isWaiting);
        assert.deepEqual(delivered, []);
        assert.deepEqual(delivery.start(7, [], 9), { from: 8, to: 8 });
        assert.deepEqual(delivered, [notifications(1)], "order goes before speed");
        assert.equal(delivery.take(8, [notifications(2)]), null);
        assert.deepEqual(delivered.at(-1), notifications(3));
        assert.deepEqual(delivery.check(10), { from: 10, to: 10 });
    });

    QUnit.test("a page just loaded gets what it missed before anything else", (assert) => {
        delivery.take(6, [connect, notifications(3)]);
        assert.equal(delivery.start(6, [{ id: 2, message }], 7), null);
        assert.deepEqual(delivered, [notifications(2), connect, notifications(3)]);
    });

    QUnit.test("from another hub it takes nothing before that says where to begin", (assert) => {
        delivery.start(5, [], 4);
        delivery.take(5, [notifications(1, 2)]);
        delivery.begin();
        assert.equal(delivery.take(1, [notifications(4)]), null);
        assert.deepEqual(delivery.start(2, [], 3), { from: 2, to: 3 });
        delivery.take(2, [notifications(1, 2), notifications(2, 3)]);
        assert.deepEqual(delivered, [notifications(1, 2), notifications(3)]);
    });

    QUnit.test("goes on without what nobody has any more", (assert) => {
        delivery.start(1, [], 0);
        delivery.skip(3);
        delivery.take(1, [notifications(1)]);
        delivery.take(4, [notifications(4)]);
        delivery.skip(3);
        assert.deepEqual(delivered, [notifications(4)]);
    });
});
