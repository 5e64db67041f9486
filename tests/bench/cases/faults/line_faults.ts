/** Something between the browser and the database fails. */
import type { ProbedOdoo } from "../../../support/e2e_odoo";
import { USER } from "../../probe";
import { type Fault, inEach, longestPause, sleep, type Strike, untilComplete, untilFlow } from "./fault";
import { checkStill, eventSince } from "./page_log";
import type { Scene } from "./scene";
import { INTERVAL } from "./sending";

const OFFLINE = 30_000;
const WEBSOCKET_AGE = 2_000;
const CUTTING = 30_000;
/** How long notifications are sent after the server is up again, in milliseconds. */
const AFTER_RESTART = 15_000;

const LINE_FAULT = {
    isProxied: true,
    rounds: 2,
    rest: 20_000,
} satisfies Partial<Fault>;

export const LINE_FAULTS: Fault[] = [
    {
        ...LINE_FAULT,
        name: "network",
        what: `network lost for ${OFFLINE / 1_000} s`,
        figure: "all that was missed is there",
        measure: untilComplete,
        lasts: OFFLINE + 3_000,
        strike: inEach(loseNetwork),
    },
    {
        ...LINE_FAULT,
        name: "restart",
        what: "server restarted",
        figure: "flows again after it is up",
        measure: untilFlow,
        lasts: AFTER_RESTART,
        strike: restartServer,
    },
    {
        ...LINE_FAULT,
        name: "cuts",
        what: `proxy cuts each websocket after ${WEBSOCKET_AGE / 1_000} s, for ${CUTTING / 1_000} s`,
        figure: "largest gap",
        measure: longestPause,
        lasts: CUTTING + 3_000,
        strike: inEach(cutWebsockets),
    },
];

/** Its rows are not among those of the others. */
export const EXTRA_LINE_FAULTS: Fault[] = [
    {
        ...LINE_FAULT,
        name: "outage",
        what: `proxy down for ${OFFLINE / 1_000} s, browser online`,
        figure: "all that was missed is there",
        measure: untilComplete,
        lasts: OFFLINE + 3_000,
        rest: 60_000,
        strike: inEach((scene) => failProxy(scene)),
    },
];

/** The computer has lost its network, and the browser knows. */
async function loseNetwork(scene: Scene): Promise<Strike> {
    const { context, tabs } = scene;
    const from = Date.now();
    const strike = await failProxy(
        scene,
        () => context.setOffline(true),
        () => context.setOffline(false)
    );
    for (const tab of tabs) {
        if (!(await eventSince(tab, "offline", from))) {
            throw new Error("a tab was not told that it is offline");
        }
    }
    return strike;
}

async function failProxy(
    { proxy, tabs }: Scene,
    onDown: () => Promise<void> = async () => {},
    onUp: () => Promise<void> = async () => {}
): Promise<Strike> {
    const from = Date.now();
    const { refusals } = proxy;
    proxy.goDown();
    await onDown();
    await sleep(from + OFFLINE - Date.now());
    const at = Date.now();
    proxy.goUp();
    await onUp();
    await Promise.all(tabs.map((tab) => checkStill(tab, from, at)));
    const remark = `${proxy.refusals - refusals} attempts refused`;
    return { at, until: at, survivors: tabs, witnesses: tabs, remark };
}

async function restartServer(scenes: Scene[], server: ProbedOdoo): Promise<Strike[]> {
    const began = Date.now();
    const restarted = server.odoo.restart();
    await untilHealth(server, false);
    await untilHealth(server, true);
    const at = Date.now();
    // The process that was sending is gone.
    await server.sendSteadily(USER, AFTER_RESTART / INTERVAL, INTERVAL);
    await restarted;
    const remark = `up again after ${at - began} ms`;
    return scenes.map(({ tabs }) => ({ at, until: at, survivors: tabs, witnesses: tabs, remark }));
}

/** Waits until the server answers, or until it no longer does. */
async function untilHealth({ baseURL }: ProbedOdoo, wanted: boolean): Promise<void> {
    const isUp = async () => {
        const response = await fetch(`${baseURL}/websocket/health`).catch(() => undefined);
        return response?.ok ?? false;
    };
    while ((await isUp()) !== wanted) {
        await sleep(20);
    }
}

async function cutWebsockets({ proxy, tabs }: Scene): Promise<Strike> {
    const at = Date.now();
    const { cuts } = proxy;
    proxy.websocketAge = WEBSOCKET_AGE;
    await sleep(CUTTING);
    proxy.websocketAge = Infinity;
    const count = proxy.cuts - cuts;
    if (count < CUTTING / WEBSOCKET_AGE / 3) {
        throw new Error(`only ${count} websockets were cut`);
    }
    return { at, until: Date.now(), survivors: tabs, witnesses: tabs, remark: `${count} cuts` };
}
