import QUnit from "qunit";
import { DatabaseElection, GENERATION } from "../../static/src/host/database_election";
import { storedTerms } from "../../static/src/host/election";
import { FakeClock, Process } from "../support/fake_clock";
import { FakeDatabases } from "../support/fake_databases";
import { FakeStorage } from "../support/fake_storage";

QUnit.module("database election", (hooks) => {
    let clock: FakeClock;
    let databases: FakeDatabases;
    let storage: FakeStorage;
    let diary: string[];
    let prospects: string[];

    const candidate = (name: string) => {
        const process = new Process(clock);
        const election = new DatabaseElection(
            () => databases.access(process),
            "database",
            storedTerms(() => storage.get(), "term"),
            {
                nextInLine: () => prospects.push(name),
                elected: (term) => diary.push(`${name} elected ${term}`),
                deposed: () => diary.push(`${name} deposed`),
                failed: (reason) => {
                    const error = reason instanceof DOMException ? reason.name : reason;
                    diary.push(`${name} failed: ${error}`);
                },
            }
        );
        return { process, election };
    };
    type Candidate = ReturnType<typeof candidate>;

    /** Candidates who stand in this order; the first one is elected. */
    async function stand(...names: string[]): Promise<Candidate[]> {
        const candidates = names.map(candidate);
        candidates.forEach(({ election }) => election.campaign());
        await clock.pass(10);
        // The hub of who was elected is heard.
        const term = storedTerms(() => storage.get(), "term").latest();
        candidates.forEach(({ election }) => election.follow(term));
        return candidates;
    }

    /** What happened since the last time. */
    const news = () => diary.splice(0);

    hooks.beforeEach(() => {
        clock = new FakeClock();
        databases = new FakeDatabases();
        storage = new FakeStorage();
        diary = [];
        prospects = [];
    });

    QUnit.test("elects one; the next follows when it resigns or dies", async (assert) => {
        const [a, b, c] = await stand("a", "b", "c");
        a!.election.campaign();
        await clock.pass(60_000);
        assert.deepEqual(news(), ["a elected 1"]);
        a!.election.resign();
        await clock.pass(10);
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(news(), ["a deposed", "b elected 2", "c elected 3"]);
        assert.equal(c!.election.standing, "elected");
        assert.equal(a!.election.standing, "bystander");
    });

    QUnit.test("the next in line is told, and only it", async (assert) => {
        const [a, b] = await stand("a", "b", "c");
        assert.deepEqual(prospects.splice(0), ["b"]);
        a!.election.resign();
        await clock.pass(10);
        assert.equal(b!.election.standing, "elected");
        assert.deepEqual(prospects, ["c"]);
    });

    QUnit.test("elects another when the next one dies in the middle of it", async (assert) => {
        const [a, b] = await stand("a", "b", "c");
        databases.delay = 5;
        a!.election.resign();
        b!.process.kill();
        await clock.pass(50);
        assert.deepEqual(news(), ["a elected 1", "a deposed", "c elected 2"]);
    });

    for (const [way, lose] of [
        ["lost", () => storage.clear()],
        ["forbidden", () => (storage.isForbidden = true)],
    ] as const) {
        QUnit.test(`the term grows by the version where its storage is ${way}`, async (assert) => {
            const [a, b] = await stand("a", "b");
            a!.election.resign();
            await clock.pass(10);
            lose();
            const [c] = await stand("c", "d");
            await clock.pass(60_000);
            assert.deepEqual(news(), ["a elected 1", "a deposed", "b elected 2"], "it is held");
            b!.process.kill();
            await clock.pass(10);
            c!.process.kill();
            await clock.pass(10);
            assert.deepEqual(news(), ["c elected 3", "d elected 4"]);
        });
    }

    QUnit.test("withdrawn while waiting, it is not elected, nor in the way", async (assert) => {
        const [a, b, c] = await stand("a", "b", "c");
        b!.election.resign();
        a!.election.resign();
        await clock.pass(10);
        assert.deepEqual(news(), ["a elected 1", "a deposed", "c elected 2"]);
        assert.equal(b!.election.standing, "bystander");
        c!.election.resign();
        await stand("d");
        assert.deepEqual(news(), ["c deposed", "d elected 3"]);
    });

    QUnit.test("stands again at once after it withdrew", async (assert) => {
        const [a, b] = await stand("a", "b");
        b!.election.resign();
        b!.election.campaign();
        a!.election.resign();
        a!.election.campaign();
        await clock.pass(50);
        assert.equal(b!.election.standing, "elected");
        assert.equal(a!.election.standing, "candidate");
        assert.deepEqual(news(), ["a elected 1", "a deposed", "b elected 2"]);
        b!.election.resign();
        await clock.pass(10);
        assert.deepEqual(news(), ["b deposed", "a elected 3"]);
    });

    QUnit.module("usurping", () => {
        QUnit.test("begins the next generation without the host that is frozen", async (assert) => {
            const [a, b, c] = await stand("a", "b", "c");
            a!.process.freeze();
            b!.election.usurp();
            await clock.pass(10);
            assert.deepEqual(news(), ["a elected 1", `b elected ${GENERATION}`]);
            c!.election.follow(GENERATION);
            await clock.pass(10);
            assert.equal(c!.election.standing, "candidate");
            b!.process.kill();
            await clock.pass(10);
            assert.deepEqual(news(), [`c elected ${GENERATION + 1}`]);
        });

        QUnit.test("the host that thaws steps down, and stands with the others", async (assert) => {
            const [a, b] = await stand("a", "b");
            a!.process.freeze();
            b!.election.usurp();
            await clock.pass(60_000);
            a!.process.thaw();
            await clock.pass(10);
            assert.equal(a!.election.standing, "elected", "it has not heard of it yet");
            a!.election.follow(GENERATION);
            await clock.pass(10);
            assert.deepEqual(news(), ["a elected 1", `b elected ${GENERATION}`, "a deposed"]);
            assert.equal(a!.election.standing, "candidate");
            b!.election.resign();
            await clock.pass(10);
            assert.deepEqual(news(), ["b deposed", `a elected ${GENERATION + 1}`]);
        });

        QUnit.test("of two at once, one is elected, and the other is next", async (assert) => {
            const [a, b, c] = await stand("a", "b", "c");
            a!.process.freeze();
            b!.election.usurp();
            c!.election.usurp();
            await clock.pass(60_000);
            assert.deepEqual(news(), ["a elected 1", `b elected ${GENERATION}`]);
            c!.election.follow(GENERATION);
            await clock.pass(10);
            b!.process.kill();
            await clock.pass(10);
            assert.deepEqual(news(), [`c elected ${GENERATION + 1}`]);
        });

        QUnit.test("is for candidates only", async (assert) => {
            const [{ election: a }, { election: b }] = [candidate("a"), candidate("b")];
            a.campaign();
            b.usurp();
            await clock.pass(10);
            a.usurp();
            await clock.pass(10);
            assert.deepEqual(news(), ["a elected 1"]);
            assert.equal(b.standing, "bystander");
        });

        QUnit.test("works again when the new host is frozen too", async (assert) => {
            const [a, b, c] = await stand("a", "b", "c");
            a!.process.freeze();
            b!.election.usurp();
            await clock.pass(10);
            c!.election.follow(GENERATION);
            b!.process.freeze();
            await clock.pass(10);
            c!.election.usurp();
            await clock.pass(10);
            const terms = [1, GENERATION, 2 * GENERATION];
            const expected = terms.map((term, index) => `${"abc"[index]} elected ${term}`);
            assert.deepEqual(news(), expected);
            await stand("d");
            assert.deepEqual(news(), [], "a page that comes later waits in the latest generation");
            c!.process.kill();
            await clock.pass(10);
            assert.deepEqual(news(), [`d elected ${2 * GENERATION + 1}`]);
        });

        // Its term is stored before its hub is heard: a Worker takes time to start.
        QUnit.test("does not go past who was elected a moment ago", async (assert) => {
            const [a, b, c] = await stand("a", "b", "c");
            a!.process.freeze();
            b!.election.usurp();
            await clock.pass(10);
            c!.election.usurp();
            await clock.pass(10);
            assert.deepEqual(news(), ["a elected 1", `b elected ${GENERATION}`]);
        });

        QUnit.test("deletes the database of the generation before, once free", async (assert) => {
            const [a, b] = await stand("a", "b");
            a!.process.freeze();
            b!.election.usurp();
            await clock.pass(60_000);
            assert.deepEqual(databases.names, ["database.0", "database.1"]);
            a!.process.kill();
            await clock.pass(10);
            assert.deepEqual(databases.names, ["database.1"]);
            assert.equal(b!.election.standing, "elected");
        });
    });

    QUnit.test("gives way to a hub of a generation that it did not know", async (assert) => {
        const [a, b] = await stand("a", "b");
        a!.process.freeze();
        b!.election.usurp();
        await clock.pass(10);
        a!.process.kill();
        await clock.pass(10);
        storage.clear();
        const [c] = await stand("c");
        assert.deepEqual(news(), ["a elected 1", `b elected ${GENERATION}`, "c elected 1"]);
        c!.election.follow(GENERATION);
        await clock.pass(10);
        assert.deepEqual(news(), ["c deposed"]);
        b!.process.kill();
        await clock.pass(10);
        assert.deepEqual(news(), [`c elected ${GENERATION + 1}`]);
    });

    QUnit.test("a bystander that hears of a higher generation stays one", async (assert) => {
        const { election } = candidate("a");
        election.follow(GENERATION + 5);
        await clock.pass(10);
        assert.deepEqual(news(), []);
        election.campaign();
        await clock.pass(10);
        assert.deepEqual(news(), [`a elected ${GENERATION + 6}`], "but knows it from then on");
    });

    QUnit.test("a higher term of the same generation changes nothing", async (assert) => {
        const [a] = await stand("a", "b");
        a!.election.follow(7);
        await clock.pass(10);
        assert.deepEqual(news(), ["a elected 1"]);
    });

    // A page just loaded may hear first of a host that thaws.
    QUnit.test("a lower term that is heard later puts nobody back", async (assert) => {
        const [a, b] = await stand("a", "b");
        a!.election.follow(7);
        b!.election.follow(3);
        assert.equal(storage.getItem("term"), "7");
    });

    QUnit.test("after the user cleared the data, its host is elected again", async (assert) => {
        const [a] = await stand("a");
        databases.clear();
        storage.clear();
        await clock.pass(10);
        assert.deepEqual(news(), ["a elected 1", "a deposed", "a elected 2"]);
        await stand("b");
        assert.deepEqual(news(), [], "and holds it");
        a!.process.kill();
        await clock.pass(10);
        assert.deepEqual(news(), ["b elected 3"]);
    });

    // The browser answers those that wait with an AbortError.
    QUnit.test("after the user cleared the data, twice, one of many is elected", async (assert) => {
        const candidates = await stand("a", "b", "c");
        for (let round = 0; round < 2; round++) {
            databases.clear();
            storage.clear();
            await clock.pass(10);
        }
        const standings = candidates.map(({ election }) => election.standing).sort();
        assert.deepEqual(standings, ["candidate", "candidate", "elected"]);
        assert.deepEqual(
            diary.filter((line) => line.includes("failed")),
            []
        );
        news();
        candidates.find(({ election }) => election.standing === "elected")!.process.kill();
        await clock.pass(10);
        assert.equal(news().filter((line) => line.includes("elected")).length, 1, "and another");
    });

    QUnit.module("where IndexedDB", () => {
        QUnit.test("is forbidden, it fails, once", async (assert) => {
            databases.refusal = new DOMException("Access is denied.", "SecurityError");
            const [a] = await stand("a");
            await clock.pass(60_000);
            assert.deepEqual(news(), ["a failed: SecurityError"]);
            assert.equal(a!.election.standing, "bystander");
        });

        QUnit.test("answers with an error, it fails, once", async (assert) => {
            databases.failure = new DOMException("The disk is broken.", "UnknownError");
            const [a] = await stand("a");
            await clock.pass(60_000);
            assert.deepEqual(news(), ["a failed: UnknownError"]);
            assert.equal(a!.election.standing, "bystander");
        });

        QUnit.test("aborts whatever is asked, it fails in the end, once", async (assert) => {
            databases.failure = new DOMException("The connection was closed.", "AbortError");
            const [a] = await stand("a");
            await clock.pass(60_000);
            assert.deepEqual(news(), ["a failed: AbortError"]);
            assert.equal(a!.election.standing, "bystander");
        });

        QUnit.test("fails after it withdrew, that is nothing to it", async (assert) => {
            databases.failure = new DOMException("The disk is broken.", "UnknownError");
            const { election } = candidate("a");
            election.campaign();
            election.resign();
            await clock.pass(10);
            assert.deepEqual(news(), []);
        });

        for (const when of ["never", "no longer"]) {
            QUnit.test(`${when} answers, it fails when it has usurped in vain`, async (assert) => {
                databases.isMute = when === "never";
                await stand("a");
                const [b] = await stand("b");
                databases.isMute = true;
                for (let round = 0; round < 2; round++) {
                    b!.election.usurp();
                    await clock.pass(10);
                }
                const isFailed = () => diary.includes("b failed: IndexedDB does not answer");
                assert.equal(isFailed(), when === "never");
                b!.election.usurp();
                b!.election.usurp();
                await clock.pass(10);
                assert.true(isFailed());
                assert.equal(diary.filter((line) => line.startsWith("b")).length, 1, "once");
                assert.equal(b!.election.standing, "bystander");
            });
        }

        QUnit.test("has others before, it may take its time", async (assert) => {
            await stand("a");
            const [b, c] = await stand("b", "c");
            for (let round = 0; round < 5; round++) {
                // To c nothing is told until its turn comes.
                b!.election.usurp();
                c!.election.usurp();
                await clock.pass(10);
            }
            assert.deepEqual(news().filter((line) => line.includes("failed")), []);
        });
    });
});
