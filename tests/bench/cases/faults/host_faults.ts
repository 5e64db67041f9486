/** The tab with the shared part of the bus goes. */
import { type Fault, inEach, sleep, type Strike, untilTakenOver } from "./fault";
import { eventSince, leftAt, logArrivals, reasonsForReload } from "./page_log";
import type { Scene } from "./scene";

/** How long the tab shows another page, in milliseconds. */
const AWAY = 3_000;

const HOST_FAULT = {
    figure: "flows again",
    measure: untilTakenOver,
    takesHost: true,
    isBrief: true,
    rounds: 5,
    rest: 2_000,
} satisfies Partial<Fault>;

export const HOST_FAULTS: Fault[] = [
    {
        ...HOST_FAULT,
        name: "closed",
        what: "host tab closed",
        isFatal: true,
        lasts: 3_000,
        strike: inEach((scene) => lose(scene, () => scene.victim.page.close())),
    },
    {
        ...HOST_FAULT,
        name: "crashed",
        what: "host renderer crashed",
        isFatal: true,
        lasts: 4_000,
        strike: inEach((scene) => lose(scene, () => scene.victim.crash())),
    },
    {
        ...HOST_FAULT,
        name: "navigated",
        what: "host tab navigated away and back",
        // Its proxy lets the browser keep the page.
        isProxied: true,
        lasts: AWAY + 3_000,
        strike: inEach(navigate),
    },
];

async function lose({ others }: Scene, loseVictim: () => Promise<void>): Promise<Strike> {
    const at = Date.now();
    await loseVictim();
    const took = Date.now() - at;
    return { at, until: at, survivors: others, witnesses: others, remark: `${took} ms to be gone` };
}

async function navigate(scene: Scene): Promise<Strike> {
    const { victim, tabs, others } = scene;
    const asked = Date.now();
    await victim.page.goto("about:blank");
    await sleep(asked + AWAY - Date.now());
    await victim.page.goBack({ waitUntil: "commit" });
    await victim.ready();
    const shown = await eventSince(victim, "pageshow", asked);
    const at = await leftAt(victim);
    const strike = { at, until: Date.now(), survivors: others };
    const remark = `left after ${at - asked} ms`;
    if (shown?.isPersisted) {
        return { ...strike, witnesses: tabs, remark: `${remark}; kept` };
    }
    const reasons = (await reasonsForReload(victim)).join(", ");
    if (scene.side === "quiet" && scene.origin === "secure") {
        throw new Error(`the page is not kept in the back/forward cache: ${reasons}`);
    }
    // A new page: what was sent before it was made is in it.
    await logArrivals(victim);
    return { ...strike, witnesses: others, remark: `${remark}; loaded anew (${reasons})` };
}
