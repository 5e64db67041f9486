import QUnit from "qunit";
import { Monkey } from "../support/monkey";

/** `MONKEY_SEQUENCES=10000` plays more of them. */
const SEQUENCES = Number(process.env["MONKEY_SEQUENCES"] ?? 1_000);
/** Sequences in one test, which has to end in time. */
const BATCH = 50;

/** `MONKEY_SEED=7 node tests/run.mjs unit monkey` plays one sequence again, and shows its diary. */
const chosen = process.env["MONKEY_SEED"];

QUnit.module("monkey", () => {
    if (chosen !== undefined) {
        QUnit.test(`sequence ${chosen}`, async (assert) => {
            const monkey = new Monkey(Number(chosen));
            const problems = await monkey.play();
            console.log(monkey.diary.map((line) => `# ${line}`).join("\n"));
            assert.deepEqual(problems, []);
        });
        return;
    }
    for (let first = 0; first < SEQUENCES; first += BATCH) {
        const next = Math.min(first + BATCH, SEQUENCES);
        QUnit.test(`sequences ${first} to ${next - 1}`, async (assert) => {
            assert.timeout(60_000);
            const failures: string[] = [];
            for (let seed = first; seed < next; seed++) {
                const problems = await new Monkey(seed).play();
                failures.push(...problems.map((problem) => `MONKEY_SEED=${seed}: ${problem}`));
            }
            assert.deepEqual(failures, []);
        });
    }
});
