import QUnit from "qunit";
import { HOLD_BACK } from "../../static/src/core/resume_window";
import { PollCursor } from "../../static/src/transport/poll_cursor";
import { FakeClock } from "../support/fake_clock";

QUnit.module("poll cursor", (hooks) => {
    let clock: FakeClock;
    let cursor: PollCursor;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        cursor = new PollCursor(clock, 10);
    });

    QUnit.test("begins where the client does", (assert) => {
        assert.deepEqual(cursor.position, { last: 10, seen: [] });
    });

    QUnit.test("passes no id that may still be followed by a lower one", async (assert) => {
        cursor.receive([14, 12]);
        cursor.settle(clock.now());
        assert.deepEqual(cursor.position, { last: 10, seen: [12, 14] });
        await clock.pass(HOLD_BACK);
        assert.deepEqual(cursor.position.last, 10, "time alone tells nothing: nobody has looked");
        cursor.receive([13]);
        cursor.settle(clock.now());
        assert.deepEqual(cursor.position, { last: 14, seen: [] });
    });

    QUnit.test("passes what was the latest when nothing was for us", async (assert) => {
        cursor.mark(90);
        await clock.pass(HOLD_BACK);
        cursor.mark(95);
        cursor.settle(clock.now());
        assert.deepEqual(cursor.position.last, 90);
    });

    QUnit.test("a request that was made too soon settles nothing", async (assert) => {
        cursor.mark(90);
        const askedAt = clock.now() + HOLD_BACK - 1;
        await clock.pass(60_000);
        cursor.settle(askedAt);
        assert.deepEqual(cursor.position.last, 10);
        cursor.settle(askedAt + 1);
        assert.deepEqual(cursor.position.last, 90);
    });

    QUnit.test("never goes back", async (assert) => {
        cursor.mark(5);
        await clock.pass(HOLD_BACK);
        cursor.settle(clock.now());
        assert.equal(cursor.position.last, 10);
    });

    QUnit.test("says no more ids than the server takes, the highest", (assert) => {
        cursor.receive(Array.from({ length: 2_500 }, (_, index) => 11 + index));
        const { seen } = cursor.position;
        assert.equal(seen.length, 2_000);
        assert.equal(seen.at(-1), 2_510);
    });

    QUnit.test("remembers an id once", (assert) => {
        cursor.receive([12]);
        cursor.receive([12, 11]);
        assert.deepEqual(cursor.position.seen, [11, 12]);
    });
});
