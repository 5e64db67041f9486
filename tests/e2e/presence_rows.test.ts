/** The row of a user's presence, at a real PostgreSQL: who waits for whom, and what others see. */
import QUnit from "qunit";
import { type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";
import { Watched } from "../support/e2e_presence";
import { SocketClient } from "../support/e2e_socket_client";

const AWAY = 31 * 60_000;
/** How long, in milliseconds, a transaction holds the rows. */
const HELD = 3_000;
/** Within this, in milliseconds, a report is served, and a new status is seen. */
const SOON = 1_000;
/** Until somebody without a connection is taken as gone, in milliseconds: with the roll call. */
const GRACE = 15_000 + 5_000;

QUnit.module("rows of presence", (hooks) => {
    let server: ProbedOdoo;
    let count = 0;
    let watched: Watched;

    hooks.before(async () => {
        server = await sharedOdoo();
    });

    hooks.beforeEach(async (assert) => {
        assert.timeout(90_000);
        watched = await Watched.make(server, `rows${count++}`);
    });

    async function connect(): Promise<SocketClient> {
        const client = await SocketClient.open(server, watched.cookie);
        client.subscribe();
        return client;
    }

    /** Reports while a transaction holds the user's rows: neither waits for the other. */
    async function reportWhileHeld(assert: Assert, client: SocketClient, inactivity: number) {
        const probe = (method: string, args: unknown[] = []) =>
            server.odoo.callKw("admin", "bus.quiet.test", method, args);
        assert.true(await probe("hold_rows", [watched.user, HELD / 1_000]));
        const startedAt = Date.now();
        client.reportPresence(inactivity);
        await client.settle();
        assert.true(Date.now() - startedAt < SOON, `served within ${Date.now() - startedAt} ms`);
        await waitUntil("the end of the transaction", HELD + 5_000, async () => {
            return Boolean(await probe("held_rows"));
        });
        assert.equal(await probe("held_rows"), "committed");
    }

    QUnit.test("a transaction that holds the user is not waited for", async (assert) => {
        const client = await connect();
        await client.settle();
        await reportWhileHeld(assert, client, 0);
        await watched.untilStatus("online", 2 * SOON);
        await client.close();
    });

    QUnit.test("nor is one that writes the row", async (assert) => {
        const client = await connect();
        client.reportPresence();
        await watched.untilStatus("online", SOON);
        await reportWhileHeld(assert, client, AWAY);
        await watched.untilStatus("away", 2 * SOON);
        await client.close();
        assert.deepEqual(await watched.told(), ["online", "away"]);
    });

    QUnit.test("who comes back in time was never gone; who does not is", async (assert) => {
        for (let visit = 0; visit < 3; visit++) {
            const client = await connect();
            client.reportPresence();
            await client.settle();
            await client.close();
        }
        const closedAt = Date.now();
        assert.deepEqual(await watched.told(), ["online"]);
        await watched.untilStatus("offline", GRACE);
        assert.true(Date.now() - closedAt > 10_000, "not before the grace is over");
        assert.deepEqual(await watched.told(), ["online", "offline"]);
    });

    QUnit.test("who has another connection is not gone", async (assert) => {
        const [one, other] = [await connect(), await connect()];
        one.reportPresence();
        await one.settle();
        await other.settle();
        await one.close();
        await new Promise((resolve) => setTimeout(resolve, GRACE));
        assert.equal(await watched.status(), "online");
        assert.deepEqual(await watched.told(), ["online"]);
        await other.close();
    });
});
