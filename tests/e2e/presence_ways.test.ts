/** The same presence by each way to the server, through each process, and after one that was killed. */
import QUnit from "qunit";
import { JsonRpcClient } from "../../tools/json_rpc.mjs";
import { withNginx } from "../support/e2e_nginx";
import { ProbedOdoo, sharedOdoo, startProbedOdoo } from "../support/e2e_odoo";
import { openPollSession, pollOnce, pollRequest, Stream } from "../support/e2e_poll_client";
import { Watched } from "../support/e2e_presence";
import { SocketClient } from "../support/e2e_socket_client";

const AWAY = 31 * 60_000;
const SOON = 2_000;
/** Until somebody without a connection is taken as gone, in milliseconds: the grace, and 5 s. */
const GRACE = 15_000;
const GONE = GRACE + 5_000;
/** How long after its first connection, in seconds, a process looks for whom others have left behind. */
const SWEEP = 120;

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** How a browser says what it says. */
interface Way {
    report(inactivity: number): Promise<void>;
    leave(): Promise<void>;
}

type Open = (server: ProbedOdoo, watched: Watched) => Promise<Way>;

const byWebsocket: Open = async (server, { cookie }) => {
    const client = await SocketClient.open(server, cookie);
    client.subscribe();
    await client.settle();
    return {
        async report(inactivity) {
            client.reportPresence(inactivity);
            await client.settle();
        },
        leave: () => client.close(),
    };
};

const byStream: Open = async (server, { login }) => {
    const session = await openPollSession(server, login);
    const hold = async (values: object) => {
        const what = pollRequest(server.odoo.httpPort, session, { hold: "stream", ...values });
        return Stream.open(what);
    };
    let stream = await hold({ is_new: true });
    return {
        // What a client says goes with a new request, which takes the place of the one before.
        async report(inactivity) {
            stream = await hold({ events: [presenceEvent(inactivity)] });
        },
        async leave() {
            stream.close();
        },
    };
};

/** Where nothing is held it leaves by asking no more: the server waits for its next request first. */
const byPolls: Open = async (server, { login }) => {
    const session = await openPollSession(server, login);
    return {
        async report(inactivity) {
            await pollOnce(server.odoo.httpPort, session, { events: [presenceEvent(inactivity)] });
        },
        leave: async () => {},
    };
};

function presenceEvent(inactivity: number) {
    return { event_name: "update_presence", data: { inactivity_period: inactivity } };
}

/** As Odoo.sh does, whose websockets end elsewhere. */
const byPlainRequests: Open = async ({ odoo }, { login }) => {
    const rpc = new JsonRpcClient(odoo.baseURL, odoo.database);
    await rpc.call(login, "/websocket/peek_notifications", { channels: [], last: 0, is_first_poll: true });
    return {
        report: (inactivity) =>
            rpc.call(login, "/websocket/update_bus_presence", { inactivity_period: inactivity }),
        leave: () => rpc.call(login, "/websocket/on_closed", {}),
    };
};

let count = 0;
const someone = (server: ProbedOdoo) => Watched.make(server, `ways${count++}`);

/** Online, away and back at once; offline not before the grace is over. */
async function assertPresence(assert: Assert, server: ProbedOdoo, open: Open, gone = GONE): Promise<void> {
    const watched = await someone(server);
    const way = await open(server, watched);
    await way.report(0);
    await watched.untilStatus("online", SOON);
    await way.report(1_000);
    await way.report(AWAY);
    await watched.untilStatus("away", SOON);
    await way.report(0);
    await watched.untilStatus("online", SOON);
    await way.leave();
    const leftAt = Date.now();
    await watched.untilStatus("offline", gone);
    assert.true(Date.now() - leftAt >= GRACE - 1_000, "not before the grace is over");
    assert.deepEqual(await watched.told(), ["online", "away", "online", "offline"]);
}

QUnit.module("presence by each way", (hooks) => {
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await sharedOdoo();
    });
    hooks.beforeEach((assert) => assert.timeout(120_000));

    QUnit.test("a websocket", (assert) => assertPresence(assert, server, byWebsocket));

    QUnit.test("a stream", (assert) => assertPresence(assert, server, byStream));

    QUnit.test("plain requests", (assert) => assertPresence(assert, server, byPlainRequests));

    QUnit.test("plain requests: who comes back in time was never gone", async (assert) => {
        const watched = await someone(server);
        const way = await byPlainRequests(server, watched);
        await way.report(0);
        for (let visit = 0; visit < 2; visit++) {
            await way.leave();
            await pause(GRACE - 2_000);
            await way.report(0);
            await pause(GRACE - 2_000);
        }
        assert.deepEqual(await watched.told(), ["online"]);
        await way.leave();
        await watched.untilStatus("offline", GONE);
    });

    // 42 s after the last poll it is missed, which is a connection's end.
    QUnit.test("polls", (assert) => assertPresence(assert, server, byPolls, 45_000 + GONE));
});

QUnit.module("presence and several processes", (hooks) => {
    let server: ProbedOdoo;
    let other: ProbedOdoo;

    hooks.before(async () => {
        server = await startProbedOdoo();
        const node = await server.odoo.startNode();
        other = new ProbedOdoo({ ...server.odoo, ...node, callKw: node.rpc.callKw.bind(node.rpc) });
    });
    hooks.beforeEach((assert) => assert.timeout(120_000));
    hooks.after(() => server?.odoo.stop());

    QUnit.test("who has a connection to another process is here", async (assert) => {
        const watched = await someone(server);
        const [here, there] = [await byWebsocket(server, watched), await byWebsocket(other, watched)];
        await here.report(0);
        await watched.untilStatus("online", SOON);
        await there.report(0);
        const before = await watched.row();
        await here.leave();
        await pause(GONE);
        assert.deepEqual(await watched.row(), before, "nothing was written");
        await there.leave();
        await watched.untilStatus("offline", GONE);
        assert.deepEqual(await watched.told(), ["online", "offline"]);
    });

    QUnit.test("who moves from one process to another was never gone", async (assert) => {
        const watched = await someone(server);
        for (const node of [server, other, server, other]) {
            const way = await byWebsocket(node, watched);
            await way.report(0);
            await way.leave();
        }
        const last = await byWebsocket(server, watched);
        await pause(GONE);
        assert.deepEqual(await watched.told(), ["online"]);
        await last.leave();
        await watched.untilStatus("offline", GONE);
        assert.deepEqual(await watched.told(), ["online", "offline"]);
    });

    QUnit.test("whom a killed process has left behind is gone", async (assert) => {
        const [lost, back, here] = [await someone(server), await someone(server), await someone(server)];
        for (const watched of [lost, back]) {
            await (await byWebsocket(server, watched)).report(0);
        }
        const way = await byWebsocket(other, here);
        await way.report(0);
        await server.odoo.killServer();
        await server.odoo.startServer();
        // Of what was there before the new process knows nothing.
        const returned = await byWebsocket(server, back);
        const probe = (method: string, args: unknown[] = []) =>
            server.odoo.callKw("admin", "bus.quiet.test", method, args);
        await probe("begin_virtual_time");
        await probe("skip", [SWEEP + 1]);
        // The others are asked in real time.
        await pause(1_000);
        assert.equal(await lost.status(), "online", "nobody has had time to answer");
        await probe("skip", [2]);
        await lost.untilStatus("offline", SOON);
        assert.equal(await back.status(), "online");
        assert.equal(await here.status(), "online", "another process has answered");
        assert.deepEqual(await lost.told(), ["online", "offline"]);
        assert.deepEqual(await here.told(), ["online"]);
        await Promise.all([way.leave(), returned.leave()]);
    });
});

QUnit.module("presence and workers", (hooks) => {
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await startProbedOdoo({ workers: 2 });
    });
    hooks.beforeEach((assert) => assert.timeout(120_000));
    hooks.after(() => server?.odoo.stop());

    QUnit.test("polls that any worker serves", async (assert) => {
        const watched = await someone(server);
        await withNginx("httpOnly", server, async ({ port }) => {
            const session = await openPollSession(server, watched.login);
            const events = [presenceEvent(0)];
            const { greeting } = await pollOnce(port, session, { events, is_new: true });
            assert.false(greeting.hold);
            await watched.untilStatus("online", SOON);
            for (let poll = 0; poll < 10; poll++) {
                await pause(2_000);
                await pollOnce(port, session);
            }
            assert.equal(await watched.status(), "online");
        });
        await watched.untilStatus("offline", 45_000 + GONE);
        assert.deepEqual(await watched.told(), ["online", "offline"]);
    });

    QUnit.test("a websocket at the evented process, and requests at the workers", async (assert) => {
        const watched = await someone(server);
        const socket = await byWebsocket(server, watched);
        const requests = await byPlainRequests(server, watched);
        await requests.report(0);
        await watched.untilStatus("online", SOON);
        await requests.leave();
        await pause(GONE);
        assert.deepEqual(await watched.told(), ["online"]);
        await socket.leave();
        await watched.untilStatus("offline", GONE);
    });
});
