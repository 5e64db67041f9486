import QUnit from "qunit";
import sinon from "sinon";
import { NO_CLAIMS } from "../../static/src/core/claim";
import type { Hello, HubStart } from "../../static/src/core/messages";
import type { Election, ElectionListener } from "../../static/src/host/election";
import { Hosting, PREPARATION_DELAY } from "../../static/src/host/hosting";
import type { HubRunner } from "../../static/src/host/hub_worker";
import { LockElection } from "../../static/src/host/lock_election";
import { FakeClock, settlePromises } from "../support/fake_clock";
import { tabState } from "../support/tab_state";

const HELLO: Hello = {
    kind: "hello",
    tab: "tab1",
    state: tabState(),
    window: { point: 0, recent: [] },
    outbox: [],
    isWaiting: false,
    position: 0,
    claims: NO_CLAIMS,
};

QUnit.module("hosting", (hooks) => {
    let clock: FakeClock;
    let diary: string[];
    let listener: ElectionListener;
    let warn: sinon.SinonStub;

    const election: Election = {
        campaign: () => diary.push("campaign"),
        usurp: () => diary.push("usurp"),
        follow: (term) => diary.push(`follow ${term}`),
        resign: () => diary.push("resign"),
    };

    const hubRunner: HubRunner = {
        prepare: () => diary.push("prepare"),
        discard: () => diary.push("discard"),
        start: ({ channel, term }: HubStart) => {
            diary.push(`start on ${channel}${term > 1_000 ? "" : ` for ${term}`}`);
            return { stop: () => diary.push("stop") };
        },
    };

    const host = (makeElection: (listener: ElectionListener) => Election) =>
        new Hosting({
            clock,
            makeElection,
            hubRunner,
            channel: "channel",
            id: "tab1",
            describe: () => ({
                scope: "db.7",
                dormantAfter: 60_000,
                beepInterval: 1_000,
                browser: null,
                transports: {},
                hello: HELLO,
            }),
            onAlone: () => diary.push("alone"),
        });

    /** What happened since the last time. */
    const news = () => diary.splice(0);

    hooks.beforeEach(() => {
        clock = new FakeClock();
        diary = [];
        warn = sinon.stub(console, "warn");
    });
    hooks.afterEach(() => sinon.restore());

    QUnit.test("runs the hub while the tab is elected", (assert) => {
        const hosting = host((it) => {
            listener = it;
            return election;
        });
        hosting.campaign();
        hosting.usurp();
        hosting.follow(3);
        assert.false(hosting.isHost);
        listener.elected(4);
        assert.true(hosting.isHost);
        listener.deposed();
        assert.false(hosting.isHost);
        hosting.resign();
        const start = "start on channel for 4";
        assert.deepEqual(news(), ["campaign", "usurp", "follow 3", start, "stop", "discard", "resign"]);
        assert.equal(warn.callCount, 0);
    });

    QUnit.test("gets ready while the tab is next in line, once the page is at rest", async (assert) => {
        const hosting = host((it) => {
            listener = it;
            return election;
        });
        listener.nextInLine();
        await clock.pass(PREPARATION_DELAY - 1);
        assert.deepEqual(news(), []);
        await clock.pass(1);
        assert.deepEqual(news(), ["prepare"]);
        hosting.resign();
        listener.nextInLine();
        hosting.resign();
        listener.nextInLine();
        listener.elected(2);
        await clock.pass(PREPARATION_DELAY);
        assert.false(news().includes("prepare"), "there is nothing to prepare for any more");
    });

    QUnit.test("works alone where the browser forbids locks", async (assert) => {
        const denied = new DOMException("Access is denied.", "SecurityError");
        const request = sinon.stub().callsFake(() => Promise.reject(denied));
        const terms = { latest: () => 0, save: () => true };
        const locks = { request } as unknown as LockManager;
        const hosting = host((it) => new LockElection(locks, "lock", terms, it));
        hosting.campaign();
        assert.false(hosting.isHost);
        await settlePromises();
        assert.deepEqual(news(), ["alone", "start on channel.tab1"], "the tab listens there first");
        assert.equal(hosting.channel, "channel.tab1");
        assert.true(hosting.isHost);

        hosting.campaign();
        hosting.follow(7);
        await settlePromises();
        assert.deepEqual(news(), []);
        hosting.resign();
        assert.false(hosting.isHost);
        hosting.campaign();
        hosting.usurp();
        await settlePromises();
        const start = "start on channel.tab1";
        assert.deepEqual(news(), ["discard", "stop", start, "stop", start], "on the same channel as before");
        assert.equal(request.callCount, 2, "for the office and the place of the next in line");
        assert.equal(warn.callCount, 1);
        assert.equal(warn.firstCall.lastArg, denied);
    });
});
