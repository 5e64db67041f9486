import QUnit from "qunit";
import { lifeLineName } from "../../static/src/core/life_line";
import { LifeWatch } from "../../static/src/hub/life_watch";
import { LifeLine } from "../../static/src/tab/life_line";
import { FakeClock, Process } from "../support/fake_clock";
import { FakeLocks } from "../support/fake_locks";

const CHANNEL = "channel";

QUnit.module("life line", (hooks) => {
    let clock: FakeClock;
    let locks: FakeLocks;
    let gone: string[];
    let held: string[];
    let watch: LifeWatch;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        locks = new FakeLocks();
        gone = [];
        held = [];
        watch = new LifeWatch(locks.of(new Process(clock)), CHANNEL, (tab) => gone.push(tab));
    });

    function tab(id: string) {
        const process = new Process(clock);
        const line = new LifeLine(locks.of(process), () => held.push(id));
        line.hold(lifeLineName(CHANNEL, id));
        return { process, line };
    }

    QUnit.test("tells when a tab crashes, and which", async (assert) => {
        const [a, b] = ["a", "b"].map(tab);
        await clock.pass(10);
        assert.deepEqual(held, ["a", "b"]);
        assert.true(a!.line.isHeld);
        watch.follow(held);
        await clock.pass(60_000);
        assert.deepEqual(gone, []);
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(gone, ["b"]);
    });

    QUnit.test("is not that of a tab that is not watched any more", async (assert) => {
        const [a, b] = ["a", "b"].map(tab);
        await clock.pass(10);
        watch.follow(["a", "b"]);
        watch.follow(["b"]);
        a!.process.kill();
        await clock.pass(10);
        assert.deepEqual(gone, []);
        watch.follow([]);
        locks.grantsAborted = true;
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(gone, []);
    });

    QUnit.test("is held again after it was let go", async (assert) => {
        const { line } = tab("a");
        await clock.pass(10);
        line.release();
        assert.false(line.isHeld);
        line.hold(lifeLineName(CHANNEL, "a"));
        line.hold(lifeLineName(CHANNEL, "a"));
        await clock.pass(10);
        assert.true(line.isHeld);
        assert.deepEqual(held, ["a", "a"]);
        assert.equal(locks.snapshot().held!.length, 1);
    });

    QUnit.test("that is let go before it is held never is", async (assert) => {
        locks.grantsAborted = true;
        const { line } = tab("a");
        line.release();
        await clock.pass(10);
        assert.false(line.isHeld);
        assert.deepEqual(held, []);
    });

    QUnit.test("where there are no locks, or they are forbidden, nothing happens", async (assert) => {
        const forbidden = {
            request: () => Promise.reject(new DOMException("no", "SecurityError")),
        } as unknown as LockManager;
        for (const manager of [undefined, forbidden]) {
            const line = new LifeLine(manager, () => held.push("a"));
            line.hold("a");
            new LifeWatch(manager, CHANNEL, (tab) => gone.push(tab)).follow(["a"]);
            await clock.pass(10);
            assert.false(line.isHeld);
        }
        assert.deepEqual([held, gone], [[], []]);
    });
});
