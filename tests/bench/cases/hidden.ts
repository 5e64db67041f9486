import { hide, show } from "../../support/browser_lifecycle";
import type { Tab } from "../../support/e2e_browser";
import { PROBE_TYPE } from "../../support/e2e_odoo";
import { type Bench, type BySide, forEachSide, median, numberRow, ratioGoal, type Row, say, seriesRow } from "../bench";
import { withTabs } from "../browser";
import { type MessageTimes, noteMessages, timeMessage } from "../chat_message";
import type { Probe } from "../probe";

const TABS = 5;
const MINUTES = 1;
/** Five notifications a second. */
const INTERVAL = 200;
const MESSAGES = (MINUTES * 60_000) / INTERVAL;
/** Where nobody receives them, they cost the same. */
const QUICK_INTERVAL = 20;
/** Whose presence the tabs follow. */
const COLLEAGUE = "julia";
/** Until the server knows that nobody looks. */
const SETTLING = 7_000;
const CHAT_MESSAGES = 15;
/** Between two of them: more than the time in which one beep makes others superfluous. */
const CHAT_INTERVAL = 2_000;
const BESIDE_CHAT = (CHAT_MESSAGES * CHAT_INTERVAL) / INTERVAL;
/** Within this, in milliseconds, half of them must have come and beeped. */
const URGENT = 1_000;
/** Within this, in milliseconds, all must be there when the user is back. */
const RETURN = 500;

interface Figures {
    frames: number;
    requests: number;
    transactions: number;
    cpu: number;
    chat: MessageTimes[];
    /** From the moment when a tab is shown, until it has all. */
    back: number;
}

declare global {
    interface Window {
        shownAt: number;
    }
}

/** All tabs are hidden while there is news for nobody, then chat messages among it. */
export const hidden: Bench = {
    name: "hidden",
    isChecked: true,
    async run(probe) {
        const sending = await transactionsOf(probe, async () => {
            await probe.sendBackground(COLLEAGUE, MESSAGES, QUICK_INTERVAL);
            await pause(MESSAGES * QUICK_INTERVAL);
        });
        say(`${MESSAGES} notifications without any browser: ${sending} transactions`);
        const figures = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS }, (tabs) => measure(probe, tabs, sending))
        );
        say(JSON.stringify(figures));
        return rows(figures);
    },
};

async function measure(probe: Probe, tabs: Tab[], sending: number): Promise<Figures> {
    await Promise.all(tabs.map((tab) => prepare(probe, tab)));
    for (const tab of tabs) {
        await hide(tab);
    }
    await pause(SETTLING);
    const before = await probe.costs();
    const transactions = await transactionsOf(probe, async () => {
        await probe.sendBackground(COLLEAGUE, MESSAGES, INTERVAL);
        await pause(MESSAGES * INTERVAL);
    });
    const after = await probe.costs();
    const chat = await timeChat(probe, tabs);
    return {
        frames: (after.frames - before.frames) / MINUTES,
        requests: (after.requests - before.requests) / MINUTES,
        transactions: (transactions - sending) / MINUTES,
        cpu: (after.cpu - before.cpu) / MINUTES,
        chat,
        back: await comeBack(probe, tabs[0]!),
    };
}

async function timeChat(probe: Probe, tabs: Tab[]): Promise<MessageTimes[]> {
    const chat: MessageTimes[] = [];
    await probe.sendBackground(COLLEAGUE, BESIDE_CHAT, INTERVAL);
    while (chat.length < CHAT_MESSAGES) {
        chat.push(await timeMessage(probe, tabs, CHAT_INTERVAL));
    }
    return chat;
}

/** The tab collects, follows the colleague's presence, and notes messages. */
async function prepare(probe: Probe, tab: Tab): Promise<void> {
    const partner = await probe.server.partnerOf(COLLEAGUE);
    await tab.collect(PROBE_TYPE);
    await noteMessages(tab);
    await tab.page.evaluate(
        (id) => window.services.bus_service.addChannel(`odoo-presence-res.partner_${id}`),
        partner
    );
}

/** More was sent just before the user comes back; it has to be there as well. */
async function comeBack(probe: Probe, tab: Tab): Promise<number> {
    const more = 10;
    await probe.sendBackground(COLLEAGUE, more, 10);
    await pause(SETTLING / 2);
    await tab.page.evaluate(() => {
        const note = () => (window.shownAt = Date.now());
        document.addEventListener("visibilitychange", note, { capture: true, once: true });
    });
    await show(tab);
    await tab.waitForCount(MESSAGES + BESIDE_CHAT + more, 90_000);
    const { times } = await tab.received();
    const shownAt = await tab.page.evaluate(() => window.shownAt);
    return Math.max(0, times.at(-1)! - shownAt);
}

async function transactionsOf(probe: Probe, work: () => Promise<void>): Promise<number> {
    const before = await probe.transactions();
    await work();
    return (await probe.transactions()) - before;
}

function rows({ stock, quiet }: BySide<Figures>): Row[] {
    const where = `${TABS} hidden tabs, ${1_000 / INTERVAL} notifications/s that nobody waits for`;
    const pick = (key: Exclude<keyof Figures, "chat">) => ({ stock: stock[key], quiet: quiet[key] });
    const row = (what: string, counts: BySide<number>, unit = "") =>
        numberRow(`${where}: ${what}`, counts, unit);
    const chatRow = (what: string, key: keyof MessageTimes): Row => {
        const of = ({ chat }: Figures) => chat.map((times) => times[key]);
        const isMet = (median(of(quiet)) ?? Infinity) <= URGENT;
        return {
            ...seriesRow(`${where}: a chat message ${what} after`, { stock: of(stock), quiet: of(quiet) }, "ms"),
            goal: { text: `at most ${URGENT} ms for half of them`, isMet },
        };
    };
    return [
        { ...row("frames a minute", pick("frames")), goal: ratioGoal(pick("frames"), 20) },
        {
            ...row("database transactions a minute, without those that send", pick("transactions")),
            goal: ratioGoal(pick("transactions"), 20),
        },
        row("requests a minute, those of the measurement included", pick("requests")),
        row("processor time of the server a minute, with what sends", pick("cpu"), "s"),
        chatRow("is in all of them", "message"),
        chatRow("beeps", "beep"),
        {
            ...row("all is there after the return within", pick("back"), "ms"),
            goal: { text: `at most ${RETURN} ms`, isMet: quiet.back <= RETURN },
        },
    ];
}

function pause(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
