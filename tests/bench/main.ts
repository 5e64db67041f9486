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
    const failed: string[] = [];
    try {
        const rows: Row[] = [];
        const loads: number[] = [];
        for (const bench of benches) {
            const start = Date.now();
            try {
                await server.waitForSockets(0);
                rows.push(...(await bench.run(new Probe(server))));
            } catch (error) {
                failed.push(bench.name);
                console.error(`Not measured: ${bench.name}`, error);
            }
            loads.push(os.loadavg()[0]!);
            const seconds = Math.round((Date.now() - start) / 1000);
            say(`${bench.name}: ${seconds} s, load average ${loads.at(-1)!.toFixed(1)}`);
        }
        console.log(`\n${markdownTable(rows)}\n`);
        await closeBrowser();
        console.log(describeMachine(await odooVersion(server), chromiumVersion(), loads));
        for (const { what, quiet, goal } of rows) {
            if (goal && !goal.isMet) {
                failed.push(what);
                console.error(`\nGoal missed: ${what}: ${quiet} instead of ${goal.text}`);
            }
        }
    } finally {
        await server.odoo.stop();
    }
    return failed.length ? 1 : 0;
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
