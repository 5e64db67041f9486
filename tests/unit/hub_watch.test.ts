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

    QUnit.test("ends", async (assert) => {
        watch.hear();
        watch.stop();
        await clock.pass(60_000);
        assert.deepEqual(alarms, []);
    });
});
