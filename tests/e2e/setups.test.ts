/** How Odoo is installed out there: what a websocket finds on its way, and what arrives all the same. */
import QUnit from "qunit";
import { range } from "../support/e2e_browser";
import { Nginx, type SiteName } from "../support/e2e_nginx";
import { type ProbedOdoo, sharedOdoo, startProbedOdoo, waitUntil } from "../support/e2e_odoo";
import { Flow, Visitor } from "../support/e2e_visitor";

const TABS = 5;
/** How long after a page was loaded, in milliseconds, its first notification may come. */
const FIRST_ARRIVAL = 5_000;
/** How long a set-up is watched, in milliseconds, with all tabs open. */
const WATCHED = 6_000;
/** Longest wait, in milliseconds, for what comes soon unless the machine is busy. */
const PATIENCE = 15_000;
/** The same for a websocket after its way was mended: the client asks within a minute, and then tries it. */
const MENDED_WITHIN = 80_000;
/** After which time, in milliseconds, the proxy cuts a websocket; and how long that is watched. */
const WEBSOCKET_AGE = 5_000;
const CUTS_WATCHED = 25_000;

interface Expected {
    /** What the bus talks through, once it has found its way. */
    path: "/websocket" | "/websocket/quiet/poll" | "/longpolling/poll";
    /** Requests last: the server holds them, and says more than one thing in each. */
    isHeld: boolean;
}

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** Opens the tabs while notifications flow; returns the time from which on the bus has found its way. */
async function settle(assert: Assert, visitor: Visitor): Promise<number> {
    await visitor.openTabs(TABS);
    const arrivals = await visitor.firstArrivals(PATIENCE);
    const times = arrivals.map(Math.round).join(", ");
    assert.true(Math.max(...arrivals) <= FIRST_ARRIVAL, `first notifications after ${times} ms`);
    return Date.now();
}

/** Each tab has each notification once, in order, from its first to the last that was sent. */
async function assertNoneLost(assert: Assert, visitor: Visitor, sent: number): Promise<void> {
    await visitor.waitForLast(sent - 1, PATIENCE);
    for (const [index, numbers] of (await visitor.received()).entries()) {
        const [first] = numbers as [number];
        assert.deepEqual(numbers, range(sent - first, first), `tab ${index + 1}: each once`);
    }
    const none = range(TABS).map(() => false);
    assert.deepEqual(await visitor.wasConnectionLost(), none, "no tab took it for lost");
    const states = await visitor.workerStates();
    assert.deepEqual(new Set(states), new Set(["CONNECTED"]));
    assert.deepEqual(visitor.tabs.flatMap((tab) => tab.errors), [], "no page threw an error");
}

function assertWay(assert: Assert, { doorman }: Visitor, since: number, expected: Expected): void {
    const passages = doorman.since(since);
    assert.equal(doorman.mostAtOnce(since), 1, "one request at a time, for all tabs");
    assert.deepEqual(new Set(passages.map(({ path }) => path)), new Set([expected.path]));
    const now = Date.now();
    const longest = Math.max(
        ...passages.map(({ startedAt, endedAt }) => Math.min(endedAt, now) - startedAt)
    );
    assert.equal(longest > WATCHED / 2, expected.isHeld, `the longest lasted ${longest} ms`);
}

/** Stock gets nothing while ours is served. */
async function assertStockIsDeaf(assert: Assert, server: ProbedOdoo, port: number): Promise<void> {
    const stock = await Visitor.open(server, port, { stock: true });
    try {
        const tab = await stock.openTab();
        assert.true(await tab.isStock());
        await pause(WATCHED);
        const { numbers, stale } = await tab.received();
        assert.deepEqual([...stale, ...numbers], [], "stock receives nothing");
    } finally {
        await stock.close();
    }
}

async function withNginx(
    site: SiteName,
    server: ProbedOdoo,
    check: (nginx: Nginx) => Promise<void>
): Promise<void> {
    const nginx = await Nginx.start(site, server.odoo);
    try {
        await check(nginx);
    } finally {
        await nginx.stop();
    }
}

/** Opens a browser behind the port, with notifications that flow. */
async function withVisitor(
    server: ProbedOdoo,
    port: number,
    check: (visitor: Visitor, flow: Flow) => Promise<void>
): Promise<void> {
    const visitor = await Visitor.open(server, port);
    const flow = new Flow(server);
    try {
        await check(visitor, flow);
    } finally {
        await flow.stop();
        await visitor.close();
    }
}

function assertServed(
    assert: Assert,
    server: ProbedOdoo,
    port: number,
    expected: Expected,
    isStockDeaf: boolean
): Promise<void> {
    return withVisitor(server, port, async (visitor, flow) => {
        const settledAt = await settle(assert, visitor);
        await (isStockDeaf ? assertStockIsDeaf(assert, server, port) : pause(WATCHED));
        await assertNoneLost(assert, visitor, await flow.stop());
        assertWay(assert, visitor, settledAt, expected);
    });
}

QUnit.module("set-ups: one process", (hooks) => {
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
    });

    QUnit.test("no proxy", async (assert) => {
        const expected: Expected = { path: "/websocket", isHeld: true };
        await assertServed(assert, server, server.odoo.httpPort, expected, false);
    });

    QUnit.test("a proxy that refuses websockets", async (assert) => {
        await withNginx("refusing", server, async ({ port }) => {
            const expected: Expected = { path: "/websocket/quiet/poll", isHeld: true };
            await assertServed(assert, server, port, expected, true);
        });
    });
});

QUnit.module("set-ups: workers", (hooks) => {
    // A server of its own: the others have one process.
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await startProbedOdoo({ quiet: true, workers: 2 });
        // Each process gets ready when it is first asked.
        await withNginx("right", server, async ({ port }) => {
            await withVisitor(server, port, async (visitor) => {
                await visitor.openTabs(2);
                await visitor.firstArrivals(PATIENCE);
            });
        });
    });

    hooks.after(() => server?.odoo.stop());

    function test(name: string, site: SiteName, expected: Expected, isStockDeaf = true): void {
        QUnit.test(name, async (assert) => {
            await withNginx(site, server, ({ port }) =>
                assertServed(assert, server, port, expected, isStockDeaf)
            );
        });
    }

    test("the right proxy", "right", { path: "/websocket", isHeld: true }, false);

    test("a proxy from before websockets", "old", { path: "/longpolling/poll", isHeld: true });

    test("no way to the evented process", "httpOnly", {
        path: "/websocket/quiet/poll",
        isHeld: false,
    });

    test("a proxy without the upgrade's headers", "withoutUpgrade", {
        path: "/websocket/quiet/poll",
        isHeld: true,
    });

    test("a proxy that keeps answers back until they are whole", "buffering", {
        path: "/websocket/quiet/poll",
        isHeld: false,
    });

    QUnit.test("a proxy that cuts websockets after 5 s", async (assert) => {
        await withNginx("right", server, async ({ port }) => {
            await withVisitor(server, port, async (visitor, flow) => {
                const { doorman } = visitor;
                doorman.websocketAge = WEBSOCKET_AGE;
                const settledAt = await settle(assert, visitor);
                await pause(CUTS_WATCHED);
                await assertNoneLost(assert, visitor, await flow.stop());
                assert.true(doorman.cuts > 0, `${doorman.cuts} cuts`);
                assert.equal(doorman.mostAtOnce(settledAt), 1, "one request at a time");
            });
        });
    });

    QUnit.test("a proxy that is mended while pages are open", async (assert) => {
        await withNginx("withoutUpgrade", server, async (nginx) => {
            await withVisitor(server, nginx.port, async (visitor, flow) => {
                const { doorman } = visitor;
                await settle(assert, visitor);
                assert.deepEqual(doorman.underWay(), ["/websocket/quiet/poll"]);
                await nginx.become("right");
                await waitUntil("a websocket, alone", MENDED_WITHIN, async () => {
                    const paths = doorman.underWay();
                    return paths.join() === "/websocket" || paths.join();
                });
                const mendedAt = Date.now();
                await pause(WATCHED);
                await assertNoneLost(assert, visitor, await flow.stop());
                assertWay(assert, visitor, mendedAt, { path: "/websocket", isHeld: true });
            });
        });
    });
});
