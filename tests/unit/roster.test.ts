import QUnit from "qunit";
import { Roster, TAB_TIMEOUT } from "../../static/src/hub/roster";
import { tabState } from "../support/tab_state";

QUnit.module("roster", (hooks) => {
    let roster: Roster;

    hooks.beforeEach(() => {
        roster = new Roster();
    });

    QUnit.test("merges the channels of all tabs", (assert) => {
        roster.put("1", tabState({ channels: ["b", "a", "a"] }), 0);
        roster.put("2", tabState({ channels: ["c", "a"] }), 0);
        assert.deepEqual(roster.channels, ["a", "b", "c"]);
        roster.put("1", tabState({ channels: ["a"] }), 0);
        assert.deepEqual(roster.channels, ["a", "c"]);
        roster.remove("2");
        assert.deepEqual(roster.channels, ["a"]);
    });

    QUnit.test("knows the best of what the tabs know", (assert) => {
        assert.equal(roster.memory, "none");
        assert.equal(roster.settledId, 0);
        assert.equal(roster.newest, undefined);
        assert.false(roster.hasActiveTab);
        roster.put("1", tabState({ startedAt: 2, settledId: 5, memory: "lost", active: false }), 0);
        assert.equal(roster.memory, "lost");
        assert.false(roster.hasActiveTab);
        roster.put("2", tabState({ startedAt: 1, settledId: 9, memory: "connected" }), 0);
        assert.equal(roster.memory, "connected");
        assert.equal(roster.settledId, 9);
        assert.equal(roster.newest?.startedAt, 2);
        assert.true(roster.hasActiveTab);
    });

    QUnit.test("takes each letter once, and only from tabs that it knows", (assert) => {
        assert.false(roster.takeLetter("1", 1));
        roster.put("1", tabState(), 0);
        assert.true(roster.takeLetter("1", 1));
        roster.put("1", tabState(), 0);
        assert.deepEqual(
            [1, 2, 4, 3].map((number) => roster.takeLetter("1", number)),
            [false, true, true, false]
        );
    });

    QUnit.test("removes tabs that are silent for too long", (assert) => {
        roster.put("1", tabState(), 0);
        roster.put("2", tabState(), 0);
        assert.true(roster.hear("2", 1));
        assert.false(roster.hear("3", 1));
        assert.false(roster.removeSilent(TAB_TIMEOUT));
        assert.true(roster.removeSilent(TAB_TIMEOUT + 1));
        assert.deepEqual(roster.tabs, ["2"]);
    });
});
