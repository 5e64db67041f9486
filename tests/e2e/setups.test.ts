/** How Odoo is installed out there: what is in a websocket's way, and what arrives all the same. */
import QUnit from "qunit";
import { range } from "../support/e2e_browser";
import { type SiteName, withNginx } from "../support/e2e_nginx";
import { type ProbedOdoo, sharedOdoo, startProbedOdoo, waitUntil } from "../support/e2e_odoo";
import { chatOfVisitor, Flow, Visitor } from "../support/e2e_visitor";

const TABS = 5;
/** How long after a page was loaded, in milliseconds, its first notification may come. */
const FIRST_ARRIVAL = 5_000;
/** How long a set-up is watched, in milliseconds, with all tabs open; and how long with stock. */
const WATCHED = 4_000;
const STOCK_WATCHED = 6_000;
/** Longest wait, in milliseconds, for what comes soon unless the machine is busy. */
const PATIENCE = 15_000;
/** The same for a websocket whose way was mended: tried within a minute, it has to last. */
const MENDED_WITHIN = 80_000;
/** At which age, in milliseconds, a websocket is cut. */
const WEBSOCKET_AGE = 5_000;
/** How long that is watched, in milliseconds from the first page on: then it may be tried again. */
const CUTS_WATCHED = 28_000;

interface Expected {
    /** What the bus talks through, once it has found its way. */
    path: "/websocket" | "/websocket/quiet/poll" | "/longpolling/poll";
    /** Requests last: the server holds them, and says more than one thing in each. */
    isHeld: boolean;
    /** Whether stock's bus is to be served; undefined: nobody looks. */
    stock?: "served" | "deaf";
}

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** Opens tabs while notifications flow; returns the time at which the bus has found its way. */
async function settle(assert: Assert, visitor: Visitor, tabs = TABS): Promise<number> {
    await visitor.openTabs(tabs);
    const arrivals = await visitor.firstArrivals(PATIENCE);
    const times = arrivals.map(Math.round).join(", ");
    assert.true(Math.max(...arrivals) <= FIRST_ARRIVAL, `first notifications after ${times} ms`);
    return Date.now();
}

/** Each tab has each notification once, in order, from its first to all that were sent by now. */
async function assertNoneLost(assert: Assert, visitor: Visitor, sent: number): Promise<void> {
    await visitor.waitFor(sent - 1, PATIENCE);
    for (const [index, numbers] of (await visitor.received()).entries()) {
        const [first] = numbers as [number];
        assert.deepEqual(numbers, range(numbers.length, first), `tab ${index + 1}: each once`);
    }
    assert.false(await visitor.wasConnectionLost(), "no tab took its connection for lost");
    assert.deepEqual(await visitor.workerStates(), ["CONNECTED"]);
    assert.deepEqual(visitor.tabs.flatMap((tab) => tab.errors), [], "no page threw an error");
}

function assertWay(assert: Assert, { doorman }: Visitor, since: number, expected: Expected): void {
    const passages = doorman.since(since);
    assert.equal(doorman.mostAtOnce(since), 1, `one at a time: ${doorman.account(since)}`);
    const paths = new Set(passages.map(({ path }) => path));
    assert.deepEqual([...paths], [expected.path], "all of them go the same way");
    const now = Date.now();
    const longest = Math.max(
        ...passages.map(({ startedAt, endedAt }) => Math.min(endedAt, now) - startedAt)
    );
    assert.equal(longest > WATCHED / 2, expected.isHeld, `the longest lasted ${longest} ms`);
}

/** A tab with stock's bus, beside ours. */
async function assertStock(
    assert: Assert,
    server: ProbedOdoo,
    port: number,
    expected: Expected["stock"]
): Promise<void> {
    const stock = await Visitor.open(server, port, { stock: true });
    try {
        const tab = await stock.openTab();
        assert.true(await tab.isStock());
        await pause(STOCK_WATCHED);
        const { numbers, stale } = await tab.received();
        const count = numbers.length + stale.length;
        assert.equal(count > 0, expected === "served", `stock received ${count}`);
    } finally {
        await stock.close();
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
    expected: Expected
): Promise<void> {
    return withVisitor(server, port, async (visitor, flow) => {
        const settledAt = await settle(assert, visitor);
        const { stock } = expected;
        await (stock ? assertStock(assert, server, port, stock) : pause(WATCHED));
        await visitor.chat(server, await chatOfVisitor(server), FIRST_ARRIVAL);
        await assertNoneLost(assert, visitor, await flow.stop());
        assertWay(assert, visitor, settledAt, expected);
        const isWebsocket = expected.path === "/websocket";
        const statuses = visitor.doorman.websocketStatuses();
        assert.true(statuses.length > 0, "a websocket was tried");
        assert.equal(statuses.includes(101), isWebsocket, `its answer was ${statuses.join()}`);
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
        await assertServed(assert, server, server.odoo.httpPort, expected);
    });

    QUnit.test("a proxy that refuses websockets", async (assert) => {
        await withNginx("refusing", server, async ({ port }) => {
            const expected: Expected = { path: "/websocket/quiet/poll", isHeld: true };
            await assertServed(assert, server, port, expected);
        });
    });
});

QUnit.module("set-ups: workers", (hooks) => {
    // A server of its own: the others have one process.
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await startProbedOdoo({ quiet: true, workers: 2 });
        // Each process gets ready when it is first asked.
        await withNginx("right", server, ({ port }) =>
            withVisitor(server, port, async (visitor) => {
                await visitor.openTabs(2);
                await visitor.firstArrivals(PATIENCE);
            })
        );
    });

    hooks.after(() => server?.odoo.stop());

    function test(name: string, site: SiteName, expected: Expected): void {
        QUnit.test(name, async (assert) => {
            await withNginx(site, server, ({ port }) =>
                assertServed(assert, server, port, expected)
            );
        });
    }

    test("the right proxy", "right", { path: "/websocket", isHeld: true, stock: "served" });

    test("a proxy from before websockets", "old", {
        path: "/longpolling/poll",
        isHeld: true,
        stock: "deaf",
    });

    test("no way to the evented process", "httpOnly", {
        path: "/websocket/quiet/poll",
        isHeld: false,
        stock: "deaf",
    });

    test("a proxy without the upgrade's headers", "withoutUpgrade", {
        path: "/websocket/quiet/poll",
        isHeld: true,
        stock: "deaf",
    });

    test("a proxy that keeps answers back until they are whole", "buffering", {
        path: "/websocket/quiet/poll",
        isHeld: false,
    });

    QUnit.test("a proxy that cuts websockets after 5 s", async (assert) => {
        await withNginx("right", server, ({ port }) =>
            withVisitor(server, port, async (visitor, flow) => {
                const { doorman } = visitor;
                doorman.websocketAge = WEBSOCKET_AGE;
                const startedAt = Date.now();
                const settledAt = await settle(assert, visitor);
                await pause(startedAt + CUTS_WATCHED - settledAt);
                await assertNoneLost(assert, visitor, flow.sent);
                const account = doorman.account(settledAt);
                assert.equal(doorman.mostAtOnce(settledAt), 1, `one at a time: ${account}`);
                assert.equal(doorman.cuts, 1, "the first cut is answered by another way");
                assert.deepEqual(doorman.underWay(), ["/websocket/quiet/poll"]);

                // The next page tries it again, and the one after that knows better.
                await visitor.closeTabs();
                await settle(assert, visitor, 1);
                await waitUntil("a second cut", PATIENCE, async () => {
                    return doorman.cuts === 2 || doorman.underWay().join();
                });
                await visitor.waitFor(flow.sent + 1, PATIENCE);
                await visitor.closeTabs();
                const closedAt = Date.now();
                await settle(assert, visitor, 1);
                const paths = doorman.since(closedAt).map(({ path }) => path);
                assert.false(paths.includes("/websocket"), "no third one");
                await assertNoneLost(assert, visitor, await flow.stop());
            })
        );
    });

    QUnit.test("a proxy that is mended while pages are open", async (assert) => {
        await withNginx("withoutUpgrade", server, (nginx) =>
            withVisitor(server, nginx.port, async (visitor, flow) => {
                const { doorman } = visitor;
                await settle(assert, visitor);
                assert.deepEqual(doorman.underWay(), ["/websocket/quiet/poll"]);
                await nginx.become("right");
                await waitUntil("a websocket, alone", MENDED_WITHIN, async () => {
                    const paths = doorman.underWay().join();
                    return paths === "/websocket" || paths;
                });
                const mendedAt = Date.now();
                await pause(WATCHED);
                await assertNoneLost(assert, visitor, await flow.stop());
                assertWay(assert, visitor, mendedAt, { path: "/websocket", isHeld: true });
            })
        );
    });
});
