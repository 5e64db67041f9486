import QUnit from "qunit";
import { HUB_TIMEOUT, HubWatch, REACTION_SPREAD } from "../../static/src/host/hub_watch";
import { FakeClock, Process } from "../support/fake_clock";

QUnit.module("hub watch", (hooks) => {
    let clock: FakeClock;
    let process: Process;
    let watch: HubWatch;
    let alarms: number[];

    hooks.beforeEach(() => {
        clock = new FakeClock();
        process = new Process(clock);
        alarms = [];
        const startedAt = clock.now();
        const onSilence = () => alarms.push(clock.now() - startedAt);
        watch = new HubWatch(process, () => 0.5, onSilence);
    });

    QUnit.test("is quiet as long as the hub is heard", async (assert) => {
        for (let beat = 0; beat < 10; beat++) {
            watch.hear();
            await clock.pass(HUB_TIMEOUT - 100);
        }
        assert.deepEqual(alarms, []);
    });

    QUnit.test("notices silence, and reacts again ever more rarely", async (assert) => {
        watch.hear();
        await clock.pass(40_000);
        const spread = REACTION_SPREAD / 2;
        const expected = [3_000, 9_000, 21_000].map((at, index) => at + (index + 1) * spread);
        assert.deepEqual(alarms, expected);
    });

    QUnit.test("does not take its own sleep for silence", async (assert) => {
        watch.hear();
        process.freeze();
        await clock.pass(60_000);
        process.thaw();
        assert.deepEqual(alarms, []);
        await clock.pass(HUB_TIMEOUT + REACTION_SPREAD);
        assert.equal(alarms.length, 1, "but silence after it");
    });

    /** Keeps the process from running until its alarm is late. */
    async function oversleep(): Promise<void> {
        process.freeze();
        await clock.pass(30_000);
        process.thaw();
    }

    QUnit.test("late twice without a word in between, it reacts", async (assert) => {
        watch.hear();
        await oversleep();
        assert.equal(alarms.length, 0, "it may have slept itself");
        await oversleep();
        assert.equal(alarms.length, 1);
        await oversleep();
        assert.equal(alarms.length, 2);
    });

    QUnit.test("late twice, but with a word in between, it does not", async (assert) => {
        watch.hear();
        for (let count = 0; count < 3; count++) {
            await oversleep();
            watch.hear();
        }
        assert.deepEqual(alarms, []);
    });

    QUnit.test("late, in time and late again, it reacts to the second only", async (assert) => {
        watch.hear();
        await oversleep();
        await clock.pass(HUB_TIMEOUT + REACTION_SPREAD);
        assert.equal(alarms.length, 1, "in time");
        await oversleep();
        assert.equal(alarms.length, 1);
    });

    QUnit.test("where timers run once a minute, it reacts at the second", async (assert) => {
        process.throttle(60_000);
        watch.hear();
        await clock.pass(61_000);
        assert.equal(alarms.length, 0);
        await clock.pass(60_000);
        assert.equal(alarms.length, 1);
    });

    QUnit.test("where timers run once a minute, it is quiet while it hears", async (assert) => {
        process.throttle(60_000);
        for (let second = 0; second < 300; second++) {
            watch.hear();
            await clock.pass(1_000);
        }
        assert.deepEqual(alarms, []);
    });

    QUnit.test("ends", async (assert) => {
        watch.hear();
        watch.stop();
        await clock.pass(60_000);
        assert.deepEqual(alarms, []);
    });
});
