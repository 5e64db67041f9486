import QUnit from "qunit";
import type { TabId, TabState } from "../../static/src/core/messages";
import { Appointment, MASTER_TIMEOUT, MOVE_DELAY } from "../../static/src/hub/appointment";
import { Roster } from "../../static/src/hub/roster";
import { FakeClock } from "../support/fake_clock";
import { tabState } from "../support/tab_state";

QUnit.module("appointment", (hooks) => {
    let clock: FakeClock;
    let roster: Roster;
    let told: (TabId | null)[];
    let appointment: Appointment;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        roster = new Roster();
        told = [];
        appointment = new Appointment(clock, roster, "host", (master) => told.push(master));
        ["a", "host", "b"].forEach((tab) => put(tab));
    });

    const put = (tab: TabId, state: Partial<TabState> = {}) =>
        roster.put(tab, tabState(state), clock.now());

    function update(isSettled = true): TabId | null {
        appointment.update(isSettled);
        return appointment.master;
    }

    /** All but these answer the latest heartbeat. */
    function answer({ but = [] as TabId[] } = {}): TabId | null {
        for (const tab of roster.tabs.filter((it) => !but.includes(it))) {
            roster.hear(tab, clock.now());
            appointment.answered(tab, told.length);
        }
        return update();
    }

    QUnit.test("the master of the hub before remains, however fit others are", (assert) => {
        put("b", { master: true });
        put("a", { usedAt: 5 });
        assert.equal(update(false), "b");
    });

    QUnit.test("anybody else only when all could speak; among equals the host tab", (assert) => {
        assert.equal(update(false), null);
        assert.equal(update(), "host");
    });

    QUnit.test("who can be heard, then who is attended to, then who was used last", (assert) => {
        const order: Partial<TabState>[] = [
            { audibility: "heard", attention: "hidden" },
            { audibility: "untried", attention: "focused", usedAt: 1 },
            { audibility: "untried", attention: "visible", usedAt: 9 },
            { audibility: "untried", attention: "visible", usedAt: 8 },
            { audibility: "muted", attention: "focused" },
        ];
        roster = new Roster();
        order.forEach((state, index) => put(String(index), state));
        appointment = new Appointment(clock, roster, "host", (master) => told.push(master));
        for (const [index] of order.entries()) {
            assert.equal(update(), String(index));
            roster.remove(String(index));
        }
    });

    QUnit.test("nobody who resigned or is silent", async (assert) => {
        put("host", { candidate: false });
        put("b", { candidate: false, master: true });
        assert.equal(update(), "a");
        await clock.pass(MASTER_TIMEOUT + 1);
        assert.equal(update(), null);
        assert.equal(answer(), "a");
        await clock.pass(MASTER_TIMEOUT + 1);
        assert.equal(answer({ but: ["a"] }), null);
    });

    QUnit.test("one that can be heard takes the place of one that can't, when that has left", (assert) => {
        assert.equal(update(), "host");
        put("a", { audibility: "heard" });
        assert.equal(update(), null);
        appointment.answered("a", told.length);
        appointment.answered("host", told.length - 1);
        assert.equal(update(), null, "an answer to the heartbeat before");
        assert.equal(answer(), "a");
        assert.deepEqual(told, ["host", null, "a"]);
    });

    QUnit.test("who answers what was said before does not answer as the master", (assert) => {
        update();
        put("a", { audibility: "heard" });
        update();
        answer();
        assert.deepEqual(told, ["host", null, "a"]);
        assert.true(appointment.isHeldBy("a", 3));
        assert.false(appointment.isHeldBy("a", 2));
        assert.false(appointment.isHeldBy("host", 3));
    });

    QUnit.test("one that was told to leave and is silent is waited for", async (assert) => {
        update();
        put("a", { audibility: "heard" });
        assert.equal(update(), null);
        await clock.pass(MASTER_TIMEOUT);
        assert.equal(answer({ but: ["host"] }), null);
        await clock.pass(1);
        assert.equal(answer({ but: ["host"] }), "a");
    });

    QUnit.test("follows the user who stays in another tab, and no other", async (assert) => {
        ["a", "host", "b"].forEach((tab) => put(tab, { attention: "visible" }));
        update();
        put("a", { attention: "focused" });
        update();
        await clock.pass(MOVE_DELAY - 1);
        put("a", { attention: "visible" });
        put("b", { attention: "focused" });
        assert.equal(update(), "host");
        await clock.pass(1);
        assert.equal(answer(), "b", "the user is in another tab, whichever");
        put("a", { usedAt: clock.now() });
        await clock.pass(10_000);
        assert.equal(answer(), "b", "to have been used later is no reason to move");
    });

    QUnit.test("has followed the user at once when the tab they stay in can be heard", async (assert) => {
        put("b", { audibility: "heard", attention: "hidden" });
        put("host", { attention: "hidden" });
        assert.equal(update(), "b");
        put("a", { attention: "focused" });
        assert.equal(update(), "b", "not while it can't be heard");
        await clock.pass(MOVE_DELAY);
        put("a", { attention: "focused", audibility: "heard" });
        update();
        assert.equal(answer(), "a");
    });

    QUnit.test("goes at once to a page that was opened, if the user looks at it", async (assert) => {
        ["a", "host", "b"].forEach((tab) => put(tab, { attention: "hidden" }));
        assert.equal(update(), "host");
        put("opened in the background", { attention: "hidden" });
        appointment.pageOpened("opened in the background");
        assert.equal(update(), "host");
        put("opened", { attention: "focused" });
        appointment.pageOpened("opened");
        update();
        assert.equal(answer(), "opened");
        put("a", { attention: "focused" });
        put("opened", { attention: "hidden" });
        assert.equal(update(), "opened", "the next time it takes its time again");
        await clock.pass(MOVE_DELAY);
        assert.equal(answer(), "a");
    });

    QUnit.test("a better one that was not heard lately is asked to answer", async (assert) => {
        update();
        await clock.pass(MASTER_TIMEOUT + 1);
        put("host", { attention: "hidden" });
        assert.equal(update(), "host");
        assert.equal(appointment.challenger, "a");
        await clock.pass(1_000);
        roster.hear("a", clock.now());
        assert.equal(update(), "host");
        await clock.pass(MOVE_DELAY);
        assert.equal(answer(), "a");
        assert.equal(appointment.challenger, null);
    });
});
