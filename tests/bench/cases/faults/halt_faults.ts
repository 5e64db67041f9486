/** Pages stand still, and go on later. */
import { freeze, isFrozen, show, thaw } from "../../../support/browser_lifecycle";
import { type Fault, inEach, longestPause, sleep, type Strike, untilComplete, untilTakenOver } from "./fault";
import { checkStill } from "./page_log";
import { beBusy, processIds, stopFor } from "./processes";
import type { Scene } from "./scene";

const FROZEN = 5_000;
const STOPPED = 8_000;
const BUSY = 10_000;
const ASLEEP = 60_000;
/** How long a page that stands still is asked in vain, in milliseconds. */
const QUESTION_TIME = 500;

export const HALT_FAULTS: Fault[] = [
    {
        name: "frozen",
        what: `host tab frozen for ${FROZEN / 1_000} s`,
        figure: "flows again",
        measure: untilTakenOver,
        takesHost: true,
        rounds: 3,
        lasts: FROZEN + 3_000,
        rest: 5_000,
        strike: inEach(freezeHost),
    },
    {
        name: "stopped",
        what: `whole renderer of the host stopped for ${STOPPED / 1_000} s`,
        figure: "flows again",
        measure: untilTakenOver,
        takesHost: true,
        rounds: 3,
        lasts: STOPPED + 3_000,
        rest: 5_000,
        strike: inEach(stopRenderer),
    },
    {
        name: "busy",
        what: `main thread of the host busy for ${BUSY / 1_000} s`,
        figure: "largest gap in the others",
        measure: longestPause,
        isBrief: true,
        rounds: 2,
        lasts: BUSY + 2_000,
        rest: 5_000,
        strike: inEach(blockHost),
    },
    {
        name: "sleep",
        what: `laptop asleep for ${ASLEEP / 1_000} s`,
        figure: "all that was missed is there",
        measure: untilComplete,
        rounds: 2,
        lasts: ASLEEP + 3_000,
        rest: 20_000,
        strike: inEach(putToSleep),
    },
];

/** Its rows are not among those of the others. */
export const EXTRA_HALT_FAULTS: Fault[] = [
    {
        name: "sleep_offline",
        what: `laptop asleep for ${ASLEEP / 1_000} s, connections cut meanwhile`,
        figure: "all that was missed is there",
        measure: untilComplete,
        isProxied: true,
        rounds: 2,
        lasts: ASLEEP + 3_000,
        rest: 20_000,
        strike: inEach(putToSleepOffline),
    },
];

/** As Chromium does it with tabs that have been in the background for long. */
async function freezeHost({ victim, tabs, others }: Scene): Promise<Strike> {
    const at = await freeze(victim);
    await sleep(at + FROZEN - Date.now());
    if (!(await isFrozen(victim))) {
        throw new Error("the tab did not stay frozen");
    }
    const until = await thaw(victim);
    await checkStill(victim, at, until);
    await show(victim);
    return { at, until, survivors: others, witnesses: tabs };
}

async function stopRenderer(scene: Scene): Promise<Strike> {
    const { victim, victimProcess, tabs, others } = scene;
    const { stopped, continued } = await stopFor([victimProcess], STOPPED, async () => {
        const answer = Promise.race([victim.page.evaluate(() => true), sleep(QUESTION_TIME)]);
        // The others run in other processes.
        await Promise.all(others.map(({ page }) => page.evaluate(() => true)));
        if (await answer) {
            throw new Error("the tab of the stopped process still answers");
        }
    });
    return { at: stopped, until: continued, survivors: others, witnesses: tabs };
}

async function blockHost({ side, victim, tabs, others }: Scene): Promise<Strike> {
    const at = Date.now();
    await victim.page.evaluate(beBusy, BUSY);
    const until = Date.now();
    await checkStill(victim, at, at + BUSY);
    const isReplaced = side === "quiet" && !(await victim.isHost());
    const remark = isReplaced ? "another became host" : "";
    return { at, until, survivors: others, witnesses: tabs, remark };
}

/** The whole browser stands still: pages, workers, and what holds its connections. */
async function putToSleep({ browser, tabs }: Scene): Promise<Strike> {
    const { stopped, continued } = await stopFor(await processIds(browser), ASLEEP);
    await Promise.all(tabs.map((tab) => checkStill(tab, stopped, continued)));
    return { at: continued, until: continued, survivors: tabs, witnesses: tabs };
}

/** As long as it sleeps there is no network; it can't tell for how long its connections are cut. */
async function putToSleepOffline(scene: Scene): Promise<Strike> {
    const slept = putToSleep(scene);
    await sleep(1_000);
    scene.proxy.goDown();
    await sleep(1_000);
    scene.proxy.goUp();
    return slept;
}
