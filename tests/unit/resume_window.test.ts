import QUnit from "qunit";
import { HOLD_BACK, parseWindowState, ResumeWindow } from "../../static/src/core/resume_window";
import { FakeClock } from "../support/fake_clock";

QUnit.module("resume window", (hooks) => {
    let clock: FakeClock;
    let received: ResumeWindow;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        received = new ResumeWindow(clock);
    });

    QUnit.test("takes each id once, in any order", (assert) => {
        const taken = [5, 7, 6, 7, 5, 4].map((id) => received.accept(id));
        assert.deepEqual(taken, [true, true, true, false, false, true]);
        assert.equal(received.highest, 7);
    });

    QUnit.test("resumes before what may still be overtaken by a late commit", async (assert) => {
        received.accept(5);
        await clock.pass(HOLD_BACK - 1);
        received.accept(7);
        assert.equal(received.resumePoint, 0, "5 is younger than the hold-back");
        await clock.pass(1);
        received.accept(8);
        assert.equal(received.resumePoint, 5);
        assert.true(received.accept(6), "committed after 7 and 8");
        assert.equal(received.resumePoint, 5);
    });

    QUnit.test("counts no time in which nothing arrived: the line may be dead", async (assert) => {
        received.accept(5);
        await clock.pass(8 * 60 * 60_000);
        assert.equal(received.resumePoint, 0);
        received.accept(7);
        assert.equal(received.resumePoint, 5, "what arrives shows that the line was alive");
    });

    QUnit.test("a note becomes the point after the hold-back", async (assert) => {
        received.note(100);
        assert.equal(received.resumePoint, 0);
        await clock.pass(HOLD_BACK);
        assert.equal(received.resumePoint, 0, "nothing shows that the line was alive");
        received.accept(102);
        assert.equal(received.resumePoint, 100);
        assert.deepEqual(received.state(), { point: 100, recent: [[102, clock.now()]] });
    });

    QUnit.test("what comes late, all at once, is no evidence of the time", async (assert) => {
        const evidence = { now: () => frozenAt };
        const frozenAt = clock.now() + 1_000;
        received = new ResumeWindow(clock, { point: 0, recent: [] }, evidence);
        received.accept(5);
        await clock.pass(60_000);
        received.accept(7);
        assert.equal(received.resumePoint, 0, "6 may have been committed meanwhile");
    });

    QUnit.test("a noted id still counts as not received", (assert) => {
        received.note(100);
        assert.true(received.accept(100));
        assert.false(received.accept(100));
        received.note(50);
        assert.equal(received.highest, 100, "a lower note says nothing new");
    });

    QUnit.test("notes of a connection that ended too early are forgotten", async (assert) => {
        received.note(100);
        await clock.pass(HOLD_BACK);
        received.accept(150);
        received.note(200);
        received.forgetNotes();
        assert.equal(received.resumePoint, 100, "that one had lasted");
        assert.equal(received.highest, 150);
    });

    QUnit.test("its state makes an equal window", async (assert) => {
        received.accept(5);
        await clock.pass(HOLD_BACK);
        received.accept(8);
        received.note(9);
        const state = received.state();
        assert.deepEqual(state, { point: 5, recent: [[8, clock.now()]] }, "notes stay at home");
        const copy = new ResumeWindow(clock, structuredClone(state));
        assert.deepEqual(copy.state(), state);
        assert.deepEqual(
            [3, 5, 6, 8].map((id) => copy.accept(id)),
            [false, false, true, false]
        );
    });

    QUnit.test("remembers a thousand ids, and takes older ones as received", async (assert) => {
        for (let id = 1; id <= 1_500; id++) {
            received.accept(id * 2);
        }
        assert.true(received.accept(1), "within the hold-back none is forgotten");
        await clock.pass(HOLD_BACK);
        received.accept(4_000);
        received.accept(4_002);
        assert.false(received.accept(3), "forgotten");
        assert.true(received.accept(2_999), "remembered as not received");
        assert.equal(received.highest, 4_002);
    });

    QUnit.test("only a whole state is parsed", (assert) => {
        const state = { point: 3, recent: [[5, 1_000]] };
        assert.deepEqual(parseWindowState(state), state);
        const damaged = [
            undefined,
            null,
            7,
            "text",
            {},
            { point: 3 },
            { point: "3", recent: [] },
            { point: NaN, recent: [] },
            { point: 3, recent: {} },
            { point: 3, recent: [5] },
            { point: 3, recent: [[5, null]] },
            { point: 3, recent: [["5", 1_000]] },
        ];
        damaged.forEach((it) => assert.equal(parseWindowState(it), null, JSON.stringify(it)));
    });
});
