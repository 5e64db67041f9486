import QUnit from "qunit";
import { APPOINTMENT_TIMEOUT, MASTER_LEASE, Mastership } from "../../static/src/tab/mastership";
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

    QUnit.test("the answer waits for the first appointment", async (assert) => {
        let answer: boolean | null = null;
        void mastership.answer().then((it) => (answer = it));
        await clock.pass(100);
        assert.equal(answer, null);
        mastership.hear(true);
        await settlePromises();
        assert.true(answer);
        mastership.hear(false);
        assert.false(await mastership.answer());
    });

    for (const [situation, change] of [
        ["while it moves", () => mastership.hear(null)],
        ["when the last one was long ago", () => clock.pass(MASTER_LEASE + 1)],
    ] as const) {
        QUnit.test(`and for the next one ${situation}`, async (assert) => {
            mastership.hear(true);
            await change();
            let answer: boolean | null = null;
            void mastership.answer().then((it) => (answer = it));
            await settlePromises();
            assert.equal(answer, null);
            mastership.hear(false);
            await settlePromises();
            assert.false(answer);
        });
    }

    QUnit.test("without any appointment the answer is no", async (assert) => {
        let answer: boolean | null = null;
        void mastership.answer().then((it) => (answer = it));
        await clock.pass(APPOINTMENT_TIMEOUT);
        assert.false(answer);
        mastership.hear(true);
        assert.true(await mastership.answer(), "a late appointment counts all the same");
    });

    QUnit.test("is over when it is not repeated", async (assert) => {
        mastership.hear(true);
        await clock.pass(MASTER_LEASE - 1);
        mastership.hear(true);
        await clock.pass(MASTER_LEASE - 1);
        assert.true(mastership.isMaster);
        await clock.pass(1);
        assert.false(mastership.isMaster);
        mastership.hear(true);
        mastership.hear(false);
        await clock.pass(MASTER_LEASE);
        assert.deepEqual(changes, [true, false, true, false]);
    });

    QUnit.test("only changes are told", (assert) => {
        [false, true, true, false, false].forEach((it) => mastership.hear(it));
        assert.deepEqual(changes, [true, false]);
    });

    QUnit.test("who resigned is never master again", async (assert) => {
        mastership.hear(true);
        mastership.resign();
        mastership.hear(true);
        assert.deepEqual(changes, [true, false]);
        assert.false(await mastership.answer());
    });
});
