import { hide } from "../../support/browser_lifecycle";
import { type AlertKind, Alerts } from "../../support/e2e_alerts";
import { type Profile, type ProfileOptions, profileOf, SET_UPS, type Tab } from "../../support/e2e_browser";
import { chatOf, newGroups } from "../../support/e2e_discuss";
import { type Bench, type BySide, type Goal, numberRow, type Row, say, type Side, SIDES } from "../bench";
import { type Probe, USER } from "../probe";

const TABS = 5;
const SEPARATE = 50;
const BURSTS = 5;
/** More than the time in which one beep makes others superfluous, in milliseconds, also for the last of many. */
const INTERVAL = 2_500;
const COLLEAGUE = "julia";

/** A user's browser with some tabs that nobody looks at. */
interface Station {
    profile: Profile;
    alerts: Alerts;
    tabs: Tab[];
}

/** How many beeps and native notifications messages make: both sides hear of the same ones. */
export const beeps: Bench = {
    name: "beeps",
    async run(probe) {
        const chat = await chatOf(probe.server, COLLEAGUE, USER);
        const groups = await newGroups(probe.server, [COLLEAGUE, USER], 5);
        const rows: Row[] = [];
        for (const [setUp, options] of Object.entries(SET_UPS)) {
            const stations: BySide<Station> = {
                stock: await open(probe, { ...options, stock: true }),
                quiet: await open(probe, options),
            };
            try {
                rows.push(...(await measure(probe, stations, setUp, chat, groups)));
            } finally {
                await Promise.all(SIDES.map((side) => stations[side].profile.close()));
            }
        }
        return rows;
    },
};

async function open({ server }: Probe, options: ProfileOptions): Promise<Station> {
    const profile = await profileOf(USER, server, options);
    const alerts = await Alerts.of(profile);
    const tabs = await profile.openTabs(TABS);
    await Promise.all(tabs.map((tab) => tab.waitForConnected()));
    for (const tab of tabs) {
        await hide(tab);
    }
    return { profile, alerts, tabs };
}

async function measure(
    { server }: Probe,
    stations: BySide<Station>,
    setUp: string,
    chat: number,
    groups: number[]
): Promise<Row[]> {
    const post = (count: number) => server.post(COLLEAGUE, chat, count);
    const postInParallel = async (count: number) => {
        await Promise.all(groups.slice(0, count).map((group) => server.post(COLLEAGUE, group)));
    };
    const where = `${TABS} tabs ${setUp}`;
    const rows = [
        ...(await count(stations, `${where}: ${SEPARATE} separate messages`, 1, SEPARATE, post)),
    ];
    for (const size of [2, 5]) {
        for (const [how, send] of [
            ["one transaction", post],
            ["parallel ones", postInParallel],
        ] as const) {
            const what = `${where}: ${BURSTS} times ${size} messages in ${how}`;
            rows.push(...(await count(stations, what, size, BURSTS, send)));
        }
    }
    return rows;
}

/** Has messages sent several times; one beep each time, and a notification for each message, are right. */
async function count(
    stations: BySide<Station>,
    what: string,
    size: number,
    times: number,
    send: (count: number) => Promise<void>
): Promise<Row[]> {
    await Promise.all(SIDES.map((side) => stations[side].alerts.clear()));
    for (let time = 0; time < times; time++) {
        await send(size);
        await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
    const all = async (kind: AlertKind): Promise<BySide<number>> => {
        const of = (side: Side) => stations[side].alerts.count(kind);
        return { stock: await of("stock"), quiet: await of("quiet") };
    };
    const [heard, shown] = [await all("beep"), await all("notice")];
    say(`${what}: ${JSON.stringify({ heard, shown })}`);
    return [
        { ...numberRow(`${what}: beeps`, heard), goal: exactly(heard, times) },
        { ...numberRow(`${what}: native notifications`, shown), goal: exactly(shown, size * times) },
    ];
}

function exactly({ quiet }: BySide<number>, right: number): Goal {
    return { text: String(right), isMet: quiet === right };
}
