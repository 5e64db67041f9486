import QUnit from "qunit";
import { IN_USE, REPORT_INTERVAL, Rivals, USE_EVENT } from "../../static/src/hub/rivals";
import { FakeClock } from "../support/fake_clock";

QUnit.module("rivals", (hooks) => {
    let clock: FakeClock;
    let told: unknown[];
    let rivals: Rivals;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        told = [];
        rivals = new Rivals(clock, "here", (event, data) => told.push([event, data]));
    });

    const use = () => rivals.update(clock.now());
    const hear = () => rivals.hear({ browser: "there" });

    QUnit.test("the server is told of a use, and now and then that it goes on", async (assert) => {
        use();
        assert.deepEqual(told, [[USE_EVENT, { browser: "here" }]]);
        await clock.pass(REPORT_INTERVAL - 1);
        use();
        assert.equal(told.length, 1);
        await clock.pass(1);
        use();
        assert.equal(told.length, 2);
        await clock.pass(REPORT_INTERVAL);
        rivals.update(clock.now() - REPORT_INTERVAL);
        assert.equal(told.length, 2, "not of what was heard of already");
    });

    QUnit.test("a new hub does not tell of what was long ago", async (assert) => {
        const usedAt = clock.now();
        await clock.pass(10_000);
        rivals.update(usedAt);
        assert.deepEqual(told, []);
    });

    QUnit.test("who was used last makes the sounds", async (assert) => {
        assert.false(rivals.isInUse);
        use();
        await clock.pass(1_000);
        hear();
        assert.true(rivals.isInUse);
        await clock.pass(1_000);
        use();
        assert.false(rivals.isInUse);
        assert.equal(told.length, 2, "the return is told at once");
    });

    QUnit.test("a browser that is not used any more does not silence others", async (assert) => {
        hear();
        await clock.pass(IN_USE - 1);
        assert.true(rivals.isInUse);
        await clock.pass(1);
        assert.false(rivals.isInUse);
    });

    QUnit.test("what it hears of itself, and nonsense, is none", (assert) => {
        [{ browser: "here" }, { browser: 7 }, {}, null, "there"].forEach((payload) => rivals.hear(payload));
        assert.false(rivals.isInUse);
    });

    QUnit.test("nothing is told or heeded where each browser beeps for itself", (assert) => {
        rivals = new Rivals(clock, null, (event) => told.push(event));
        use();
        hear();
        assert.deepEqual(told, []);
        assert.false(rivals.isInUse);
    });
});
