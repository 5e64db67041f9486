import type { Tab } from "../../support/e2e_browser";
import { PROBE_TYPE, waitUntil } from "../../support/e2e_odoo";
import { type Bench, type BySide, forBothSides, noneGoal, ratioOf, say, SIDES, textRow } from "../bench";
import { withTabs } from "../browser";
import { type Probe, USER } from "../probe";

const ROUNDS = 5;
/** From the insertion to the commit; both clients have reconnected well before. */
const DELAY = 6_000;
/** After the commit. */
const GRACE = 2_500;
const LATE = 1_000;

/** A notification gets its id before a cut of the connection, and becomes visible after it. */
export const lateCommit: Bench = {
    name: "late_commit",
    isChecked: true,
    async run(probe) {
        const received: BySide<number> = { stock: 0, quiet: 0 };
        await withTabs(probe, "stock", { tabs: 1 }, ([stock]) =>
            withTabs(probe, "quiet", { tabs: 1 }, async ([quiet]) => {
                const tabs = { stock: stock!, quiet: quiet! };
                await forBothSides((side) => tabs[side].collect(PROBE_TYPE));
                for (let round = 0; round < ROUNDS; round++) {
                    await playRound(probe, tabs, round);
                    for (const side of SIDES) {
                        const { numbers } = await tabs[side].received();
                        const count = numbers.filter((it) => it === LATE + round).length;
                        received[side] += Number(count === 1);
                        say(`late commit ${round + 1}, ${side}: came ${count} times`);
                    }
                }
            })
        );
        const lost = { stock: ROUNDS - received.stock, quiet: ROUNDS - received.quiet };
        return [
            {
                ...textRow("late commit across a reconnect: notifications lost", {
                    stock: `${lost.stock} of ${ROUNDS}`,
                    quiet: `${lost.quiet} of ${ROUNDS}`,
                }),
                ratio: ratioOf(lost.stock, lost.quiet),
                goal: noneGoal(lost),
            },
        ];
    },
};

async function playRound(probe: Probe, tabs: BySide<Tab>, round: number): Promise<void> {
    const { server } = probe;
    await server.waitForServed(2);
    const inserted = Date.now();
    await server.sendLate(USER, LATE + round, DELAY);
    await server.send(USER, 1, round);
    await forBothSides(async (side) =>
        waitUntil(`the higher id, ${side}`, 5_000, async () => {
            const { numbers } = await tabs[side].received();
            return numbers.includes(round) || numbers.join(" ");
        })
    );
    const { opens } = await server.counts();
    await probe.cutConnections();
    // Where a websocket was cut so young, ours goes on with requests.
    await waitUntil("a new connection of stock's", 15_000, async () => {
        const now = (await server.counts()).opens;
        return now >= opens + 1 || now;
    });
    await server.waitForServed(2);
    const back = Date.now() - inserted;
    say(`late commit ${round + 1}: connected again ${back} ms after the insertion`);
    if (back > DELAY - 500) {
        throw new Error("the connection came back only after the commit");
    }
    await new Promise((resolve) => setTimeout(resolve, DELAY - back + GRACE));
}
