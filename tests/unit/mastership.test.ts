import QUnit from "qunit";
import { APPOINTMENT_TIMEOUT, Mastership } from "../../static/src/tab/mastership";
import { FakeClock, settlePromises } from "../support/fake_clock";

QUnit.module("mastership", (hooks) => {
    let clock: FakeClock;
    let changes: boolean[];
    let mastership: Mastership;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        changes = [];
        mastership = new Mastership(clock, (isMaster) => changes.push(isMaster));
    });

    QUnit.test("the answer waits for the first appointment only", async (assert) => {
        let answer: boolean | null = null;
        void mastership.answer().then((it) => (answer = it));
        await clock.pass(100);
        assert.equal(answer, null);
        mastership.set(true);
        mastership.settle();
        await settlePromises();
        assert.true(answer);
        mastership.set(false);
        assert.false(await mastership.answer());
    });

    QUnit.test("without any appointment the answer is no", async (assert) => {
        let answer: boolean | null = null;
        void mastership.answer().then((it) => (answer = it));
        await clock.pass(APPOINTMENT_TIMEOUT);
        assert.false(answer);
        mastership.set(true);
        assert.true(await mastership.answer(), "a late appointment counts all the same");
    });

    QUnit.test("only changes are told", (assert) => {
        [false, true, true, false, false].forEach((it) => mastership.set(it));
        assert.deepEqual(changes, [true, false]);
    });

    QUnit.test("who resigned is never master again", async (assert) => {
        mastership.set(true);
        mastership.resign();
        mastership.set(true);
        assert.deepEqual(changes, [true, false]);
        assert.false(await mastership.answer());
    });
});
