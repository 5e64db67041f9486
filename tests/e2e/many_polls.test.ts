/** What polls cost the server: many that it holds, and one that it answers at once. */
import http from "node:http";
import QUnit from "qunit";
import { range } from "../support/e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, startProbedOdoo, waitUntil } from "../support/e2e_odoo";
import {
    ask,
    type HttpRequest,
    openPollSession,
    pollOnce,
    pollRequest,
    type PollSession,
    Stream,
} from "../support/e2e_poll_client";
import { listenerOf, residentMemory } from "../support/e2e_process";

const LOGINS = ["admin", "marc", "julia"];
const SESSIONS = 20;
/** More than half of what a session may have: others fit when the server has forgotten them. */
const CLIENTS = 25;
const ALL = SESSIONS * CLIENTS;
/** How many are opened at once. */
const OPENERS = 16;
const SAMPLES = 100;
const POLLS = 300;
/** Longest wait, in milliseconds, for what comes soon unless the machine is busy. */
const PATIENCE = 30_000;
/** The same until clients that went are forgotten: the server notices when it writes to them. */
const FORGETTING = 60_000;
/** How many times slower a request may become: only a server that hangs takes longer. */
const SLOWDOWN = 5;
/** What the process may grow from one round of polls to the next, in MiB: less than they take. */
const GROWTH = 24;

interface Place {
    sessions: PollSession[];
    /** Everything up to this id is of no interest. */
    last: number;
}

let server: ProbedOdoo;

async function openSessions(): Promise<Place> {
    const sessions = [];
    for (const index of range(SESSIONS)) {
        sessions.push(await openPollSession(server, LOGINS[index % LOGINS.length]!));
    }
    const { greeting } = await pollOnce(server.odoo.eventedPort, sessions[0]!);
    return { sessions, last: greeting.latest };
}

/** Opens a stream, as soon as there is room for it. */
async function openStream(request: HttpRequest): Promise<Stream> {
    const streams: Stream[] = [];
    await waitUntil("there is room for a client", FORGETTING, async () => {
        try {
            return streams.push(await Stream.open(request)) === 1;
        } catch (error) {
            if (!/429/.test(String(error))) {
                throw error;
            }
            // The server asks to come back later still.
            await new Promise((resolve) => setTimeout(resolve, 500));
            return error;
        }
    });
    return streams[0]!;
}

/** Opens the streams of all clients. */
async function openStreams({ sessions, last }: Place, name: string): Promise<Stream[]> {
    const requests = sessions.flatMap((session) =>
        range(CLIENTS).map((number) => {
            const values = { hold: "stream", client: `${name} ${number}`, last, is_new: true };
            return pollRequest(server.odoo.eventedPort, session, values);
        })
    );
    const streams: Stream[] = [];
    const opener = async () => {
        for (let next = requests.pop(); next; next = requests.pop()) {
            streams.push(await openStream(next));
        }
    };
    await Promise.all(range(OPENERS).map(opener));
    return streams;
}

function numbersOf({ notifications }: Stream): number[] {
    const probes = notifications.filter(({ message }) => message.type === PROBE_TYPE);
    return probes.map(({ message }) => (message.payload as { number: number }).number);
}

/** Sends to everybody; returns how long it took until everybody had it, in milliseconds. */
async function broadcast(streams: Stream[], number: number): Promise<number> {
    const start = performance.now();
    await server.broadcast(number);
    await waitUntil(`${streams.length} have number ${number}`, PATIENCE, async () => {
        const missing = streams.filter((stream) => !numbersOf(stream).includes(number));
        return !missing.length || `${missing.length} have not`;
    });
    return performance.now() - start;
}

/** Connections to the database, of all processes. */
async function connections(): Promise<{ all: number; busy: number }> {
    const [row] = await server.odoo.query(
        `select count(*) as all, count(*) filter (where state <> 'idle') as busy
           from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and backend_type = 'client backend'`
    );
    return row as { all: number; busy: number };
}

/** Waits until nobody works, as a job of the server may: a poll would hold on to what it has. */
async function idleConnections(): Promise<number> {
    await waitUntil("no connection is in use", PATIENCE, async () => {
        const { busy } = await connections();
        return busy === 0 || `${busy} are`;
    });
    return (await connections()).all;
}

async function timesOf(count: number, act: () => Promise<unknown>): Promise<number[]> {
    const times = [];
    for (let index = 0; index < count; index++) {
        const start = performance.now();
        await act();
        times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b);
}

function part(sorted: number[], fraction: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!;
}

function show(sorted: number[]): string {
    return `median ${part(sorted, 0.5).toFixed(1)} ms, p99 ${part(sorted, 0.99).toFixed(1)} ms`;
}

/** What users do while polls are held. */
function readUser(): Promise<unknown> {
    return server.odoo.callKw("marc", "res.users", "search_read", [[], ["login"]]);
}

function health(agent: http.Agent): HttpRequest {
    const path = "/web/health?db_server_status=1";
    return { port: server.odoo.httpPort, path, method: "GET", agent };
}

async function askWell(what: HttpRequest): Promise<void> {
    const { status, text } = await ask(what);
    if (status !== 200) {
        throw new Error(`${what.path}: ${status} ${text}`);
    }
}

QUnit.module("many polls", (hooks) => {
    hooks.before(async () => {
        server = await startProbedOdoo({ workers: 1, warm: false });
    });

    hooks.after(() => server?.odoo.stop());

    QUnit.test(`${ALL} are held by the evented process`, async (assert) => {
        const place = await openSessions();
        const pid = listenerOf(server.odoo.eventedPort);
        await readUser();
        const without = await timesOf(SAMPLES, readUser);
        const memory = [residentMemory(pid)];
        const connectionsBefore = await idleConnections();

        const opening = performance.now();
        const streams = await openStreams(place, "first");
        console.log(`# ${ALL} opened in ${(performance.now() - opening).toFixed()} ms`);
        memory.push(residentMemory(pid));
        const held = await idleConnections();
        console.log(`# idle connections: ${connectionsBefore}, with them ${held}; others: none`);
        assert.true(held < connectionsBefore + OPENERS + 8, "no connection for each");

        const withThem = await timesOf(SAMPLES, readUser);
        const slowdown = part(withThem, 0.5) / part(without, 0.5);
        console.log(`# a user's request: ${show(without)}; with them: ${show(withThem)}`);
        console.log(`# ratio of the medians: ${slowdown.toFixed(2)}`);
        assert.true(slowdown < SLOWDOWN, "ordinary requests are not much slower");

        const times = [await broadcast(streams, 1), await broadcast(streams, 2)];
        const [once, twice] = times.map((it) => it.toFixed());
        console.log(`# broadcasts reached all after ${once} ms and ${twice} ms`);
        const wrong = streams.filter((stream) => numbersOf(stream).join() !== "1,2");
        assert.equal(wrong.length, 0, "each has each once, in order");
        const ended = streams.filter(({ isEnded }) => isEnded);
        assert.deepEqual(ended.map(({ closure }) => closure), [], "all go on");
        await idleConnections();

        streams.forEach((stream) => stream.close());
        const { sessions, last } = place;
        const again = { hold: "stream", client: "first 0", last };
        const back = await Stream.open(pollRequest(server.odoo.eventedPort, sessions[0]!, again));
        await waitUntil("a client that comes back gets all", PATIENCE, async () => {
            return numbersOf(back).join() === "1,2" || numbersOf(back).join();
        });
        back.close();
        const others = await openStreams(place, "second");
        memory.push(residentMemory(pid));
        others.forEach((stream) => stream.close());
        const [before, first, second] = memory.map((it) => it.toFixed());
        console.log(`# resident: ${before} MiB, with ${ALL} ${first}, with others ${second}`);
        assert.equal(others.length, ALL, "others take their places");
        assert.true(memory[2]! - memory[1]! < GROWTH, "and their memory");
    });

    QUnit.test("one that is answered at once occupies a worker briefly", async (assert) => {
        const session = await openPollSession(server, "marc");
        const agent = new http.Agent({ keepAlive: true });
        const { httpPort } = server.odoo;
        const { greeting } = await pollOnce(httpPort, session, { hold: "stream" });
        assert.false(greeting.hold, "a worker holds none");
        const poll = { ...pollRequest(httpPort, session, { last: greeting.latest }), agent };
        await timesOf(20, () => askWell(health(agent)));
        const trivial = await timesOf(POLLS, () => askWell(health(agent)));
        const polls = await timesOf(POLLS, () => askWell(poll));
        const asUsers = await timesOf(SAMPLES, readUser);
        agent.destroy();
        console.log(`# ${POLLS} short polls: ${show(polls)}`);
        console.log(`# as many /web/health, with the database: ${show(trivial)}`);
        console.log(`# a user's request: ${show(asUsers)}`);
        assert.true(part(polls, 0.5) < SLOWDOWN * part(asUsers, 0.5), "no more than what users do");
    });
});
