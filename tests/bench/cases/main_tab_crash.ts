import type { Tab } from "../../support/e2e_browser";
import { type Bench, forBothSides, say, seriesRow } from "../bench";
import { mainTabAnswers, withTabs } from "../browser";

const CRASHES = 3;
const TABS = 5;
const LIMIT = 30_000;

/** How long there is no main tab, so no beep, after it crashed. */
export const mainTabCrash: Bench = {
    name: "main_tab_crash",
    async run(probe) {
        const times = await forBothSides((side) =>
            withTabs(probe, side, { tabs: TABS, sharedWorkers: "missing" }, crashMainTabs)
        );
        say(`without a main tab: ${JSON.stringify(times)} ms`);
        return [
            seriesRow("main tab crashes, no SharedWorker: time without a main tab", times, "ms"),
        ];
    },
};

async function crashMainTabs(tabs: Tab[]): Promise<(number | undefined)[]> {
    const times: (number | undefined)[] = [];
    let living = tabs;
    while (times.length < CRASHES) {
        // Heartbeats of stock come each 1.5 s; not all crashes shall hit the same moment.
        await new Promise((resolve) => setTimeout(resolve, 3_000 + 700 * times.length));
        const main = living[(await mainTabAnswers(living)).indexOf(true)];
        if (!main) {
            throw new Error("there is no main tab to crash");
        }
        living = living.filter((tab) => tab !== main);
        const start = Date.now();
        await main.crash();
        times.push(await timeToMainTab(living, start));
    }
    return times;
}

async function timeToMainTab(tabs: Tab[], start: number): Promise<number | undefined> {
    while (Date.now() - start < LIMIT) {
        if ((await mainTabAnswers(tabs, 1_000)).includes(true)) {
            return Date.now() - start;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return undefined;
}
