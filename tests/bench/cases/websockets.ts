import { type Bench, forEachSide, numberRow, ratioGoal, type Row } from "../bench";
import { type SharedWorkers, withTabs } from "../browser";
import type { Probe } from "../probe";

const TABS = 10;
const NAMES: Record<SharedWorkers, string> = {
    working: "",
    missing: ", without SharedWorker",
    failing: ", SharedWorker fails to start",
};

/** Connections of one browser with many tabs, as the server sees them. */
export const websockets: Bench = {
    name: "websockets",
    isChecked: true,
    async run(probe) {
        const rows: Row[] = [];
        for (const [sharedWorkers, name] of Object.entries(NAMES)) {
            const situation = { tabs: TABS, sharedWorkers: sharedWorkers as SharedWorkers };
            const counts = await forEachSide(async (side) => {
                await probe.server.waitForSockets(0);
                return withTabs(probe, side, situation, () => settledSockets(probe));
            });
            rows.push({
                ...numberRow(`websockets at the server, ${TABS} tabs${name}`, counts),
                goal: ratioGoal(counts, sharedWorkers === "working" ? 1 : TABS),
            });
        }
        return rows;
    },
};

/** The number of sockets, once it has not changed for a second. */
async function settledSockets({ server }: Probe): Promise<number> {
    let last = -1;
    for (;;) {
        const count = await server.socketCount();
        if (count === last) {
            return count;
        }
        last = count;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
}
