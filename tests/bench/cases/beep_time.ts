import { hide } from "../../support/browser_lifecycle";
import type { Tab } from "../../support/e2e_browser";
import { chatOf } from "../../support/e2e_discuss";
import { type Bench, forEachSide, say, seriesRow } from "../bench";
import { withTabs } from "../browser";
import { type Probe, USER } from "../probe";

const TABS = 5;
const MESSAGES = 30;
/** More than the time in which one beep makes others superfluous, in milliseconds. */
const INTERVAL = 2_000;
const COLLEAGUE = "julia";

interface Times {
    /** When the message was in the last tab, in milliseconds since it was sent. */
    arrival: (number | undefined)[];
    beep: (number | undefined)[];
}

declare global {
    interface Window {
        heard: { messages: number[]; beeps: number[] };
    }
}

/** How soon a chat message to a browser that nobody looks at comes, and beeps. */
export const beepTime: Bench = {
    name: "beep_time",
    async run(probe) {
        const times = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS }, (tabs) => measure(probe, tabs))
        );
        say(JSON.stringify(times));
        const { stock, quiet } = times;
        const what = `${TABS} hidden tabs: a chat message`;
        return [
            seriesRow(`${what} is in all of them after`, { stock: stock.arrival, quiet: quiet.arrival }, "ms"),
            seriesRow(`${what} beeps after`, { stock: stock.beep, quiet: quiet.beep }, "ms"),
        ];
    },
};

async function measure({ server }: Probe, tabs: Tab[]): Promise<Times> {
    const chat = await chatOf(server, COLLEAGUE, USER);
    for (const tab of tabs) {
        await tab.page.evaluate(listen);
        await hide(tab);
    }
    const times: Times = { arrival: [], beep: [] };
    for (let number = 0; number < MESSAGES; number++) {
        await Promise.all(tabs.map(({ page }) => page.evaluate(() => (window.heard = { messages: [], beeps: [] }))));
        const sentAt = Date.now();
        await server.post(COLLEAGUE, chat);
        await new Promise((resolve) => setTimeout(resolve, INTERVAL));
        const heard = await Promise.all(tabs.map(({ page }) => page.evaluate(() => window.heard)));
        const arrivals = heard.map(({ messages }) => messages[0] ?? Infinity);
        const beeps = heard.flatMap((it) => it.beeps);
        times.arrival.push(since(sentAt, Math.max(...arrivals)));
        times.beep.push(since(sentAt, Math.min(...beeps)));
    }
    return times;
}

/** Undefined where it never came. */
function since(start: number, time: number): number | undefined {
    return Number.isFinite(time) ? time - start : undefined;
}

/** Runs in the page. */
function listen(): void {
    window.heard = { messages: [], beeps: [] };
    const note = () => window.heard.messages.push(Date.now());
    window.services.bus_service.subscribe("discuss.channel/new_message", note);
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
        window.heard.beeps.push(Date.now());
        return play.call(this);
    };
}
