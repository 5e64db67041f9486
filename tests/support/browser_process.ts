import type { Browser } from "playwright-core";
import type { BrowserTab } from "./browser_tab";
import { until } from "./browser_wait";

/** Processor time, in seconds, that a tab does not use by chance. */
const CLEARLY_BUSY = 0.3;

/** Processor time that each renderer has used so far, in seconds, by its process id. */
async function renderers(browser: Browser): Promise<Map<number, number>> {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    const infos = processInfo.filter(({ type }) => type === "renderer");
    return new Map(infos.map(({ id, cpuTime }) => [id, cpuTime]));
}

/** The process of the tab: nobody tells, so it is kept busy until no other can be meant. */
export async function rendererOf(browser: Browser, tab: BrowserTab): Promise<number> {
    const before = await renderers(browser);
    let busiest = 0;
    await until("the process of a tab", async () => {
        await keepBusy(tab, 500);
        const used = [...(await renderers(browser))].map(([id, time]) => ({
            id,
            time: time - (before.get(id) ?? 0),
        }));
        const [first, second] = used.toSorted((one, other) => other.time - one.time);
        busiest = first!.id;
        return first!.time > CLEARLY_BUSY && first!.time > 3 * (second?.time ?? 0);
    });
    return busiest;
}

/** Blocks the tab's main thread, for a duration in milliseconds. */
export function keepBusy(tab: BrowserTab, duration: number): Promise<void> {
    return tab.page.evaluate((time) => {
        const end = Date.now() + time;
        while (Date.now() < end);
    }, duration);
}
