#!/usr/bin/env node
// What `npm test` runs: everything, on a bare machine. Nothing imported here may need an npm package.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { REPOSITORY } from "../tools/addon.mjs";
import { ensurePackages } from "../tools/debian_host.mjs";
import { ensureNpmPackages } from "../tools/npm_packages.mjs";
import { Problem } from "../tools/problem.mjs";
import { createProgress } from "../tools/progress.mjs";

/** npm scripts in the order in which they run: what is quick and breaks often comes first. */
const PARTS = [
    "lint",
    "types",
    "build:check",
    "test:unit",
    "test:tools",
    "test:browser",
    "test:python",
    "test:e2e",
    "test:stock",
    "bench:check",
];

/** How much of what is known of a failed test is repeated at the end: lines, and characters of each. */
const REPEATED_LINES = 12;
const REPEATED_WIDTH = 300;

/** Runs an npm script; counts the tests that its output tells of, and keeps what is said of those that failed. */
async function run(part) {
    const startedAt = Date.now();
    const child = spawn("npm", ["run", "--silent", part], {
        cwd: REPOSITORY,
        stdio: ["ignore", "pipe", "pipe"],
    });
    const count = { passed: 0, failed: 0 };
    const failures = [];
    const follow = async (stream, output) => {
        let failure = null;
        for await (const line of createInterface({ input: stream })) {
            output.write(`${line}\n`);
            const [, kind, number] = /^# (pass|fail) (\d+)$/.exec(line) ?? [];
            if (kind) {
                count[`${kind}ed`] += Number(number);
            }
            if (line.startsWith("not ok ")) {
                failure = [line];
                failures.push(failure);
            } else if (!line.startsWith("  ")) {
                failure = null;
            } else if (failure && failure.length < REPEATED_LINES) {
                failure.push(line.slice(0, REPEATED_WIDTH));
            }
        }
    };
    const ended = new Promise((resolve) => child.on("close", resolve));
    await Promise.all([
        follow(child.stdout, process.stdout),
        follow(child.stderr, process.stderr),
    ]);
    const status = await ended;
    if (status !== 0 && count.failed === 0) {
        // It broke before or beside its tests.
        count.failed = 1;
    } else if (count.passed === 0) {
        // A check that is one test in itself.
        count.passed = 1;
    }
    return { part, status, seconds: (Date.now() - startedAt) / 1000, ...count, failures };
}

function report(results) {
    console.log("\n== Summary");
    for (const { part, status, seconds, passed, failed, failures } of results) {
        const verdict = status === 0 ? "ok    " : "FAILED";
        console.log(
            `${verdict} ${part.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s   ` +
                `${passed} passed, ${failed} failed`
        );
        // Again, for who reads only the end of a long log.
        failures.flat().forEach((line) => console.log(`       ${line}`));
    }
    const sum = (key) => results.reduce((total, result) => total + result[key], 0);
    console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
}

try {
    const progress = createProgress();
    await ensureNpmPackages(REPOSITORY, progress);
    await ensurePackages(["chromium", "firefox-esr"], progress);
    const results = [];
    for (const part of PARTS) {
        console.log(`\n== npm run ${part}`);
        results.push(await run(part));
    }
    report(results);
    process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1;
} catch (error) {
    console.error(error instanceof Problem ? `npm test: ${error.message}` : error);
    process.exitCode = 1;
}
