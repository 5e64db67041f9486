import QUnit from "qunit";
import type { Clock } from "../../static/src/core/clock";
import { HOLD_BACK } from "../../static/src/core/resume_window";
import { Absence, LONG_ABSENCE, QUESTION_INTERVAL } from "../../static/src/tab/absence";
import { Browser, type Page } from "../support/fake_browser";
import { FakeClock, settlePromises } from "../support/fake_clock";

QUnit.module("absence", (hooks) => {
    let clock: FakeClock;
    /** How long the computer slept, which its timers don't notice. */
    let slept: number;
    /** What the server was asked. */
    let questions: number[];
    /** What it answers; null: it can't be reached. */
    let answer: boolean | null;
    let missed: number;
    let absence: Absence;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        slept = 0;
        questions = [];
        answer = false;
        missed = 0;
        const hasMissed = (lastId: number) => {
            questions.push(lastId);
            return answer === null ? Promise.reject(new Error("away")) : Promise.resolve(answer);
        };
        const sleepyClock: Clock = {
            now: () => clock.now() + slept,
            setTimeout: (callback, delay) => clock.setTimeout(callback, delay),
            clearTimeout: (handle) => clock.clearTimeout(handle),
        };
        absence = new Absence(sleepyClock, hasMissed, () => missed++);
    });

    QUnit.test("is asked about only when it was long", async (assert) => {
        await clock.pass(LONG_ABSENCE);
        absence.end(5);
        assert.deepEqual(questions, []);
        await clock.pass(LONG_ABSENCE + 1);
        absence.end(6);
        assert.deepEqual(questions, [6]);
        absence.end(7);
        await clock.pass(LONG_ABSENCE / 2);
        absence.end(8);
        await clock.pass(LONG_ABSENCE / 2 + 1);
        absence.end(9);
        assert.deepEqual(questions, [6], "there is a word in between");
    });

    QUnit.test("is not asked about by a page that knows no id", async (assert) => {
        answer = true;
        await clock.pass(LONG_ABSENCE + 1);
        absence.end(0);
        await settlePromises();
        assert.deepEqual(questions, []);
        assert.equal(missed, 0);
    });

    for (const isMissed of [true, false]) {
        QUnit.test(`where the answer is ${isMissed}, that is all`, async (assert) => {
            answer = isMissed;
            await clock.pass(LONG_ABSENCE + 1);
            absence.end(5);
            await clock.pass(LONG_ABSENCE / 2);
            absence.end(6);
            await clock.pass(LONG_ABSENCE / 2);
            assert.deepEqual(questions, [5]);
            assert.equal(missed, isMissed ? 1 : 0);
        });
    }

    QUnit.test("is asked about until there is an answer, with the id of then", async (assert) => {
        answer = null;
        await clock.pass(LONG_ABSENCE + 1);
        absence.end(5);
        await clock.pass(QUESTION_INTERVAL - 1);
        absence.end(50);
        assert.deepEqual(questions, [5]);
        await clock.pass(QUESTION_INTERVAL + 100);
        assert.deepEqual(questions, [5, 5, 5]);
        assert.equal(missed, 0);
        answer = true;
        await clock.pass(QUESTION_INTERVAL);
        assert.equal(missed, 1);
        await clock.pass(QUESTION_INTERVAL * 5);
        assert.deepEqual(questions, [5, 5, 5, 5]);
        assert.equal(missed, 1);
    });

    QUnit.test("a later one is asked about with an id of its own", async (assert) => {
        for (const lastId of [5, 50]) {
            await clock.pass(LONG_ABSENCE + 1);
            absence.end(lastId);
        }
        assert.deepEqual(questions, [5, 50]);
    });

    QUnit.module("that follows one whose question is open", (nested) => {
        nested.beforeEach(async () => {
            answer = null;
            slept += LONG_ABSENCE + 1;
            absence.end(5);
            // The computer wakes, its network does not; it is put to sleep again.
            await clock.pass(QUESTION_INTERVAL / 2);
            slept += LONG_ABSENCE + 1;
        });

        QUnit.test("is asked about with the id from before both", async (assert) => {
            absence.end(50);
            await settlePromises();
            assert.deepEqual(questions, [5, 5]);
        });

        // Asked about 0, the server says that all before its oldest notification is missed.
        QUnit.test("is not asked about once more after the answer", async (assert) => {
            answer = false;
            absence.end(50);
            await clock.pass(QUESTION_INTERVAL * 2);
            assert.deepEqual(questions, [5, 5]);
        });

        QUnit.test("makes one gap of both", async (assert) => {
            answer = true;
            absence.end(50);
            await clock.pass(QUESTION_INTERVAL * 2);
            assert.equal(missed, 1);
        });
    });
});

QUnit.module("a page that was away for long", (hooks) => {
    let browser: Browser;
    let other: Page;
    let page: Page;
    /** The latest id that the page got, and that was settled when it went. */
    let settled: number;
    let questions: number[];

    hooks.beforeEach(async () => {
        browser = new Browser();
        [other, page] = (await browser.openAll(2)) as [Page, Page];
        settled = browser.server.publish("all");
        await browser.pass(HOLD_BACK + 1_000);
        browser.server.publish("all");
        await browser.pass(1_000);
        questions = [];
    });

    /** @param answer of the server */
    function answerWith(answer: boolean): void {
        browser.server.missed = (lastId) => {
            questions.push(lastId);
            return answer;
        };
    }

    const gaps = () => page.changes.filter((type) => type === "BUS:GAP").length;

    for (const [way, leave, comeBack] of [
        ["suspended", () => page.suspend(), () => page.resume()],
        ["frozen", () => page.freeze(), () => page.thaw()],
    ] as const) {
        for (const answer of [true, false]) {
            const title = `${way}, is told of a gap iff there is one: ${answer}`;
            QUnit.test(title, async (assert) => {
                answerWith(answer);
                leave();
                const missed = browser.server.publish("all");
                await browser.pass(LONG_ABSENCE + 1_000);
                comeBack();
                await browser.settle();
                assert.deepEqual(questions, [settled], "all up to this id it has for sure");
                assert.equal(gaps(), answer ? 1 : 0);
                assert.equal(page.ids.at(-1), missed, "what there is comes all the same");
                assert.false(other.changes.includes("BUS:GAP"));
                await browser.pass(LONG_ABSENCE * 2);
                assert.equal(questions.length, 1);
            });
        }
    }

    QUnit.test("does not ask after a short absence", async (assert) => {
        answerWith(true);
        page.suspend();
        await browser.pass(LONG_ABSENCE - 10_000);
        page.resume();
        await browser.settle();
        assert.deepEqual(questions, []);
        assert.equal(gaps(), 0);
    });

    QUnit.test("asks again while the server can't be reached", async (assert) => {
        browser.server.missed = null;
        page.suspend();
        await browser.pass(LONG_ABSENCE + 1_000);
        page.resume();
        await browser.settle();
        assert.equal(gaps(), 0);
        browser.server.publish("all");
        answerWith(true);
        await browser.pass(QUESTION_INTERVAL);
        assert.deepEqual(questions, [settled], "about the absence, not about now");
        assert.equal(gaps(), 1);
    });

    QUnit.test("does not ask when only the connection was away", async (assert) => {
        answerWith(true);
        browser.setOnline(false);
        await browser.pass(LONG_ABSENCE * 2);
        browser.setOnline(true);
        await browser.settle();
        assert.deepEqual(questions, [], "stock asks, when it hears of the reconnection");
    });
});
