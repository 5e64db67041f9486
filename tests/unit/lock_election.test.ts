import QUnit from "qunit";
import { LockElection } from "../../static/src/host/lock_election";
import { FakeClock, Process, settlePromises } from "../support/fake_clock";
import { FakeLocks } from "../support/fake_locks";

QUnit.module("lock election", (hooks) => {
    let clock: FakeClock;
    let locks: FakeLocks;
    let terms: number;
    let diary: string[];
    let prospects: string[];

    const candidate = (name: string) => {
        const process = new Process(clock);
        const election = new LockElection(
            locks.of(process),
            "lock",
            { latest: () => terms, save: (term) => Boolean((terms = term)) },
            {
                nextInLine: () => prospects.push(name),
                elected: (term) => diary.push(`${name} elected ${term}`),
                deposed: () => diary.push(`${name} deposed`),
                failed: (reason) => diary.push(`${name} failed: ${reason}`),
            }
        );
        return { process, election };
    };

    hooks.beforeEach(() => {
        clock = new FakeClock();
        locks = new FakeLocks();
        terms = 0;
        diary = [];
        prospects = [];
    });

    QUnit.test("elects one; the next follows when it resigns or dies", async (assert) => {
        const [a, b, c] = ["a", "b", "c"].map(candidate);
        [a, b, c].forEach((it) => it!.election.campaign());
        a!.election.campaign();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1"]);
        a!.election.resign();
        await clock.pass(10);
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1", "a deposed", "b elected 2", "c elected 3"]);
        assert.equal(c!.election.standing, "elected");
        assert.equal(a!.election.standing, "bystander");
    });

    QUnit.test("withdrawn while waiting, it is not elected", async (assert) => {
        const [a, b] = ["a", "b"].map(candidate);
        a!.election.campaign();
        b!.election.campaign();
        await clock.pass(10);
        b!.election.resign();
        a!.election.resign();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1", "a deposed"]);
        assert.deepEqual(locks.snapshot(), { held: [], pending: [] });
    });

    QUnit.test("a grant that crosses the withdrawal is given back", async (assert) => {
        locks.grantsAborted = true;
        const { election } = candidate("a");
        election.campaign();
        election.resign();
        await clock.pass(10);
        assert.deepEqual(diary, []);
        assert.deepEqual(locks.snapshot().held, []);
    });

    QUnit.test("stands again at once after it withdrew", async (assert) => {
        locks.grantsAborted = true;
        const { election } = candidate("a");
        election.campaign();
        election.resign();
        election.campaign();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1"]);
        election.resign();
        election.campaign();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1", "a deposed", "a elected 2"]);
    });

    QUnit.test("is deposed when its lock is stolen", async (assert) => {
        const { election } = candidate("a");
        election.campaign();
        await clock.pass(10);
        const thief = locks.of(new Process(clock));
        void thief.request("lock", { steal: true }, () => new Promise(() => {}));
        await settlePromises();
        assert.deepEqual(diary, ["a elected 1", "a deposed"]);
        assert.equal(election.standing, "candidate", "it waits for its turn again");
    });

    QUnit.test("takes the office from another, and only as a candidate", async (assert) => {
        const [{ election: first }, { election: second }] = [candidate("a"), candidate("b")];
        first.campaign();
        second.usurp();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1"]);
        second.campaign();
        await clock.pass(10);
        second.usurp();
        first.usurp();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1", "a deposed", "b elected 2"]);
        assert.equal(second.standing, "elected");
    });

    QUnit.test("does not take it from who was elected a moment ago", async (assert) => {
        const [a, b, c] = ["a", "b", "c"].map(candidate);
        [a, b, c].forEach((it) => it!.election.campaign());
        await clock.pass(10);
        [b, c].forEach((it) => it!.election.follow(1));
        b!.election.usurp();
        await clock.pass(10);
        c!.election.usurp();
        await clock.pass(10);
        assert.deepEqual(diary, ["a elected 1", "a deposed", "b elected 2"]);
        c!.election.usurp();
        await clock.pass(10);
        assert.deepEqual(diary.slice(3), ["b deposed", "c elected 3"], "but does, if it stays mute");
    });

    QUnit.module("the next in line", () => {
        QUnit.test("is told, and only it", async (assert) => {
            const [a, b, c, d] = ["a", "b", "c", "d"].map(candidate);
            [a, b, c, d].forEach((it) => it!.election.campaign());
            await clock.pass(10);
            assert.deepEqual(prospects.splice(0), ["b"]);
            c!.election.resign();
            a!.election.resign();
            await clock.pass(10);
            assert.deepEqual(diary, ["a elected 1", "a deposed", "b elected 2"]);
            assert.deepEqual(prospects.splice(0), ["d"]);
            b!.process.kill();
            await clock.pass(10);
            assert.deepEqual(prospects, [], "nobody is left");
            assert.deepEqual(locks.snapshot(), { held: [{ name: "lock", mode: "exclusive" }], pending: [] });
        });

        QUnit.test("is another after one that usurped or withdrew", async (assert) => {
            const [a, b, c] = ["a", "b", "c"].map(candidate);
            [a, b, c].forEach((it) => it!.election.campaign());
            await clock.pass(10);
            b!.election.follow(1);
            b!.election.usurp();
            await clock.pass(10);
            assert.deepEqual(prospects.splice(0), ["b", "c"]);
            c!.election.resign();
            await clock.pass(10);
            assert.deepEqual(prospects, ["a"], "who was deposed, and waits again");
        });

        QUnit.test("holds nobody up when it is frozen", async (assert) => {
            const [a, b, c] = ["a", "b", "c"].map(candidate);
            [a, b, c].forEach((it) => it!.election.campaign());
            await clock.pass(10);
            b!.process.freeze();
            c!.election.follow(1);
            a!.election.resign();
            await clock.pass(10);
            c!.election.usurp();
            await clock.pass(10);
            assert.deepEqual(diary, ["a elected 1", "a deposed", "c elected 2"]);
        });
    });
});
