import QUnit from "qunit";
import { Monkey } from "../support/monkey";

/** `MONKEY_SEQUENCES=10000` plays more of them. */
const SEQUENCES = Number(process.env["MONKEY_SEQUENCES"] ?? 300);
const BATCHES = 20;

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
    for (let batch = 0; batch < BATCHES; batch++) {
        const length = SEQUENCES / BATCHES;
        const first = batch * length;
        QUnit.test(`sequences ${first} to ${first + length - 1}`, async (assert) => {
            const failures: string[] = [];
            for (let seed = first; seed < first + length; seed++) {
                const problems = await new Monkey(seed).play();
                failures.push(...problems.map((problem) => `MONKEY_SEED=${seed}: ${problem}`));
            }
            assert.deepEqual(failures, []);
        });
    }
});
