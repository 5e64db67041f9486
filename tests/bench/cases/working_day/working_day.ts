import type { ProbedOdoo } from "../../../support/e2e_odoo";
import {
    atMost,
    type Bench,
    type BySide,
    forEachSide,
    noneGoal,
    numberRow,
    say,
    type Side,
} from "../../bench";
import type { PresenceCosts, Probe } from "../../probe";
import { SimulatedBrowser } from "./simulated_browser";
import { type BrowserTrace, countChanges, makeTrace, TICK } from "./trace";

const SEED = 20_261_125;
/** After the last has gone, in seconds: the grace is over, and all is told. */
const AFTERWARDS = 120;
/** How long somebody without a connection counts as here, in seconds. */
const GRACE = 15;
/** Besides changes, rows are renewed now and then. */
const WRITES_PER_CHANGE = 1.2;

/**
 * What presence costs the server on a working day: the clock is moved ahead, browsers are played.
 *
 * @param name of the case
 * @param users how many
 */
export function workingDay(name: string, users: number): Bench {
    return {
        name,
        async run(probe) {
            const trace = makeTrace(users, SEED);
            const people = await makeUsers(probe.server, users);
            const costs = await forEachSide((side) =>
                probe.as(side, () => play(probe, side, trace, people))
            );
            const pick = (key: keyof PresenceCosts): BySide<number> => ({
                stock: costs.stock[key],
                quiet: costs.quiet[key],
            });
            const changes = countChanges(trace, GRACE);
            const what = `a working day of ${users} users, ${changes} changes of status`;
            return [
                numberRow(`${what}: update_presence frames`, pick("frames")),
                {
                    ...numberRow(`${what}: mail_presence writes`, pick("writes")),
                    goal: atMost(costs.quiet.writes, Math.round(WRITES_PER_CHANGE * changes)),
                },
                {
                    ...numberRow(`${what}: status broadcasts`, pick("broadcasts")),
                    goal: atMost(costs.quiet.broadcasts, changes),
                },
                {
                    ...numberRow(`${what}: serialization failures`, pick("conflicts")),
                    goal: noneGoal(pick("conflicts")),
                },
            ];
        },
    };
}

interface Person {
    cookie: string;
    partner: number;
}

async function play(
    probe: Probe,
    side: Side,
    trace: BrowserTrace[],
    people: Person[]
): Promise<PresenceCosts> {
    await probe.server.odoo.query("delete from mail_presence returning id");
    await probe.beginVirtualTime();
    const before = await probe.presence();
    const browsers = trace.map(
        ({ user, tabs }) => new SimulatedBrowser(probe.server, side, people[user]!, tabs)
    );
    const ticks = inTicks(trace);
    let clock = 0;
    for (const [at, moments] of ticks) {
        await probe.skip(at - clock);
        clock = at;
        await Promise.all(moments.map(({ browser, happening }) => browsers[browser]!.play(happening)));
    }
    await probe.skip(AFTERWARDS);
    await probe.skip(AFTERWARDS);
    const after = await probe.presence();
    const costs = {
        frames: after.frames - before.frames,
        writes: after.writes - before.writes,
        conflicts: after.conflicts - before.conflicts,
        broadcasts: after.broadcasts - before.broadcasts,
    };
    say(`${side}, a day of ${people.length} users: ${JSON.stringify(costs)}`);
    return costs;
}

/** What happens at each time, in order. */
function inTicks(trace: BrowserTrace[]) {
    const ticks = new Map<number, { browser: number; happening: BrowserTrace["moments"][0]["happening"] }[]>();
    for (const [browser, { moments }] of trace.entries()) {
        for (const { at: planned, happening } of moments) {
            let at = planned;
            // One thing at a time in each browser.
            while (ticks.get(at)?.some((it) => it.browser === browser)) {
                at += TICK;
            }
            ticks.set(at, [...(ticks.get(at) ?? []), { browser, happening }]);
        }
    }
    return [...ticks].sort(([one], [other]) => one - other);
}

async function makeUsers(server: ProbedOdoo, count: number): Promise<Person[]> {
    const logins = Array.from({ length: count }, (_, index) => `day${count}_${index}`);
    const values = logins.map((login) => ({ name: login, login, password: login }));
    await server.odoo.callKw("admin", "res.users", "create", [values]);
    const people: Person[] = [];
    for (const login of logins) {
        people.push({ cookie: await server.odoo.rpc.login(login), partner: await server.partnerOf(login) });
    }
    return people;
}
