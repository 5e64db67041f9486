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
    let cut: string[];
    let watch: LifeWatch;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        locks = new FakeLocks();
        cut = [];
        watch = new LifeWatch(locks.of(new Process(clock)), CHANNEL, (tab) => cut.push(tab));
    });

    function tab(id: string) {
        const process = new Process(clock);
        const line = new LifeLine(locks.of(process));
        line.hold(lifeLineName(CHANNEL, id));
        return { process, line };
    }

    QUnit.test("tells when the tab crashes", async (assert) => {
        const { process, line } = tab("a");
        await clock.pass(10);
        assert.true(line.isHeld);
        watch.follow("a");
        await clock.pass(60_000);
        assert.deepEqual(cut, []);
        process.kill();
        await clock.pass(10);
        assert.deepEqual(cut, ["a"]);
    });

    QUnit.test("is not that of a tab that is not watched any more", async (assert) => {
        const [a, b] = ["a", "b"].map(tab);
        await clock.pass(10);
        watch.follow("a");
        watch.follow("b");
        a!.process.kill();
        await clock.pass(10);
        assert.deepEqual(cut, []);
        locks.grantsAborted = true;
        watch.follow(null);
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(cut, []);
    });

    QUnit.test("is held and watched again after it was let go", async (assert) => {
        const { line } = tab("a");
        await clock.pass(10);
        for (const expected of [["a"], ["a", "a"]]) {
            watch.follow("a");
            line.release();
            assert.false(line.isHeld);
            await clock.pass(10);
            assert.deepEqual(cut, expected);
            line.hold(lifeLineName(CHANNEL, "a"));
            line.hold(lifeLineName(CHANNEL, "a"));
            await clock.pass(10);
            assert.true(line.isHeld);
            assert.equal(locks.snapshot().held!.length, 1);
        }
    });

    QUnit.test("that is let go before it is held never is", async (assert) => {
        locks.grantsAborted = true;
        const { line } = tab("a");
        line.release();
        await clock.pass(10);
        assert.false(line.isHeld);
        assert.equal(locks.snapshot().held!.length, 0);
    });

    QUnit.test("where there are no locks, or they are forbidden, nothing happens", async (assert) => {
        const forbidden = {
            request: () => Promise.reject(new DOMException("no", "SecurityError")),
        } as unknown as LockManager;
        for (const manager of [undefined, forbidden]) {
            const line = new LifeLine(manager);
            line.hold("a");
            new LifeWatch(manager, CHANNEL, (tab) => cut.push(tab)).follow("a");
            await clock.pass(10);
            assert.false(line.isHeld);
        }
        assert.deepEqual(cut, []);
    });
});
