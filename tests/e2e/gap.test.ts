/** Pages that lack what the server can't give them any more, and pages that an upgrade overtook. */
import { readFile } from "node:fs/promises";
import type { BrowserContext } from "playwright-core";
import QUnit from "qunit";
import { LONG_ABSENCE } from "../../static/src/tab/absence";
import { freeze, show, thaw } from "../support/browser_lifecycle";
import { hostOf, type Profile, profileOf, range, type Tab } from "../support/e2e_browser";
import {
    PROBE_TYPE,
    type ProbedOdoo,
    sharedOdoo,
    startProbedOdoo,
    waitUntil,
} from "../support/e2e_odoo";
import { outdatedNotifications, scopeOf, settle } from "../support/e2e_sessions";

/** Longest wait, in milliseconds, for what comes at once unless the machine is busy. */
const PATIENCE = 30_000;
const OUTDATED = "The page is out of date";

declare global {
    interface Window {
        /** How far the page's clock is ahead, in milliseconds. */
        clockShift: number;
        /** Titles, or texts, of the notifications that the page showed. */
        shown: string[];
    }
}

/** Runs before the scripts of the page. */
function makeClockShiftable(): void {
    const { now } = Date;
    window.clockShift = 0;
    Date.now = () => now() + window.clockShift;
}

async function openTab(profile: Profile): Promise<Tab> {
    const tab = await profile.emptyTab();
    await tab.page.addInitScript(makeClockShiftable);
    await tab.goto(profile.url("/odoo"));
    await observe(tab);
    return tab;
}

async function observe(tab: Tab): Promise<void> {
    await tab.waitForState("CONNECTED", PATIENCE);
    await tab.collect(PROBE_TYPE);
    await tab.page.evaluate(() => {
        const { notification } = window.services;
        const add = notification.add.bind(notification);
        window.shown = [];
        notification.add = (message: unknown, options?: { title?: unknown }) => {
            window.shown.push(String(options?.title ?? message));
            return add(message, options);
        };
    });
}

async function numbersOf(tab: Tab): Promise<number[]> {
    return (await tab.received()).numbers;
}

/** How often the page has said that it is out of date. */
async function outdatedCount({ page }: Tab): Promise<number> {
    const shown = await page.evaluate(() => window.shown);
    return shown.filter((title) => title === OUTDATED).length;
}

function waitForOutdated(tab: Tab): Promise<void> {
    return waitUntil("a page that says that it is out of date", PATIENCE, async () => {
        return (await outdatedCount(tab)) > 0 || "it does not";
    });
}

QUnit.module("a tab comes back after long", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile | undefined;
    let away: Tab[];
    let present: Tab;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        await server.send("marc", 3);
        await settle(server);
        profile = await profileOf("marc", server);
        const tabs: Tab[] = [];
        for (let index = 0; index < 3; index++) {
            tabs.push(await openTab(profile));
        }
        await server.waitForSubscribed(1);
        await server.send("marc", 5);
        await Promise.all(tabs.map((tab) => tab.waitForCount(5, PATIENCE)));
        const host = await hostOf(tabs);
        present = tabs.find((tab) => tab !== host)!;
        // The host last: who is frozen while a hub takes over is another story.
        away = [...tabs.filter((tab) => tab !== present && tab !== host), host];
    });

    hooks.afterEach(() => profile?.close());

    /**
     * Two of three tabs, the host one of them, are frozen while notifications come.
     *
     * @param isLong the server deletes what it has sent
     */
    async function stayAway(isLong = false): Promise<void> {
        for (const tab of away) {
            await freeze(tab);
        }
        await server.send("marc", 20, 5);
        await present.waitForCount(25, PATIENCE);
        if (isLong) {
            await server.odoo.query("delete from bus_bus");
        }
        // The hub that relayed them would still have them.
        await present.reload();
        await observe(present);
        await server.waitForSubscribed(1);
    }

    /** Returns what the server answers to the tabs that come back. */
    async function comeBack(): Promise<boolean[]> {
        return Promise.all(
            away.map(async (tab) => {
                const absence = LONG_ABSENCE + 60_000;
                await tab.page.evaluate((shift) => (window.clockShift = shift), absence);
                const [response] = await Promise.all([
                    tab.page.waitForResponse(/\/bus_quiet\/has_missed$/, { timeout: PATIENCE }),
                    thaw(tab),
                ]);
                return (await response.json()).result;
            })
        );
    }

    QUnit.test("what it lacks is gone: it says so, once", async (assert) => {
        await stayAway(true);
        assert.deepEqual(await comeBack(), [true, true]);
        await Promise.all(away.map(waitForOutdated));
        await server.send("marc", 5, 100);
        await Promise.all(away.map((tab) => tab.waitForCount(10, PATIENCE)));
        for (const tab of away) {
            const numbers = await numbersOf(tab);
            assert.deepEqual(numbers, [...range(5), ...range(5, 100)], "what came after is here");
            assert.equal(await outdatedCount(tab), 1);
            await show(tab);
            await waitUntil("one such notification in the page", PATIENCE, async () => {
                const count = await outdatedNotifications(tab);
                return count === 1 || count;
            });
        }
        assert.equal(await outdatedCount(present), 0, "the tab that stayed lacks nothing");
    });

    QUnit.test("nothing is gone: it gets all, and says nothing", async (assert) => {
        await stayAway();
        assert.deepEqual(await comeBack(), [false, false]);
        await server.send("marc", 5, 25);
        await Promise.all(away.map((tab) => tab.waitForCount(30, PATIENCE)));
        for (const tab of away) {
            assert.deepEqual(await numbersOf(tab), range(30), "each once");
            assert.equal(await outdatedCount(tab), 0);
        }
        assert.equal(await outdatedCount(present), 0);
    });
});

QUnit.module("the database was restored from a copy", (hooks) => {
    // A server of its own: its ids begin again.
    let server: ProbedOdoo;
    let profile: Profile;
    let tabs: Tab[];

    hooks.before(async () => {
        server = await startProbedOdoo({ quiet: true });
    });

    hooks.beforeEach(async () => {
        await server.waitForSockets(0);
        await server.send("marc", 10);
        await settle(server);
        profile = await profileOf("marc", server);
        tabs = [await openTab(profile), await openTab(profile)];
        await server.waitForSubscribed(1);
        await server.send("marc", 10);
        await Promise.all(tabs.map((tab) => tab.waitForCount(10, PATIENCE)));
    });

    hooks.afterEach(() => profile?.close());

    hooks.after(() => server?.odoo.stop());

    /** The database becomes what it was before the pages were made; their connection breaks. */
    async function restore(): Promise<void> {
        const { settledId } = await scopeOf(tabs[0]!);
        // Far enough for what the server itself sends after the cut.
        const id = settledId - 20;
        await server.odoo.query(
            `begin; lock table bus_bus;
             delete from bus_bus where id > ${id}; select setval('bus_bus_id_seq', ${id}); commit`
        );
        await server.cutConnections();
    }

    QUnit.test("pages that know more than it say that they are out of date", async (assert) => {
        const since = Date.now();
        await restore();
        await Promise.all(tabs.map(waitForOutdated));
        await server.waitForSockets(0);
        await server.send("marc", 20, 100);
        const events = (await server.journal(since))
            .filter(({ event }) => event !== "end")
            .map(({ event, code }) => code ?? event);
        // A websocket that breaks so young gives way to requests: it is they that are refused.
        assert.deepEqual(events, [1006], "and no websocket is tried any more");
        for (const tab of tabs) {
            assert.deepEqual(await numbersOf(tab), range(10));
            await tab.waitForState("DISCONNECTED");
        }

        await Promise.all(tabs.map((tab) => tab.page.goto("about:blank")));
        await server.waitForSockets(0);
        await tabs[0]!.goto(profile.url("/odoo"));
        await observe(tabs[0]!);
        assert.equal(await outdatedNotifications(tabs[0]!), 0, "a page loaded since");
    });

    QUnit.test("a page that is loaded since works while they are still open", async (assert) => {
        await restore();
        await Promise.all(tabs.map(waitForOutdated));
        const page = await openTab(profile);
        await server.waitForSubscribed(1);
        await server.send("marc", 30, 100);
        await page.waitForCount(30, PATIENCE);
        assert.deepEqual(await numbersOf(page), range(30, 100));
        assert.equal(await outdatedNotifications(page), 0);
        for (const tab of tabs) {
            assert.equal(await outdatedCount(tab), 1, "an old page has said it once");
        }
    });

    QUnit.test("one that is loaded anew lacks nothing, although ids come again", async (assert) => {
        await restore();
        await Promise.all(tabs.map(waitForOutdated));
        await tabs[1]!.page.close();
        const tab = tabs[0]!;
        await tab.reload();
        await observe(tab);
        await server.waitForSubscribed(1);
        await server.send("marc", 50, 100);
        await waitUntil("the last notification", PATIENCE, async () => {
            const numbers = await numbersOf(tab);
            return numbers.includes(149) || numbers.join(" ");
        });
        assert.deepEqual(await numbersOf(tab), range(50, 100));
    });
});

QUnit.module("an upgrade", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile | undefined;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        profile = await profileOf("marc", server);
    });

    hooks.afterEach(() => profile?.close());

    /** From now on the server seems to have another build of Quiet Bus. */
    async function upgrade(context: BrowserContext): Promise<void> {
        const script = await readFile("static/lib/bus_quiet.js", "utf8");
        const [, build] = /hub\.js\?v=(\w{8})/.exec(script)!;
        await context.route(/\/web\/assets\/.*\/web\.assets_web\.min\.js/, async (route) => {
            const response = await route.fetch();
            const body = (await response.text()).replaceAll(build!, "anothers");
            await route.fulfill({ response, body });
        });
    }

    QUnit.test("pages from before it say that they are out of date, once", async (assert) => {
        const old = [await openTab(profile!), await openTab(profile!)];
        await server.send("marc", 5);
        await Promise.all(old.map((tab) => tab.waitForCount(5, PATIENCE)));

        await upgrade(old[0]!.page.context());
        const page = await openTab(profile!);
        await Promise.all(old.map(waitForOutdated));
        await server.waitForSubscribed(1);
        await server.send("marc", 5, 5);
        await page.waitForCount(5, PATIENCE);
        assert.deepEqual(await numbersOf(page), range(5, 5));
        assert.equal(await outdatedCount(page), 0, "the new page");
        assert.true(await page.isOnMainTab());
        for (const tab of old) {
            assert.deepEqual(await numbersOf(tab), range(5), "an old page gets no more");
            await tab.waitForState("DISCONNECTED");
            assert.equal(await outdatedCount(tab), 1);
            assert.false(await tab.isOnMainTab());
        }

        await Promise.all(old.map((tab) => tab.reload()));
        await Promise.all(old.map(observe));
        await server.send("marc", 5, 10);
        await Promise.all(old.map((tab) => tab.waitForCount(5, PATIENCE)));
        await page.waitForCount(10, PATIENCE);
        await server.waitForSubscribed(1);
        for (const tab of [page, ...old]) {
            assert.equal(await outdatedNotifications(tab), 0, "after a reload");
        }
    });
});
