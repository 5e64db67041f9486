/** Runs the benchmarks against one Odoo and prints the table. */
import { execFileSync } from "node:child_process";
import os from "node:os";
import type { Browser } from "playwright-core";
import { CHROMIUM } from "../support/chromium";
import { type ProbedOdoo, startProbedOdoo } from "../support/e2e_odoo";
import { type Bench, type Row, say } from "./bench";
import { beepTime } from "./cases/beep_time";
import { beeps } from "./cases/beeps";
import { clientCode } from "./cases/client_code";
import { connectTime } from "./cases/connect_time";
import { failingSharedWorker } from "./cases/failing_shared_worker";
import { faults } from "./cases/faults/faults";
import { lateCommit } from "./cases/late_commit";
import { fetched } from "./cases/fetched";
import { hidden } from "./cases/hidden";
import { latency } from "./cases/latency";
import { mainTabCrash } from "./cases/main_tab_crash";
import { rendererCrash } from "./cases/renderer_crash";
import { presence } from "./cases/presence";
import { presenceProtocol } from "./cases/presence_protocol";
import { transactions } from "./cases/transactions";
import { websockets } from "./cases/websockets";
import { workingDay } from "./cases/working_day/working_day";
import { Probe } from "./probe";
import { describeMachine, markdownTable } from "./table";

/** What is easily disturbed comes first, while no browser of another case is around. */
const BENCHES: Bench[] = [
    connectTime,
    latency,
    websockets,
    rendererCrash,
    mainTabCrash,
    failingSharedWorker,
    beepTime,
    beeps,
    lateCommit,
    presence,
    presenceProtocol,
    fetched,
    transactions,
    hidden,
    clientCode,
    ...faults,
    // The last: it moves the server's clock.
    workingDay("small_office", 20),
    workingDay("working_day", 200),
];

/** Runs only what CI checks. */
const CHECK = "--check";

/** @returns the status with which the process ends */
export async function main(filter = ""): Promise<number> {
    const benches = BENCHES.filter(({ name, isChecked }) =>
        filter === CHECK ? isChecked : name.includes(filter)
    );
    if (!benches.length) {
        const names = BENCHES.map(({ name }) => name).join(", ");
        console.error(`No benchmark has "${filter}" in its name; there are: ${names}.`);
        return 2;
    }
    // Odoo's jobs begin a minute after its start, and their transactions would be taken for ours.
    const server = await startProbedOdoo({ extraArguments: ["--max-cron-threads=0"] });
    const rows: Row[] = [];
    const broken: string[] = [];
    try {
        const loads: number[] = [];
        for (const bench of benches) {
            const start = Date.now();
            try {
                await server.waitForSockets(0);
                rows.push(...(await bench.run(new Probe(server))));
            } catch (error) {
                broken.push(`${bench.name}: ${error}`);
                console.error(`Not measured: ${bench.name}`, error);
            }
            loads.push(os.loadavg()[0]!);
            const seconds = Math.round((Date.now() - start) / 1000);
            say(`${bench.name}: ${seconds} s, load average ${loads.at(-1)!.toFixed(1)}`);
        }
        console.log(`\n${markdownTable(rows)}\n`);
        await closeBrowser();
        console.log(describeMachine(await odooVersion(server), chromiumVersion(), loads));
    } finally {
        await server.odoo.stop();
    }
    return reportGoals(rows, broken) ? 0 : 1;
}

/**
 * Tells which goals are met, in the form in which the tests tell of theirs.
 *
 * @param broken what could not be measured
 */
function reportGoals(rows: Row[], broken: string[]): boolean {
    const goals = rows.flatMap(({ what, quiet, goal }) => (goal ? { what, quiet, ...goal } : []));
    const missed = goals.filter(({ isMet }) => !isMet);
    console.log();
    for (const { what, quiet, text, isMet } of goals) {
        console.log(`${isMet ? "ok" : "not ok"} ${what}: ${quiet}, to be ${text}`);
    }
    broken.forEach((failure) => console.log(`not ok ${failure}`));
    const failed = missed.length + broken.length;
    console.log(`# pass ${goals.length - missed.length}\n# fail ${failed}`);
    return failed === 0;
}

async function odooVersion({ baseURL }: ProbedOdoo): Promise<string> {
    const response = await fetch(`${baseURL}/web/webclient/version_info`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", params: {} }),
    });
    const { result } = (await response.json()) as { result: { server_version: string } };
    return result.server_version;
}

/** Closes the browsers that most cases share. */
async function closeBrowser(): Promise<void> {
    const { quietBusBrowsers } = globalThis as { quietBusBrowsers?: Map<boolean, Promise<Browser>> };
    for (const browser of quietBusBrowsers?.values() ?? []) {
        await (await browser).close();
    }
}

function chromiumVersion(): string {
    const answer = execFileSync(CHROMIUM, ["--version"], { encoding: "utf8", stdio: "pipe" });
    return /[\d.]+/.exec(answer)![0];
}
