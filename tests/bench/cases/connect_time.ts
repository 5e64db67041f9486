import { type Profile, profileOf, type Tab } from "../../support/e2e_browser";
import { type Bench, type BySide, type Row, say, seriesRow, type Side, SIDES } from "../bench";
import { type ConnectTimes, noteConnectTimes } from "../connect_times";
import { USER } from "../probe";

const LOADS = 10;

interface Loads {
    first: ConnectTimes[];
    second: ConnectTimes[];
}

/** From the page's load to a connected bus. */
export const connectTime: Bench = {
    name: "connect_time",
    async run(probe) {
        const loads: BySide<Loads> = {
            stock: { first: [], second: [] },
            quiet: { first: [], second: [] },
        };
        const profiles = new Map<Side, Profile>();
        for (const side of SIDES) {
            const profile = await profileOf(USER, probe.server, { stock: side === "stock" });
            profiles.set(side, profile);
            // Fills the cache.
            await (await openTab(profile)).tab.page.close();
        }
        for (let load = 0; load < LOADS; load++) {
            for (const side of SIDES) {
                await probe.server.waitForSockets(0);
                const first = await openTab(profiles.get(side)!);
                // The second page is measured, not the end of the first one's start.
                await new Promise((resolve) => setTimeout(resolve, 500));
                const second = await openTab(profiles.get(side)!);
                loads[side].first.push(first.times);
                loads[side].second.push(second.times);
                await Promise.all([first.tab.page.close(), second.tab.page.close()]);
            }
        }
        await Promise.all([...profiles.values()].map((profile) => profile.close()));
        say(`connect times: ${JSON.stringify(loads)}`);
        return (["first", "second"] as const).flatMap((tab) => rowsOf(tab, loads));
    },
};

async function openTab(profile: Profile): Promise<{ tab: Tab; times: ConnectTimes }> {
    const tab = await profile.emptyTab();
    await tab.page.addInitScript(noteConnectTimes);
    await tab.goto(profile.url("/odoo"));
    await tab.page.waitForFunction(() => window.connectTimes?.connected !== undefined);
    const times = (await tab.page.evaluate(() => window.connectTimes))!;
    return { tab, times };
}

function rowsOf(tab: keyof Loads, loads: BySide<Loads>): Row[] {
    const series = (give: (times: ConnectTimes) => number) => ({
        stock: loads.stock[tab].map(give),
        quiet: loads.quiet[tab].map(give),
    });
    return [
        seriesRow(
            `${tab} tab: page load to CONNECTED`,
            series(({ connected }) => Math.round(connected)),
            "ms"
        ),
        seriesRow(
            `${tab} tab: start of the bus to CONNECTED`,
            series(({ connected, started }) => Math.round(connected - started)),
            "ms"
        ),
    ];
}
