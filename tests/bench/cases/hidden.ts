import { hide, show } from "../../support/browser_lifecycle";
import type { Tab } from "../../support/e2e_browser";
import { PROBE_TYPE } from "../../support/e2e_odoo";
import { type Bench, type BySide, forEachSide, numberRow, ratioGoal, type Row, say } from "../bench";
import { withTabs } from "../browser";
import { type MessageTimes, noteMessages, timeMessage } from "../chat_message";
import type { Probe } from "../probe";

const TABS = 5;
const MINUTES = 2;
/** Five notifications a second. */
const INTERVAL = 200;
const MESSAGES = (MINUTES * 60_000) / INTERVAL;
/** Whose presence the tabs follow. */
const COLLEAGUE = "julia";
/** Until the server knows that nobody looks. */
const SETTLING = 7_000;
/** Within this, in milliseconds, a message must come and beep. */
const URGENT = 1_000;
/** Within this, in milliseconds, all must be there when the user is back. */
const RETURN = 500;

interface Figures extends MessageTimes {
    frames: number;
    requests: number;
    transactions: number;
    cpu: number;
    /** From the moment when a tab is shown, until it has all. */
    back: number;
}

declare global {
    interface Window {
        shownAt: number;
    }
}

/** All tabs are hidden while there is news for nobody, and one chat message. */
export const hidden: Bench = {
    name: "hidden",
    isChecked: true,
    async run(probe) {
        const sending = await transactionsOf(probe, async () => {
            await probe.sendBackground(COLLEAGUE, MESSAGES / 4, INTERVAL);
            await pause((MESSAGES / 4) * INTERVAL);
        });
        say(`${MESSAGES / 4} notifications without any browser: ${sending} transactions`);
        const figures = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS }, (tabs) => measure(probe, tabs, sending * 4))
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
    let urgent: MessageTimes = { message: Infinity, beep: undefined };
    const transactions = await transactionsOf(probe, async () => {
        await probe.sendBackground(COLLEAGUE, MESSAGES, INTERVAL);
        await pause((MESSAGES * INTERVAL) / 2);
        urgent = await timeMessage(probe, tabs, URGENT);
        await pause((MESSAGES * INTERVAL) / 2);
    });
    const after = await probe.costs();
    return {
        frames: (after.frames - before.frames) / MINUTES,
        requests: (after.requests - before.requests) / MINUTES,
        transactions: (transactions - sending) / MINUTES,
        cpu: (after.cpu - before.cpu) / MINUTES,
        ...urgent,
        back: await comeBack(probe, tabs[0]!),
    };
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
    await tab.waitForCount(MESSAGES + more, 90_000);
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
    const row = (what: string, key: keyof Figures, unit = "") =>
        numberRow(`${where}: ${what}`, { stock: stock[key] ?? Infinity, quiet: quiet[key] ?? Infinity }, unit);
    const most = (key: keyof Figures, limit: number) => ({
        text: `at most ${limit} ms`,
        isMet: (quiet[key] ?? Infinity) <= limit,
    });
    return [
        { ...row("frames a minute", "frames"), goal: ratioGoal({ stock: stock.frames, quiet: quiet.frames }, 20) },
        {
            ...row("database transactions a minute, without those that send", "transactions"),
            goal: ratioGoal({ stock: stock.transactions, quiet: quiet.transactions }, 20),
        },
        row("requests a minute, those of the measurement included", "requests"),
        row("processor time of the server a minute, with what sends", "cpu", "s"),
        { ...row("a chat message comes within", "message", "ms"), goal: most("message", URGENT) },
        { ...row("it beeps within", "beep", "ms"), goal: most("beep", URGENT) },
        { ...row("all is there after the return within", "back", "ms"), goal: most("back", RETURN) },
    ];
}

function pause(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
