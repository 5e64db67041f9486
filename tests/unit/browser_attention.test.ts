import QUnit from "qunit";
import type { Attention } from "../../static/src/core/attention";
import { BrowserAttention, SETTLING_TIME } from "../../static/src/hub/browser_attention";
import { FakeClock } from "../support/fake_clock";

const DORMANT_AFTER = 60_000;

QUnit.module("attention of the browser", (hooks) => {
    let clock: FakeClock;
    let told: Attention[];
    let attention: BrowserAttention;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        told = [];
        attention = new BrowserAttention(clock, DORMANT_AFTER, (level) => told.push(level));
    });

    QUnit.test("is that of the tab that has most", (assert) => {
        attention.update(["hidden", "focused", "visible"]);
        assert.equal(attention.level, "focused");
        assert.deepEqual(told, ["focused"]);
        attention.update(["focused", "hidden"]);
        assert.deepEqual(told, ["focused"], "that is no change");
    });

    QUnit.test("falls when it has been lower for a while", async (assert) => {
        attention.update(["focused"]);
        attention.update(["hidden"]);
        await clock.pass(SETTLING_TIME - 1);
        assert.equal(attention.level, "focused");
        await clock.pass(1);
        assert.deepEqual(told, ["focused", "hidden"]);
    });

    QUnit.test("does not fall for who comes back", async (assert) => {
        attention.update(["focused"]);
        attention.update(["hidden"]);
        await clock.pass(SETTLING_TIME - 1);
        attention.update(["focused"]);
        await clock.pass(3_600_000);
        assert.deepEqual(told, ["focused"]);
    });

    QUnit.test("falls to what it is at the end", async (assert) => {
        attention.update(["focused"]);
        attention.update(["hidden"]);
        attention.update(["visible"]);
        await clock.pass(SETTLING_TIME);
        assert.deepEqual(told, ["focused", "visible"]);
    });

    QUnit.test("rises at once", async (assert) => {
        attention.update(["hidden"]);
        await clock.pass(SETTLING_TIME);
        attention.update(["visible"]);
        attention.update(["focused"]);
        assert.deepEqual(told, ["hidden", "visible", "focused"]);
    });

    QUnit.test("is dormant when it has been hidden for long, and awake at once", async (assert) => {
        attention.update(["hidden"]);
        await clock.pass(SETTLING_TIME + DORMANT_AFTER + 1);
        assert.deepEqual(told, ["hidden", "dormant"]);
        attention.update(["hidden", "hidden"]);
        assert.equal(attention.level, "dormant", "another hidden tab changes nothing");
        attention.update(["visible"]);
        assert.deepEqual(told, ["hidden", "dormant", "visible"]);
        await clock.pass(3_600_000);
        assert.equal(attention.level, "visible");
    });

    QUnit.test("stays what it was while there is no tab", async (assert) => {
        attention.update(["focused"]);
        attention.update([]);
        await clock.pass(3_600_000);
        assert.deepEqual(told, ["focused"]);
    });

    QUnit.test("tells nothing after its end", async (assert) => {
        attention.update(["hidden"]);
        attention.close();
        await clock.pass(3_600_000);
        assert.deepEqual(told, []);
    });
});
