import { chatOf } from "../../support/e2e_discuss";
import { waitUntil } from "../../support/e2e_odoo";
import { type Bench, type BySide, forEachSide, numberRow, ratioGoal, noneGoal, say, type Side } from "../bench";
import { withTabs } from "../browser";
import { type Probe, USER } from "../probe";

const COLLEAGUE = "julia";
const TABS = 5;
const MESSAGES = 200;
/** All has reached the server when nothing more has come for so long, in milliseconds. */
const SETTLED = 4_000;

interface Figures {
    calls: number;
    conflicts: number;
}

declare global {
    interface Window {
        chatMessageCount: number;
    }
}

/** Each tab of stock tells the server of each chat message that it has come. */
export const fetched: Bench = {
    name: "fetched",
    isChecked: true,
    async run(probe) {
        const figures = await forEachSide((side) => probe.as(side, () => measure(probe, side)));
        say(JSON.stringify(figures));
        const pick = (key: keyof Figures): BySide<number> => ({
            stock: figures.stock[key],
            quiet: figures.quiet[key],
        });
        const what = `${MESSAGES} chat messages to ${TABS} tabs`;
        return [
            {
                ...numberRow(`${what}: told that they have come`, pick("calls")),
                goal: ratioGoal(pick("calls"), 5),
            },
            {
                ...numberRow(`${what}: serialization failures on discuss_channel_member`, pick("conflicts")),
                goal: noneGoal(pick("conflicts")),
            },
        ];
    },
};

function measure(probe: Probe, side: Side): Promise<Figures> {
    return withTabs(probe, side, { tabs: TABS }, async (tabs) => {
        const { server } = probe;
        const chat = await chatOf(server, COLLEAGUE, USER);
        for (const { page } of tabs) {
            await page.evaluate(() => {
                window.chatMessageCount = 0;
                const count = () => window.chatMessageCount++;
                window.services.bus_service.subscribe("discuss.channel/new_message", count);
            });
        }
        const before = await probe.chatCosts();
        // One after the other: those that post at once conflict with each other.
        for (let count = 0; count < MESSAGES; count++) {
            await server.odoo.callKw(COLLEAGUE, "discuss.channel", "message_post", [[chat]], {
                body: "And another one.",
                message_type: "comment",
                subtype_xmlid: "mail.mt_comment",
            });
        }
        await waitUntil("all messages in all tabs", 30_000, async () => {
            const counts = tabs.map(({ page }) => page.evaluate(() => window.chatMessageCount));
            return (await Promise.all(counts)).every((count) => count >= MESSAGES);
        });
        const after = await settledCosts(probe);
        return {
            calls: after.calls - before.calls,
            conflicts: after.conflicts - before.conflicts,
        };
    });
}

async function settledCosts(probe: Probe): Promise<Figures> {
    for (let costs = await probe.chatCosts(); ; ) {
        await new Promise((resolve) => setTimeout(resolve, SETTLED));
        const now = await probe.chatCosts();
        if (now.calls === costs.calls) {
            return now;
        }
        costs = now;
    }
}
