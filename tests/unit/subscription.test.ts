import QUnit from "qunit";
import { SUBSCRIBE_DELAY, Subscription } from "../../static/src/hub/subscription";
import { FakeClock, Process } from "../support/fake_clock";

QUnit.module("subscription", (hooks) => {
    let clock: FakeClock;
    let process: Process;
    let told: string[][];
    let reconnects: number;
    let subscription: Subscription;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        told = [];
        reconnects = 0;
        process = new Process(clock);
        subscription = new Subscription(
            process,
            (channels) => told.push(channels),
            () => reconnects++
        );
    });

    QUnit.test("tells a set once it has settled", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"]);
        await clock.pass(SUBSCRIBE_DELAY - 1);
        subscription.setChannels(["a", "b"]);
        await clock.pass(SUBSCRIBE_DELAY - 1);
        assert.deepEqual(told, []);
        assert.false(subscription.isTold);
        await clock.pass(1);
        assert.deepEqual(told, [["a", "b"]]);
        assert.true(subscription.isTold);
    });

    QUnit.test("for a channel that it would tell of too late, it connects anew", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"]);
        await clock.pass(SUBSCRIBE_DELAY);
        subscription.setChannels(["a", "b"]);
        process.freeze();
        await clock.pass(10_000);
        process.thaw();
        assert.deepEqual([told, reconnects], [[["a"]], 1]);
        subscription.closed();
        subscription.opened();
        await clock.pass(SUBSCRIBE_DELAY);
        assert.deepEqual(told, [["a"], ["a", "b"]]);
    });

    QUnit.test("does not repeat the same set", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"]);
        await clock.pass(SUBSCRIBE_DELAY);
        subscription.setChannels(["a"]);
        subscription.setChannels(["a", "b"]);
        subscription.setChannels(["a"]);
        await clock.pass(1_000);
        assert.deepEqual(told, [["a"]]);
    });

    QUnit.test("renewed, it says the same set again, once", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"]);
        await clock.pass(SUBSCRIBE_DELAY);
        subscription.renew();
        subscription.renew();
        await clock.pass(1_000);
        assert.deepEqual(told, [["a"], ["a"]]);
    });

    QUnit.test("waits for the connection, then no longer than needed", async (assert) => {
        subscription.setChannels(["a"]);
        await clock.pass(1_000);
        assert.deepEqual(told, []);
        subscription.opened();
        await clock.pass(0);
        assert.deepEqual(told, [["a"]]);
    });

    QUnit.test("says all again on the next connection, also an empty set", async (assert) => {
        subscription.opened();
        await clock.pass(SUBSCRIBE_DELAY);
        assert.deepEqual(told, [[]], "the server has channels of its own");
        subscription.closed();
        assert.false(subscription.isTold);
        subscription.opened();
        await clock.pass(0);
        assert.deepEqual(told, [[], []]);
    });

    QUnit.test("says nothing after the end of the connection", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"]);
        subscription.closed();
        await clock.pass(1_000);
        assert.deepEqual(told, []);
    });

    QUnit.test("is as quick as a handover asks", async (assert) => {
        subscription.opened();
        subscription.setChannels(["a"], 30);
        await clock.pass(30);
        assert.deepEqual(told, [["a"]]);
    });
});
