import QUnit from "qunit";
import { WakingTime } from "../../static/src/core/waking_time";
import { FakeClock } from "../support/fake_clock";

QUnit.module("waking time", (hooks) => {
    let clock: FakeClock;
    let time: WakingTime;
    let begin: number;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        time = new WakingTime(clock);
        begin = clock.now();
    });

    async function beat(times: number): Promise<void> {
        for (let count = 0; count < times; count++) {
            await clock.pass(1_000);
            time.beat();
        }
    }

    QUnit.test("is the time while the process runs", async (assert) => {
        for (let second = 1; second <= 20; second++) {
            await beat(1);
            assert.equal(time.now(), begin + second * 1_000);
            await clock.pass(900);
            assert.equal(time.now(), clock.now());
            begin += 900;
        }
    });

    QUnit.test("stands still while nothing beats", async (assert) => {
        await beat(5);
        const frozenAt = clock.now();
        await clock.pass(60_000);
        assert.true(time.now() <= frozenAt + 3_000);
    });

    QUnit.test("goes on only at the second beat after that: the first may come before what waited", async (assert) => {
        await beat(5);
        const frozenAt = clock.now();
        await clock.pass(60_000);
        time.beat();
        assert.true(time.now() <= frozenAt + 3_000);
        await beat(1);
        assert.equal(time.now(), clock.now());
    });

    QUnit.test("goes on, late, where a browser slows the beats", async (assert) => {
        for (let minute = 0; minute < 10; minute++) {
            await clock.pass(60_000);
            time.beat();
        }
        assert.true(clock.now() - time.now() <= 60_000);
    });
});
