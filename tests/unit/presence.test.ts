import QUnit from "qunit";
import { PRESENCE_DELAY, PresenceReports } from "../../static/src/hub/presence";
import { FakeClock } from "../support/fake_clock";

QUnit.module("presence", () => {
    QUnit.test("makes one report with the least inactivity; all get receipts", async (assert) => {
        const clock = new FakeClock();
        const reports: number[] = [];
        const receipts: string[] = [];
        let tellSent = () => {};
        const presence = new PresenceReports(clock, (inactivity, sent) => {
            reports.push(inactivity);
            tellSent = sent;
        });
        presence.add(5_000, () => receipts.push("a"));
        await clock.pass(PRESENCE_DELAY - 1);
        presence.add(20, () => receipts.push("b"));
        presence.add(700, () => receipts.push("c"));
        assert.deepEqual(reports, []);
        await clock.pass(1);
        assert.deepEqual(reports, [20]);
        assert.deepEqual(receipts, []);
        tellSent();
        assert.deepEqual(receipts, ["a", "b", "c"]);

        presence.add(9_000, () => receipts.push("d"));
        await clock.pass(PRESENCE_DELAY);
        assert.deepEqual(reports, [20, 9_000], "what was reported before does not count");
    });
});
