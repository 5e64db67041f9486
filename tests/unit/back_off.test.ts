import QUnit from "qunit";
import { LONGEST_RETRY_DELAY, longestDelayIn, retryDelay } from "../../static/src/core/back_off";

QUnit.module("back-off", () => {
    QUnit.test("grows from 1 s to 60 s and takes a random part", (assert) => {
        const delays = [0, 1, 2, 5, 6, 50].map((attempt) => retryDelay(attempt, () => 0.5));
        assert.deepEqual(delays, [500, 1_000, 2_000, 16_000, 30_000, 30_000]);
        assert.equal(
            retryDelay(9, () => 0),
            0,
            "full jitter: the herd spreads over the whole delay"
        );
        assert.true(retryDelay(9, () => 0.999) <= LONGEST_RETRY_DELAY);
    });

    QUnit.test("is spread at least as far as asked", (assert) => {
        assert.equal(
            retryDelay(0, () => 0.5, { least: 10_000 }),
            5_000
        );
        assert.equal(
            retryDelay(6, () => 0.5, { least: 10_000 }),
            30_000,
            "but not less than the back-off"
        );
    });

    QUnit.test("is no longer than a third of the outage, and grows with it", (assert) => {
        const longest = [0, 12_000, 30_000, 600_000].map(longestDelayIn);
        assert.deepEqual(longest, [4_000, 4_000, 10_000, 200_000]);
        const delays = longest.map((most) => retryDelay(9, () => 0.5, { most }));
        assert.deepEqual(delays, [2_000, 2_000, 5_000, 30_000]);
    });
});
