/** What anybody may send to the polls' routes harms neither the server nor other users. */
import http from "node:http";
import net from "node:net";
import QUnit from "qunit";
import { type BadRequest, Maker, type Scene } from "../support/e2e_bad_requests";
import { PROBE_TYPE, type ProbedOdoo, startProbedOdoo } from "../support/e2e_odoo";
import {
    type HttpAnswer,
    openPollSession,
    openRequest,
    pollOnce,
    type PollSession,
    visitorOf,
} from "../support/e2e_poll_client";
import { listenerOf, residentMemory } from "../support/e2e_process";
import { Flow } from "../support/e2e_sessions";
import { Prng } from "../support/prng";

const SEED = 20_190;
/** How many requests are under way at once. */
const SENDERS = 8;
/** One request of so many is no HTTP at all. */
const GARBAGE = 50;
/** The memory is looked at after each part; the first one fills the caches. */
const PARTS = 5;
/** What the process may grow after the first part, in MiB: caches and arenas still fill up. */
const GROWTH = 24;
/** What only the user who is attacked may read. */
const SECRET = "quiet-bus-secret";

/** What became of the requests. */
class Tally {
    readonly #counts = new Map<string, number>();
    /** What must not be. */
    readonly complaints: string[] = [];

    note(kind: string, request: BadRequest, outcome: HttpAnswer | Error): void {
        const { fate, statuses } = request;
        const status = outcome instanceof Error ? "no answer" : outcome.status;
        const key = `${kind}: ${status}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
        if (outcome instanceof Error) {
            this.#complain(fate === undefined, kind, request, String(outcome));
        } else {
            const isWrong = !statuses.includes(outcome.status);
            this.#complain(isWrong, kind, request, `${outcome.status} ${outcome.text}`);
            const isLeak = [PROBE_TYPE, SECRET].some((it) => outcome.text.includes(it));
            this.#complain(isLeak, kind, request, `a leak: ${outcome.text}`);
        }
    }

    get text(): string {
        return [...this.#counts].map(([key, count]) => `${key} ${count}x`).sort().join(", ");
    }

    #complain(isTrue: boolean, kind: string, { path, body }: BadRequest, what: string): void {
        if (isTrue) {
            const asked = `${path} ${String(body).slice(0, 300)}`;
            this.complaints.push(`${kind}: ${asked}: ${what.slice(0, 300)}`);
        }
    }
}

/** Sends a bad request; resolves when its connection is done with. */
function send(what: BadRequest, agent: http.Agent): Promise<HttpAnswer | Error> {
    return new Promise((resolve) => {
        const request = openRequest({ ...what, agent }).on("error", resolve);
        request.on("response", (response) => {
            const status = response.statusCode!;
            let text = "";
            response.on("error", resolve).on("end", () => resolve({ status, text }));
            response.on("data", (chunk: Buffer) => {
                text += chunk;
                if (what.fate === "abandoned") {
                    request.destroy();
                    resolve({ status, text });
                }
            });
        });
        if (what.fate === "cut") {
            // The headers promise more.
            request.write(what.body || " ", () => request.destroy(new Error("cut off")));
        } else {
            request.end(what.body);
        }
    });
}

/**
 * Sends what no client for HTTP would; resolves when the connection is closed. What has no likeness
 * with HTTP does not get as far as to us: Odoo's server refuses it, with an error in its log.
 */
function sendGarbage(port: number, make: Maker): Promise<void> {
    return new Promise((resolve) => {
        const begin = `POST ${make.path()} HTTP/1.1\r\nHost: x\r\n`;
        const type = "Content-Type: application/json\r\n";
        const garbage = make.random.pick([
            `${begin}${type}Content-Length: 99\r\n\r\n{}`,
            `${begin}${type}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
            `${begin}${type}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`,
            `${begin}${type}\r\n{}`,
            `${begin}Content-Len`,
            "\r\n\r\n\r\n",
        ])!;
        const socket = net.connect(port, "127.0.0.1", () => socket.end(garbage));
        socket.on("error", () => {}).on("close", () => resolve()).resume();
    });
}

async function attack(make: Maker, count: number, tally: Tally): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: SENDERS });
    let left = count;
    const sender = async () => {
        while (left-- > 0) {
            if (left % GARBAGE === 0) {
                await sendGarbage(make.scene.port, make);
                continue;
            }
            const { kind, request } = make.next();
            tally.note(kind, request, await send(request, agent));
        }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    agent.destroy();
}

interface Stage {
    scene: Scene;
    victim: PollSession;
}

async function setUp(server: ProbedOdoo): Promise<Stage> {
    const port = server.odoo.eventedPort;
    const own = await openPollSession(server, "marc");
    const ended = await openPollSession(server, "marc");
    await ended.end();
    const victim = await openPollSession(server, "julia");
    const { greeting } = await pollOnce(port, victim);
    const [foreignChat] = await server.odoo.callKw("julia", "discuss.channel", "search", [
        [
            ["channel_type", "=", "chat"],
            ["channel_member_ids.partner_id", "=", await server.partnerOf("admin")],
        ],
    ]);
    const scene = {
        port,
        own,
        visitor: visitorOf(own),
        ended,
        foreignScope: victim.scope,
        foreignPartner: await server.partnerOf("julia"),
        foreignChat,
        last: greeting.latest,
    };
    return { scene, victim };
}

async function writeSecret({ odoo }: ProbedOdoo, chat: number): Promise<void> {
    const message = { body: SECRET, message_type: "comment", subtype_xmlid: "mail.mt_comment" };
    await odoo.callKw("admin", "discuss.channel", "message_post", [chat], message);
}

/** Gevent logs as an error what is no HTTP, or has a body with a method that has none. */
const REFUSAL_OF_GEVENT = / ERROR \S+ longpolling: <gevent\S+ .*>: (Invalid|Unexpected) /;

/** What the log tells of failures: of each, the first and the last line. */
function failures(log: string): string[] {
    const entries = log.split(/\n(?=\d{4}-\d\d-\d\d )/);
    const failed = entries.filter((it) => /Traceback|^\S+ \S+ \S+ (ERROR|CRITICAL) /.test(it));
    const ours = failed.filter((it) => !REFUSAL_OF_GEVENT.test(it) || it.includes("Traceback"));
    return ours.map((entry) => {
        const lines = entry.trim().split("\n");
        return [...new Set([lines[0], lines.at(-1)])].join(" … ");
    });
}

const PROCESSES = [
    { name: "the threaded server", workers: 0, count: 10_000 },
    { name: "the evented process", workers: 1, count: 3_000 },
];

for (const { name, workers, count } of PROCESSES) {
    QUnit.module(`bad requests to ${name}`, (hooks) => {
        let server: ProbedOdoo;

        hooks.before(async () => {
            server = await startProbedOdoo({ workers, warm: false });
        });

        hooks.after(() => server?.odoo.stop());

        QUnit.test("do no harm", async (assert) => {
            const { scene, victim } = await setUp(server);
            const pid = listenerOf(scene.port);
            const flow = new Flow(server, "julia", 1, 100);
            await writeSecret(server, scene.foreignChat);

            const make = new Maker(scene, new Prng(SEED));
            const tally = new Tally();
            const start = Date.now();
            const memory = [];
            for (let part = 0; part < PARTS; part++) {
                await attack(make, count / PARTS, tally);
                memory.push(residentMemory(pid));
            }
            const numbers = await flow.stop();

            const seconds = (Date.now() - start) / 1_000;
            console.log(`# ${name}, seed ${SEED}: ${count} in ${seconds.toFixed(1)} s`);
            console.log(`# ${tally.text}`);
            console.log(`# resident: ${memory.map((it) => it.toFixed()).join(", ")} MiB`);
            const { complaints } = tally;
            assert.deepEqual(complaints.slice(0, 5), [], `${complaints.length} complaints`);
            assert.deepEqual(failures(server.odoo.logText()).slice(0, 5), [], "nothing failed");
            assert.true(memory.at(-1)! - memory[0]! < GROWTH, "the process did not grow");

            const { last } = scene;
            const { notifications } = await pollOnce(scene.port, victim, { last });
            const probes = notifications.filter(({ message }) => message.type === PROBE_TYPE);
            const received = probes.map(({ message }) => (message.payload as any).number);
            assert.deepEqual(received, numbers, "the user herself gets what was sent to her");
            assert.true(JSON.stringify(notifications).includes(SECRET), "and what was written");
            const { greeting } = await pollOnce(scene.port, scene.own, { last, client: "good" });
            assert.true(greeting.latest > last, "a good poll of the other user is served");
        });
    });
}
