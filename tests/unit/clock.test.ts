import QUnit from "qunit";
import { Alarm } from "../../static/src/core/clock";
import { FakeClock } from "../support/fake_clock";

QUnit.module("alarm", (hooks) => {
    let clock: FakeClock;
    let rings: number[];
    let alarm: Alarm;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        const start = clock.now();
        rings = [];
        alarm = new Alarm(clock, () => rings.push(clock.now() - start));
    });

    QUnit.test("rings once", async (assert) => {
        alarm.set(10);
        assert.true(alarm.pending);
        await clock.pass(100);
        assert.deepEqual(rings, [10]);
        assert.false(alarm.pending);
    });

    QUnit.test("set again, it rings only at the new time", async (assert) => {
        alarm.set(10);
        alarm.set(20);
        await clock.pass(100);
        assert.deepEqual(rings, [20]);
    });

    QUnit.test("ensured while pending, it keeps its time", async (assert) => {
        alarm.ensure(10);
        alarm.ensure(20);
        await clock.pass(15);
        alarm.ensure(20);
        await clock.pass(100);
        assert.deepEqual(rings, [10, 35]);
    });

    QUnit.test("cleared, it does not ring", async (assert) => {
        alarm.clear();
        alarm.set(10);
        alarm.clear();
        assert.false(alarm.pending);
        await clock.pass(100);
        assert.deepEqual(rings, []);
    });
});
