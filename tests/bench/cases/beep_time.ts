import { hide } from "../../support/browser_lifecycle";
import type { Tab } from "../../support/e2e_browser";
import { type Bench, forEachSide, say, seriesRow } from "../bench";
import { withTabs } from "../browser";
import { type MessageTimes, noteMessages, timeMessage } from "../chat_message";
import type { Probe } from "../probe";

const TABS = 5;
const MESSAGES = 30;
/** More than the time in which one beep makes others superfluous, in milliseconds. */
const INTERVAL = 2_000;

/** How soon a chat message to a browser that nobody looks at comes, and beeps. */
export const beepTime: Bench = {
    name: "beep_time",
    async run(probe) {
        const times = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS }, (tabs) => measure(probe, tabs))
        );
        say(JSON.stringify(times));
        const row = (what: string, key: keyof MessageTimes) => {
            const of = (series: MessageTimes[]) => series.map((it) => it[key]);
            const series = { stock: of(times.stock), quiet: of(times.quiet) };
            return seriesRow(`${TABS} hidden tabs: a chat message ${what} after`, series, "ms");
        };
        return [row("is in all of them", "message"), row("beeps", "beep")];
    },
};

async function measure(probe: Probe, tabs: Tab[]): Promise<MessageTimes[]> {
    for (const tab of tabs) {
        await noteMessages(tab);
        await hide(tab);
    }
    const times: MessageTimes[] = [];
    while (times.length < MESSAGES) {
        times.push(await timeMessage(probe, tabs, INTERVAL));
    }
    return times;
}
