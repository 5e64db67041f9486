import { PROBE_TYPE } from "../../support/e2e_odoo";
import { type Bench, forEachSide, numberRow, ratioGoal, say } from "../bench";
import { withTabs } from "../browser";
import { USER } from "../probe";

const MESSAGES = 50;
/** Slow enough for each notification to wake the connections up. */
const INTERVAL = 100;
const TABS = 5;

/** What a notification costs in the database, the one that sends it included. */
export const transactions: Bench = {
    name: "transactions",
    isChecked: true,
    async run(probe) {
        const counts = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS, sharedWorkers: "missing" }, async (tabs) => {
                await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
                const before = await probe.transactions();
                await probe.server.sendSteadily(USER, MESSAGES, INTERVAL);
                await Promise.all(tabs.map((tab) => tab.waitForCount(MESSAGES, 15_000)));
                return (await probe.transactions()) - before;
            })
        );
        say(`database transactions for ${MESSAGES} notifications: ${JSON.stringify(counts)}`);
        const perMessage = { stock: counts.stock / MESSAGES, quiet: counts.quiet / MESSAGES };
        const what = `database transactions per notification, ${TABS} tabs, no SharedWorker`;
        return [{ ...numberRow(what, perMessage), goal: ratioGoal(perMessage, 2) }];
    },
};
