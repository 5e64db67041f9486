/** The processes of a browser, which can be stopped as a whole. */
import { readFileSync } from "node:fs";
import type { Browser, CDPSession } from "playwright-core";
import type { Tab } from "../../../support/e2e_browser";
import { waitUntil } from "../../../support/e2e_odoo";

/** How long a thread is kept busy so that its process is known, in milliseconds. */
const BUSY_TIME = 250;
/** Least that it must use more than any other, in seconds of processor time. */
const CLEAR_LEAD = 0.15;
/** A loaded machine gives it little at a time. */
const ATTEMPTS = 40;

interface Process {
    id: number;
    type: string;
    /** Seconds of processor time up to now. */
    cpuTime: number;
}

async function withSession<T>(browser: Browser, use: (session: CDPSession) => Promise<T>): Promise<T> {
    const session = await browser.newBrowserCDPSession();
    try {
        return await use(session);
    } finally {
        await session.detach();
    }
}

function processes(browser: Browser): Promise<Process[]> {
    return withSession(browser, async (session) => {
        const { processInfo } = await session.send("SystemInfo.getProcessInfo");
        return processInfo;
    });
}

/** Ids of all processes of the browser. */
export async function processIds(browser: Browser): Promise<number[]> {
    return (await processes(browser)).map(({ id }) => id);
}

/** The process of a tab's page. */
export function processOfTab(browser: Browser, { page }: Tab): Promise<number> {
    return busiestDuring(browser, () => page.evaluate(beBusy, BUSY_TIME));
}

/** The process in which stock's SharedWorker runs. */
export function processOfSharedWorker(browser: Browser): Promise<number> {
    return busiestDuring(browser, () =>
        withSession(browser, async (session) => {
            const { targetInfos } = await session.send("Target.getTargets");
            const workers = targetInfos.filter(({ type }) => type === "shared_worker");
            if (workers.length !== 1) {
                throw new Error(`there are ${workers.length} SharedWorkers`);
            }
            const [{ targetId }] = workers as [(typeof workers)[0]];
            const { sessionId } = await session.send("Target.attachToTarget", { targetId });
            const answered = new Promise((resolve) =>
                session.once("Target.receivedMessageFromTarget", resolve)
            );
            const expression = `(${beBusy.toString()})(${BUSY_TIME})`;
            const message = { id: 1, method: "Runtime.evaluate", params: { expression } };
            await session.send("Target.sendMessageToTarget", {
                sessionId,
                message: JSON.stringify(message),
            });
            await answered;
        })
    );
}

/** The renderer that works most meanwhile: the browser does not tell which process is whose. */
async function busiestDuring(browser: Browser, work: () => Promise<unknown>): Promise<number> {
    const before = new Map((await processes(browser)).map(({ id, cpuTime }) => [id, cpuTime]));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        await work();
        const [first, second] = (await processes(browser))
            .filter(({ type }) => type === "renderer")
            .map(({ id, cpuTime }) => ({ id, used: cpuTime - (before.get(id) ?? 0) }))
            .toSorted((one, other) => other.used - one.used);
        if (first!.used - (second?.used ?? 0) > CLEAR_LEAD) {
            return first!.id;
        }
    }
    throw new Error("no renderer works more than the others");
}

/** Blocks the thread that runs it, for a duration in milliseconds. */
export function beBusy(duration: number): void {
    const end = Date.now() + duration;
    while (Date.now() < end);
}

/**
 * Stops the processes for a duration in milliseconds.
 *
 * @param meanwhile called when all of them stand still
 * @returns when they were stopped, and when they began to run again
 */
export async function stopFor(
    ids: number[],
    duration: number,
    meanwhile: () => Promise<void> = async () => {}
): Promise<{ stopped: number; continued: number }> {
    const stopped = Date.now();
    try {
        ids.forEach((id) => process.kill(id, "SIGSTOP"));
        await waitUntil("the processes stand still", 1_000, async () => ids.every(isStopped));
        await meanwhile();
        await new Promise((resolve) => setTimeout(resolve, stopped + duration - Date.now()));
        if (!ids.every(isStopped)) {
            throw new Error("a process was continued by somebody else");
        }
    } finally {
        ids.forEach((id) => process.kill(id, "SIGCONT"));
    }
    return { stopped, continued: Date.now() };
}

function isStopped(id: number): boolean {
    // After the name, which may contain anything, comes the state.
    const [state] = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1)!;
    return state === "T";
}
