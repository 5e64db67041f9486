import type { CDPSession } from "playwright-core";
import { hostOf, type Tab } from "../../support/e2e_browser";
import { PROBE_TYPE } from "../../support/e2e_odoo";
import {
    type Bench,
    type BySide,
    forBothSides,
    noneGoal,
    ratioOf,
    say,
    seriesRow,
    type Side,
    SIDES,
    textRow,
} from "../bench";
import { describeAnswers, mainTabAnswers, withTabs } from "../browser";
import { USER } from "../probe";

const ROUNDS = 2;
const TABS = 4;
const MESSAGES = 300;
/** 20 notifications/s, for 15 s. */
const INTERVAL = 50;
const BEFORE_CRASH = 60;
/** For what is still under way after the last notification. */
const REST = 4_000;

interface Outcome {
    lost: number;
    twice: number;
    total: number;
    /** Milliseconds from the crash to the next notification, in each of the other tabs. */
    backAfter: (number | undefined)[];
    answers: (boolean | undefined)[];
}

/** The process that runs the shared part of the bus crashes while notifications flow. */
export const rendererCrash: Bench = {
    name: "renderer_crash",
    async run(probe) {
        const outcomes: BySide<Outcome[]> = { stock: [], quiet: [] };
        for (let round = 0; round < ROUNDS; round++) {
            // Both get the same notifications at the same time.
            const start = startTogether(() =>
                probe.server.sendSteadily(USER, MESSAGES, INTERVAL)
            );
            const { stock, quiet } = await forBothSides((side) =>
                withTabs(probe, side, { tabs: TABS }, (tabs) => crashOne(side, tabs, start))
            );
            outcomes.stock.push(stock);
            outcomes.quiet.push(quiet);
            say(`renderer crash ${round + 1}: ${JSON.stringify({ stock, quiet })}`);
        }
        const sum = (side: Side, key: "lost" | "twice" | "total") =>
            outcomes[side].reduce((total, outcome) => total + outcome[key], 0);
        const show = (side: Side) =>
            `${sum(side, "lost")} lost, ${sum(side, "twice")} twice of ${sum(side, "total")}`;
        const bySide = <T>(give: (side: Side) => T): BySide<T> => ({
            stock: give("stock"),
            quiet: give("quiet"),
        });
        const what = "renderer with the shared part crashes, 3 other tabs";
        return [
            {
                ...textRow(`${what}: notifications`, bySide(show)),
                ratio: ratioOf(sum("stock", "lost"), sum("quiet", "lost")),
                goal: noneGoal({
                    stock: sum("stock", "lost"),
                    quiet: sum("quiet", "lost") + sum("quiet", "twice"),
                }),
            },
            seriesRow(
                `${what}: time until they flow again`,
                bySide((side) => outcomes[side].flatMap(({ backAfter }) => backAfter)),
                "ms"
            ),
            textRow(
                `${what}: isOnMainTab() within 5 s, ${ROUNDS} rounds`,
                bySide((side) => describeAnswers(outcomes[side].flatMap(({ answers }) => answers)))
            ),
        ];
    },
};

async function crashOne(side: Side, tabs: Tab[], start: () => Promise<void>): Promise<Outcome> {
    // Stock's SharedWorker runs in the process of the tab that was there first.
    const victim = side === "stock" ? tabs[0]! : await hostOf(tabs);
    const others = tabs.filter((tab) => tab !== victim);
    // Stock elects its main tab when it is asked first.
    await mainTabAnswers(tabs);
    await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
    const session = await others[0]!.page.context().browser()!.newBrowserCDPSession();
    const before = await sharedWorkerCount(session);
    await start();
    await Promise.all(tabs.map((tab) => tab.waitForCount(BEFORE_CRASH)));
    await victim.crash();
    const crash = Date.now();
    if (side === "stock" && (await sharedWorkerCount(session)) !== before - 1) {
        throw new Error("the tab that crashed did not run the SharedWorker");
    }
    await new Promise((resolve) =>
        setTimeout(resolve, (MESSAGES - BEFORE_CRASH) * INTERVAL + REST)
    );
    const received = await Promise.all(others.map((tab) => tab.received()));
    const distinct = received.map(({ numbers }) => new Set(numbers).size);
    return {
        total: others.length * MESSAGES,
        lost: distinct.reduce((lost, count) => lost + MESSAGES - count, 0),
        twice: received.reduce((sum, { numbers }, at) => sum + numbers.length - distinct[at]!, 0),
        backAfter: received.map(({ times }) => silenceAfter(crash, times)),
        answers: await mainTabAnswers(others),
    };
}

/** When notifications flow again; one that was on its way when it happened is no flow. */
function silenceAfter(crash: number, times: number[]): number | undefined {
    const later = times.filter((time) => time >= crash);
    const next = later.find(
        (time) => later.filter((it) => it >= time && it < time + 1_000).length > 10
    );
    return next === undefined ? undefined : next - crash;
}

async function sharedWorkerCount(session: CDPSession): Promise<number> {
    const { targetInfos } = await session.send("Target.getTargets");
    return targetInfos.filter(({ type }) => type === "shared_worker").length;
}

/** Calls the function once, when both sides are ready. */
function startTogether(begin: () => Promise<void>): () => Promise<void> {
    let missing = SIDES.length;
    let release!: (begun: Promise<void>) => void;
    const begun = new Promise<void>((resolve) => (release = resolve));
    return () => {
        missing--;
        if (!missing) {
            release(begin());
        }
        return begun;
    };
}
