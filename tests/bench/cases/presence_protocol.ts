import { SocketClient } from "../../support/e2e_socket_client";
import { atMost, type Bench, type BySide, numberRow, type Row, say, type Side, SIDES } from "../bench";
import { type PresenceCosts, type Probe } from "../probe";

const COUNT = 20;
const ROUNDS = 10;
/** Longer than the grace of someone who has left, with the roll call after it, in milliseconds. */
const GONE = 20_000;
/** Between two rounds, in milliseconds: within it a report is served. */
const PAUSE = 500;

interface Case {
    name: string;
    play(probe: Probe, cookies: string[]): Promise<void>;
    /** The most that ours may cost. */
    goals: Partial<PresenceCosts>;
}

const CASES: Case[] = [
    {
        name: `${COUNT} users reconnect ${ROUNDS} times each`,
        goals: { writes: COUNT, broadcasts: COUNT, conflicts: 0 },
        async play(probe, cookies) {
            await Promise.all(
                cookies.map(async (cookie) => {
                    for (let round = 0; round < ROUNDS; round++) {
                        const client = await visit(probe, cookie);
                        await client.close();
                    }
                })
            );
        },
    },
    {
        name: "… until all have gone for good",
        goals: { writes: COUNT, broadcasts: COUNT, conflicts: 0 },
        play: () => pause(GONE),
    },
    {
        name: `${COUNT} devices of one user report at once, ${ROUNDS} rounds`,
        goals: { writes: 2, conflicts: 0 },
        async play(probe, [cookie]) {
            const devices = await Promise.all(
                Array.from({ length: COUNT }, () => visit(probe, cookie!))
            );
            for (let round = 0; round < ROUNDS; round++) {
                devices.forEach((device) => device.reportPresence());
                await pause(PAUSE);
            }
            await Promise.all(devices.map((device) => device.settle()));
            await Promise.all(devices.map((device) => device.close()));
        },
    },
];

/** What many users, and many devices of one, cost the server for presence: without any browser. */
export const presenceProtocol: Bench = {
    name: "presence_protocol",
    isChecked: true,
    async run(probe) {
        const cookies = await makeUsers(probe);
        const costs = {} as BySide<PresenceCosts[]>;
        for (const side of SIDES) {
            costs[side] = await probe.as(side, () => playAll(probe, cookies, side));
        }
        return CASES.flatMap(({ name, goals }, index) =>
            rowsOf(name, goals, { stock: costs.stock[index]!, quiet: costs.quiet[index]! })
        );
    },
};

async function playAll(probe: Probe, cookies: string[], side: Side): Promise<PresenceCosts[]> {
    // All begin without a row.
    await probe.server.odoo.query("delete from mail_presence returning id");
    const costs: PresenceCosts[] = [];
    for (const { name, play } of CASES) {
        const before = await probe.presence();
        await play(probe, cookies);
        const after = await probe.presence();
        costs.push({
            frames: after.frames - before.frames,
            writes: after.writes - before.writes,
            conflicts: after.conflicts - before.conflicts,
            broadcasts: after.broadcasts - before.broadcasts,
        });
        say(`${side}, ${name}: ${JSON.stringify(costs.at(-1))}`);
    }
    return costs;
}

async function visit(probe: Probe, cookie: string): Promise<SocketClient> {
    const client = await SocketClient.open(probe.server, cookie);
    client.subscribe();
    client.reportPresence();
    await client.settle();
    return client;
}

/** Sessions of users who are made for this. */
async function makeUsers({ server }: Probe): Promise<string[]> {
    const logins = Array.from({ length: COUNT }, (_, index) => `presence${index}`);
    const users = logins.map((login) => ({ name: login, login, password: login }));
    await server.odoo.callKw("admin", "res.users", "create", [users]);
    const cookies: string[] = [];
    for (const login of logins) {
        cookies.push(await server.odoo.rpc.login(login));
    }
    return cookies;
}

function rowsOf(name: string, goals: Case["goals"], costs: BySide<PresenceCosts>): Row[] {
    const labels: [keyof PresenceCosts, string][] = [
        ["writes", "mail_presence writes"],
        ["broadcasts", "status broadcasts"],
        ["conflicts", "serialization failures"],
    ];
    return labels.map(([key, label]) => {
        const row = numberRow(`${name}: ${label}`, { stock: costs.stock[key], quiet: costs.quiet[key] });
        const most = goals[key];
        return most === undefined ? row : { ...row, goal: atMost(costs.quiet[key], most) };
    });
}

function pause(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
