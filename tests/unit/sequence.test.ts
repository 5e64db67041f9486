import QUnit from "qunit";
import { RELAY_LOG_LENGTH, RelayCursor, RelayLog } from "../../static/src/core/sequence";

QUnit.module("sequence", () => {
    QUnit.test("the log numbers items from 1 and gives ranges of them", (assert) => {
        const log = new RelayLog<string>();
        assert.deepEqual(
            ["a", "b", "c"].map((item) => log.append(item)),
            [1, 2, 3]
        );
        assert.equal(log.sequence, 3);
        assert.deepEqual(log.range(1, 3), ["a", "b", "c"]);
        assert.deepEqual(log.range(2, 2), ["b"]);
        assert.equal(log.range(2, 4), null, "the future");
        assert.equal(log.range(0, 1), null);
        assert.equal(log.range(3, 2), null, "empty");
    });

    QUnit.test("the log keeps only the latest items", (assert) => {
        const log = new RelayLog<number>();
        for (let item = 1; item <= RELAY_LOG_LENGTH + 2; item++) {
            log.append(item);
        }
        assert.equal(log.range(2, 5), null);
        assert.deepEqual(log.range(3, 4), [3, 4]);
        assert.equal(log.range(3, RELAY_LOG_LENGTH + 2)?.length, RELAY_LOG_LENGTH);
        assert.equal(log.since(0).length, RELAY_LOG_LENGTH);
        assert.deepEqual(log.since(RELAY_LOG_LENGTH), [RELAY_LOG_LENGTH + 1, RELAY_LOG_LENGTH + 2]);
        assert.deepEqual([log.isCut(1), log.isCut(2)], [true, false]);
    });

    QUnit.test("the cursor hands on in order, each item once", (assert) => {
        const cursor = new RelayCursor<string>();
        cursor.start(1);
        assert.deepEqual(cursor.take(1, ["a", "b"]), ["a", "b"]);
        assert.deepEqual(cursor.take(4, ["d"]), []);
        assert.deepEqual(cursor.hole(), { from: 3, to: 3 });
        assert.deepEqual(cursor.take(2, ["b"]), [], "known");
        assert.deepEqual(cursor.take(2, ["b", "c"]), ["c", "d"]);
        assert.equal(cursor.hole(), null);
    });

    QUnit.test("the cursor keeps everything until it knows where to begin", (assert) => {
        const cursor = new RelayCursor<string>();
        assert.false(cursor.isStarted);
        assert.deepEqual(cursor.take(3, ["c", "d"]), []);
        assert.deepEqual(cursor.take(6, ["f"]), []);
        assert.equal(cursor.hole(9), null, "nothing is missing yet");
        assert.deepEqual(cursor.start(4), ["d"]);
        assert.true(cursor.isStarted);
        assert.deepEqual(cursor.hole(), { from: 5, to: 5 });
    });

    QUnit.test("the cursor knows what is missing up to a number", (assert) => {
        const cursor = new RelayCursor<string>();
        cursor.start(3);
        assert.equal(cursor.hole(2), null);
        assert.deepEqual(cursor.hole(5), { from: 3, to: 5 });
        cursor.take(5, ["e"]);
        assert.deepEqual(cursor.hole(9), { from: 3, to: 4 }, "the first hole comes first");
    });

    QUnit.test("the cursor goes on after what it has to give up", (assert) => {
        const cursor = new RelayCursor<string>();
        cursor.start(1);
        cursor.take(3, ["c"]);
        assert.deepEqual(cursor.start(3), ["c"]);
        assert.deepEqual(cursor.start(2), [], "never back");
        assert.deepEqual(cursor.take(4, ["d"]), ["d"]);
    });
});
