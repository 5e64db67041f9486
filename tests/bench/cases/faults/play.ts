/** Plays a fault in the browsers of both sides. */
import { hostOf } from "../../../support/e2e_browser";
import { type Row, say, type Side, SIDES, timeOf } from "../../bench";
import { type Probe, USER } from "../../probe";
import { type Fault, sleep, type Strike } from "./fault";
import { type Losses, lossesOf } from "./figures";
import { Ledger, type Sent } from "./ledger";
import { arrivedAfter, type PageLog, readLog } from "./page_log";
import { rowsOf } from "./rows";
import { type Origin, ORIGINS, Scene } from "./scene";
import { BEFORE, INTERVAL } from "./sending";

/** How long what comes twice is waited for, in milliseconds. */
const SECOND_ARRIVAL = 1_000;

/** Whose tabs, and where. */
interface Cast {
    side: Side;
    origin: Origin;
}

export interface Outcome extends Losses, Cast {
    /** In milliseconds; undefined: never. */
    figure: number | undefined;
}

export async function playFault(probe: Probe, fault: Fault): Promise<Row[]> {
    const all = ORIGINS.flatMap((origin) => SIDES.map((side) => ({ origin, side })));
    // Those that are played together get the same notifications at the same time.
    const groups = fault.isBrief ? all.map((cast) => [cast]) : [all];
    const outcomes: Outcome[] = [];
    for (const group of groups) {
        outcomes.push(...(await playRounds(probe, fault, group)));
    }
    return rowsOf(fault, outcomes);
}

async function playRounds(probe: Probe, fault: Fault, group: Cast[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const scenes: Scene[] = [];
    try {
        for (const { side, origin } of group) {
            scenes.push(await Scene.open(probe.server, side, origin, fault.isProxied));
        }
        for (let round = 0; round < fault.rounds; round++) {
            if (round === 0 || fault.isFatal) {
                await openTabs(probe, scenes);
            }
            outcomes.push(...(await playRound(probe, fault, scenes)));
        }
    } finally {
        await Promise.all(scenes.map((scene) => scene.close()));
    }
    return outcomes;
}

/** Opens all tabs anew: with one of them gone, stock's SharedWorker has lost its tab. */
async function openTabs({ server }: Probe, scenes: Scene[]): Promise<void> {
    await Promise.all(scenes.map((scene) => scene.closeTabs()));
    await server.waitForSockets(0);
    await Promise.all(scenes.map((scene) => scene.openTabs()));
}

async function playRound({ server }: Probe, fault: Fault, scenes: Scene[]): Promise<Outcome[]> {
    await server.waitForSubscribed(scenes.length);
    await Promise.all(scenes.map((scene) => scene.chooseVictim()));
    const ledger = await Ledger.open(server);
    await server.sendSteadily(USER, BEFORE + fault.lasts / INTERVAL, INTERVAL);
    await Promise.all(scenes.map((scene) => scene.waitForFlow(ledger.lastId, BEFORE)));
    const strikes = await fault.strike(scenes, server);
    const sent = await ledger.close();
    const lastArrival = Date.now() + fault.rest;
    return Promise.all(
        scenes.map(async (scene, index) => {
            const strike = strikes[index]!;
            await waitForAll(strike, ledger.lastId, sent.size, lastArrival);
            const outcome = await judge(fault, scene, strike, sent);
            const { figure, lost, twice, total } = outcome;
            say(
                `${fault.name}, ${scene.name}: ${fault.figure}: ${timeOf(figure, "ms")}, ` +
                    `${lost} lost, ${twice} twice of ${total}` +
                    (strike.remark ? ` (${strike.remark})` : "")
            );
            return outcome;
        })
    );
}

/** Waits until the tabs have everything, or the time is over. */
async function waitForAll(
    { witnesses }: Strike,
    firstId: number,
    count: number,
    deadline: number
): Promise<void> {
    for (;;) {
        const counts = await Promise.all(witnesses.map((tab) => arrivedAfter(tab, firstId)));
        if (Math.min(...counts) >= count || Date.now() > deadline) {
            return sleep(SECOND_ARRIVAL);
        }
        await sleep(100);
    }
}

async function judge(fault: Fault, scene: Scene, strike: Strike, sent: Sent): Promise<Outcome> {
    const { side, origin } = scene;
    if (fault.takesHost && side === "quiet") {
        // Throws unless one of them is it.
        await hostOf(strike.survivors);
    }
    const survivors = await Promise.all(strike.survivors.map(({ page }) => readLog(page)));
    tellOfHub(scene, strike, survivors);
    const durations = survivors.map((log) => fault.measure(log, strike, sent, side));
    const witnesses = await Promise.all(strike.witnesses.map(({ page }) => readLog(page)));
    const losses = witnesses.map((log) => lossesOf(log, sent));
    const sum = (key: keyof Losses) => losses.reduce((total, it) => total + it[key], 0);
    return {
        side,
        origin,
        figure: durations.includes(undefined) ? undefined : Math.max(...(durations as number[])),
        lost: sum("lost"),
        twice: sum("twice"),
        total: sum("total"),
    };
}

/** How much of the time has passed when the next hub speaks. */
function tellOfHub({ name }: Scene, { at }: Strike, logs: PageLog[]): void {
    const words = logs.flatMap(({ events }) => events).filter((it) => it.type === "hub" && it.at >= at);
    if (words.length) {
        say(`next hub, ${name}: ${Math.min(...words.map((it) => it.at)) - at} ms`);
    }
}
