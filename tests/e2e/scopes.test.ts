/** Tabs stay open while their session ends, or the browser gets one of another user or database. */
import QUnit from "qunit";
import { hostOf, Profile, profileOf, range, type Tab } from "../support/e2e_browser";
import {
    PROBE_TYPE,
    type ProbedOdoo,
    sharedOdoo,
    type SocketEvent,
    startTwoDatabases,
    waitUntil,
} from "../support/e2e_odoo";
import {
    channelsHeard,
    failedAttempts,
    Flow,
    isPrivateTo,
    logIn,
    logOut,
    outdatedNotifications,
    scopeOf,
    settle,
    storedPoint,
    witness,
    witnessed,
} from "../support/e2e_sessions";

/** How long, in milliseconds, attempts to connect are counted. */
const PERIOD = 60_000;
/** The waits between them are random; that these are more happens once in a million runs. */
const MOST_ATTEMPTS = 16;
/** Between two notifications to the same user, in milliseconds. */
const INTERVAL = 200;
/** Number of the first notification to another user, or of another database. */
const OTHERS_FIRST = 1_000_000;
/** Longest wait, in milliseconds, for what comes at once unless the machine is busy. */
const PATIENCE = 30_000;
/** Stock's bus connects anew within this time, in milliseconds. */
const GRACE = 5_000;

/** The same browser twice, with our bus and with stock's. */
interface Browser {
    side: "quiet" | "stock";
    profile: Profile;
    /** Marc's. */
    tabs: Tab[];
}

let browsers: Browser[] = [];
let flows: Flow[] = [];

async function openBrowsers(server: ProbedOdoo): Promise<[Browser, Browser]> {
    browsers = await Promise.all(
        (["quiet", "stock"] as const).map(async (side) => {
            const options = { stock: side === "stock", name: side };
            const profile = await profileOf("marc", server, options);
            const tabs = await profile.openTabs(3);
            await Promise.all(tabs.map(observe));
            return { side, profile, tabs };
        })
    );
    await server.waitForSubscribed(2);
    return browsers as [Browser, Browser];
}

async function observe(tab: Tab): Promise<void> {
    await tab.waitForState("CONNECTED", PATIENCE);
    await tab.collect(PROBE_TYPE);
    await witness(tab);
}

function send(server: ProbedOdoo, user: string, first = 0): Flow {
    const flow = new Flow(server, user, first, INTERVAL);
    flows.push(flow);
    return flow;
}

async function numbersOf(tab: Tab): Promise<number[]> {
    return (await tab.received()).numbers;
}

function isOthers(number: number): boolean {
    return number >= OTHERS_FIRST;
}

/** Each of the other's from the first to the last, once. */
async function assertOthersOnly(assert: Assert, tab: Tab, what: string): Promise<void> {
    const numbers = await numbersOf(tab);
    assert.true(numbers.length > 10 && numbers.every(isOthers), `${what}: nothing of another's`);
    assert.deepEqual(numbers, range(numbers.length, numbers[0]), `${what}: each once`);
}

async function assertComplete(assert: Assert, tabs: Tab[], sent: number[]): Promise<void> {
    await Promise.all(tabs.map((tab) => tab.waitForCount(sent.length, PATIENCE)));
    for (const [index, tab] of tabs.entries()) {
        assert.deepEqual(await numbersOf(tab), sent, `old tab ${index + 1}: all, each once`);
    }
}

/** What the server noted, at a moment in which our bus is not just about to connect. */
async function journalOf(server: ProbedOdoo, since: number): Promise<SocketEvent[]> {
    let journal: SocketEvent[] = [];
    await waitUntil("a moment without an attempt to connect", PATIENCE, async () => {
        journal = await server.journal(since);
        const own = journal.filter(({ browser }) => browser === "quiet");
        const sockets = (wanted: (event: SocketEvent) => boolean) =>
            new Set(own.filter(wanted).map(({ socket }) => socket));
        const served = sockets(({ isServed }) => isServed === true);
        const ended = sockets(({ event }) => event === "end");
        const pending = [...sockets(({ event }) => event === "open")].filter(
            (socket) => !served.has(socket) && !ended.has(socket)
        );
        return !pending.length || JSON.stringify(own.filter((it) => pending.includes(it.socket)));
    });
    return journal;
}

function servedSubscriptions(journal: SocketEvent[]): SocketEvent[] {
    return journal.filter(
        (it) => it.browser === "quiet" && it.event === "subscribe" && it.isServed
    );
}

/** What was refused did nothing but ask to be served, and not too often. */
function assertRefusals(assert: Assert, journal: SocketEvent[]): void {
    const { count } = failedAttempts(journal, "quiet");
    assert.true(count >= 1 && count <= MOST_ATTEMPTS, `${count} attempts were refused`);
    const refused = journal.filter((it) => it.browser === "quiet" && it.isServed === false);
    assert.true(refused.length >= 1);
    for (const { socket } of refused) {
        const events = journal
            .filter((it) => it.socket === socket && it.event !== "end")
            .map(({ event, code }) => (code ? `${event} ${code}` : event));
        assert.deepEqual(events, ["open", "subscribe", "close 4001"]);
    }
}

async function tell(what: string, journal: SocketEvent[]): Promise<void> {
    for (const { side, tabs } of browsers) {
        const opens = journal.filter((it) => it.browser === side && it.event === "open");
        const { count, distances } = failedAttempts(journal, side);
        const { closeCodes } = await witnessed(tabs.at(-1)!);
        console.log(
            `# ${what}, ${side}: ${opens.length} connections in ${PERIOD / 1000} s, ` +
                `${count} of them refused` +
                (count > 1 ? `, ${distances.join(", ")} ms from one to the next` : "") +
                `; ${closeCodes.length} times DISCONNECT in a tab`
        );
    }
}

async function tellFaults(what: string, sent: number[]): Promise<void> {
    // Stock's have longer to come.
    await sleepUntil(Date.now() + GRACE);
    for (const { side, tabs } of browsers) {
        for (const tab of tabs) {
            const numbers = await numbersOf(tab);
            const own = numbers.filter((number) => !isOthers(number));
            const lost = sent.filter((number) => !own.includes(number));
            console.log(
                `# ${what}, ${side}, an old tab: ${lost.length} of ${sent.length} lost, ` +
                    `${own.length - new Set(own).size} twice, ` +
                    `${numbers.length - own.length} of another user's`
            );
        }
    }
}

async function sleepUntil(time: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, time - Date.now()));
}

async function stopFlows(): Promise<void> {
    await Promise.all(flows.map((flow) => flow.stop()));
    flows = [];
}

QUnit.module("a session ends, or becomes another's", (hooks) => {
    let server: ProbedOdoo;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
    });

    hooks.afterEach(async () => {
        await stopFlows();
        await Promise.all(browsers.map(({ profile }) => profile.close()));
        browsers = [];
    });

    const loginPage = () => `${server.baseURL}/web/login`;

    async function latestId(): Promise<number> {
        const [row] = await server.odoo.query("select max(id) as id from bus_bus");
        return row!.id;
    }

    /** How often others were told, after this id, that the user is offline. */
    async function offlineBroadcasts(user: string, id: number): Promise<number> {
        const partner = await server.partnerOf(user);
        const [row] = await server.odoo.query(
            `select count(*) from bus_bus
              where id > ${id} and channel like '%"res.partner",${partner},"presence"]'
                and message like '%"presence_status":"offline"%'`
        );
        return row!.count;
    }

    QUnit.test("another user logs in, and the first one again", async (assert) => {
        const [quiet, stock] = await openBrowsers(server);
        const toMarc = send(server, "marc");
        send(server, "julia", OTHERS_FIRST);
        send(server, "admin", OTHERS_FIRST);
        await Promise.all(
            [...quiet.tabs, ...stock.tabs].map((tab) => tab.waitForCount(5, PATIENCE))
        );

        // The tab with the hub becomes another user's; two stay as they are.
        const since = Date.now();
        const changing = await hostOf(quiet.tabs);
        const changingStock = stock.tabs[0]!;
        quiet.tabs = quiet.tabs.filter((tab) => tab !== changing);
        stock.tabs = stock.tabs.slice(1);
        const marc = await scopeOf(changing);
        await Promise.all([logOut(changing), logOut(changingStock)]);
        await settle(server);
        await Promise.all([
            logIn(changing, "julia", loginPage()),
            logIn(changingStock, "admin", loginPage()),
        ]);
        await Promise.all([changing, changingStock].map(observe));
        const isHere = await latestId();
        const julia = await scopeOf(changing);
        const other = await quiet.profile.openTab();
        await observe(other);

        await sleepUntil(since + PERIOD);
        const journal = await journalOf(server, since);
        await tell("another user logged in", journal);
        assertRefusals(assert, journal);
        assert.notEqual(julia.uid, marc.uid);
        const served = servedSubscriptions(journal);
        for (const { scope, uid } of served) {
            assert.deepEqual([scope, uid], [julia.scope, julia.uid], "only julia was served");
        }
        assert.equal(served[0]!.last, julia.settledId, "from where her page begins");
        assert.notEqual(julia.settledId, await storedPoint(changing, marc.scope));
        assert.equal(await offlineBroadcasts("julia", isHere), 0, "she is online all the time");
        const marcsPrivate = await isPrivateTo("marc", server);
        for (const tab of [changing, other]) {
            await assertOthersOnly(assert, tab, "julia's tab");
            assert.false((await channelsHeard(tab, server)).some(marcsPrivate));
        }
        const stockFirst = journal.find(
            (it) => it.browser === "stock" && it.event === "subscribe" && it.uid !== marc.uid
        );
        const { settledId } = await scopeOf(changingStock);
        console.log(
            `# stock: the other user is served from id ${stockFirst?.last}, ` +
                `the page is of ${settledId}`
        );

        await Promise.all([logOut(changing), logOut(changingStock)]);
        await Promise.all(
            [changing, changingStock].map((tab) => logIn(tab, "marc", loginPage()))
        );
        await Promise.all([changing, ...quiet.tabs].map((tab) => tab.waitForConnected()));
        await observe(changing);
        await changing.waitForCount(5, PATIENCE);
        await stopFlows();
        await assertComplete(assert, quiet.tabs, toMarc.numbers);
        const juliasPrivate = await isPrivateTo("julia", server);
        for (const tab of [changing, ...quiet.tabs]) {
            assert.false((await numbersOf(tab)).some(isOthers), "marc's tab: nothing of julia's");
            const channels = await channelsHeard(tab, server);
            assert.true(channels.some(marcsPrivate));
            assert.false(channels.some(juliasPrivate));
            assert.equal(await outdatedNotifications(tab), 0);
        }
        await assertOthersOnly(assert, other, "julia's tab that is still open");
        assert.false((await channelsHeard(other, server)).some(marcsPrivate));
        await tellFaults("another user had logged in", toMarc.numbers);
    });

    QUnit.test("the session expires, and the user logs in again", async (assert) => {
        const [quiet, stock] = await openBrowsers(server);
        const toMarc = send(server, "marc");
        await Promise.all(
            [...quiet.tabs, ...stock.tabs].map((tab) => tab.waitForCount(5, PATIENCE))
        );

        const since = Date.now();
        await Promise.all(browsers.map(({ profile }) => profile.expire()));
        await sleepUntil(since + PERIOD);
        const journal = await journalOf(server, since);
        await tell("the session expired", journal);
        assertRefusals(assert, journal);
        assert.deepEqual(servedSubscriptions(journal), [], "nobody was served");

        for (const { side, profile, tabs } of browsers) {
            const tab = await profile.emptyTab();
            await logIn(tab, "marc", loginPage());
            const start = Date.now();
            await Promise.all([tab, ...tabs].map((it) => it.waitForState("CONNECTED", PATIENCE)));
            console.log(
                `# the session expired, ${side}: all CONNECTED ${Date.now() - start} ms after the login`
            );
        }
        const { length } = toMarc.numbers;
        await Promise.all(quiet.tabs.map((tab) => tab.waitForCount(length + 5, PATIENCE)));
        await stopFlows();
        await assertComplete(assert, quiet.tabs, toMarc.numbers);
        for (const tab of quiet.tabs) {
            assert.equal(await outdatedNotifications(tab), 0);
        }
        await tellFaults("the session expired", toMarc.numbers);
    });
});

QUnit.module("two databases on one origin", (hooks) => {
    let databases: [ProbedOdoo, ProbedOdoo];
    let stop: (() => Promise<void>) | undefined;
    let profile: Profile | undefined;

    hooks.before(async () => {
        ({ databases, stop } = await startTwoDatabases());
    });

    hooks.after(async () => {
        await stopFlows();
        await profile?.close();
        await stop?.();
    });

    const loginPage = ({ baseURL, odoo }: ProbedOdoo) => `${baseURL}/web/login?db=${odoo.database}`;

    async function uuidOf({ odoo }: ProbedOdoo): Promise<string> {
        const [row] = await odoo.query(
            "select value from ir_config_parameter where key = 'database.uuid'"
        );
        return row!.value;
    }

    QUnit.test("the session moves to the same user of the other one, and back", async (assert) => {
        const [first, second] = databases;
        assert.equal(await uuidOf(first), await uuidOf(second), "copies of each other");
        profile = await Profile.open(first, { name: "quiet" });
        await profile.login("admin");
        const tabs = await profile.openTabs(3);
        await Promise.all(tabs.map(observe));
        const toFirst = send(first, "admin");
        send(second, "admin", OTHERS_FIRST);

        const host = await hostOf(tabs);
        const changing = tabs.find((tab) => tab !== host)!;
        const old = tabs.filter((tab) => tab !== changing);
        const before = await scopeOf(changing);
        const since = Date.now();
        await logIn(changing, "admin", loginPage(second));
        await observe(changing);
        const after = await scopeOf(changing);
        assert.equal(after.uid, before.uid, "the users have the same id");
        const other = await profile.openTab();
        await observe(other);
        // The session of the first database has not ended: what the browser has lost is its cookie.
        const { length } = toFirst.numbers;
        await Promise.all(old.map((tab) => tab.waitForCount(length + 5, PATIENCE)));

        await first.cutConnections();
        await waitUntil("a refused connection and another attempt", PATIENCE, async () => {
            const { count } = failedAttempts(await first.journal(since), "quiet");
            return count >= 2 || count;
        });
        const seen = (await numbersOf(other)).length;
        await Promise.all([changing, other].map((tab) => tab.waitForCount(seen + 5, PATIENCE)));
        await assertOthersOnly(assert, changing, "a tab of the second database");

        await logIn(changing, "admin", loginPage(first));
        await observe(changing);
        await Promise.all(old.map((tab) => tab.waitForState("CONNECTED", PATIENCE)));
        await changing.waitForCount(5, PATIENCE);
        await stopFlows();
        await assertComplete(assert, old, toFirst.numbers);
        assert.false((await numbersOf(changing)).some(isOthers), "a new page of the first");
        await assertOthersOnly(assert, other, "the second database's tab that is still open");
        const journal = await journalOf(first, since);
        assertRefusals(assert, journal);
        const databaseOf = new Map([
            [before.scope, first.odoo.database],
            [after.scope, second.odoo.database],
        ]);
        for (const { scope, database } of servedSubscriptions(journal)) {
            assert.equal(databaseOf.get(scope!), database, "served from its own database only");
        }
        const isRefused = journal.some(
            ({ scope, database, isServed }) =>
                scope === before.scope && database === second.odoo.database && !isServed
        );
        assert.true(isRefused, "the second database refuses the tabs of the first");
    });
});
