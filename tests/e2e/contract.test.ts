/** What stock and third-party modules rely on, in a real browser and against a real server. */
import { readFile } from "node:fs/promises";
import QUnit from "qunit";
import { Profile, profileOf, range, type Tab } from "../support/e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";

/** Services of stock, as far as modules outside of `bus` use them. */
const MEMBERS: Record<string, string[]> = {
    multi_tab: ["bus", "isOnMainTab", "unregister"],
    worker_service: [
        "connectionInitializedDeferred",
        "ensureWorkerStarted",
        "isUsingSharedWorker",
        "registerHandler",
        "send",
        "state",
    ],
};

let server: ProbedOdoo;
let profiles: Profile[] = [];

async function openProfile(user?: string): Promise<Profile> {
    const profile = user ? await profileOf(user, server) : await Profile.open(server);
    profiles.push(profile);
    return profile;
}

async function connectedTabs(profile: Profile, count: number): Promise<Tab[]> {
    const tabs = await profile.openTabs(count);
    await Promise.all(tabs.map((tab) => tab.waitForConnected()));
    await server.waitForSubscribed(1);
    return tabs;
}

/** The events without what differs from run to run: how often an attempt failed. */
function withoutRepetitions(events: string[]): string[] {
    return events
        .join(" ")
        .replace(/( CONNECTING DISCONNECTED)+/g, " CONNECTING DISCONNECTED")
        .split(" ");
}

QUnit.module("contract", (hooks) => {
    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
    });

    hooks.afterEach(async () => {
        await Promise.all(profiles.map((profile) => profile.close()));
        profiles = [];
    });

    QUnit.test("the services have the members of stock's", async (assert) => {
        const profile = await openProfile("marc");
        const ours = await profile.openTab();
        const stock = await profile.openTab("/odoo?bus=stock");
        assert.false(await ours.isStock());
        assert.true(await stock.isStock());
        const members = (tab: Tab) =>
            tab.page.evaluate((others) => {
                const kinds = (service: any, names: string[]) =>
                    names.map((name) => `${name}: ${typeof service[name]}`).sort();
                const { bus_service } = window.services;
                return {
                    bus_service: kinds(bus_service, Object.keys(bus_service)),
                    ...Object.fromEntries(
                        Object.entries(others).map(([service, names]) => [
                            service,
                            kinds(window.services[service], names),
                        ])
                    ),
                };
            }, MEMBERS);
        await Promise.all([ours, stock].map((tab) => tab.waitForConnected()));
        // Null before the first notification, a number from then on.
        await server.send("marc", 1);
        await Promise.all(
            [ours, stock].map(({ page }) =>
                page.waitForFunction(() => window.services.bus_service.lastNotificationId)
            )
        );
        assert.deepEqual(await members(ours), await members(stock));
    });

    QUnit.test("each subscriber gets a payload of its own, until it unsubscribes", async (assert) => {
        const [tab] = (await connectedTabs(await openProfile("marc"), 1)) as [Tab];
        await tab.collect(PROBE_TYPE);
        await tab.page.evaluate((type) => {
            const calls: unknown[] = ((window as any).calls = []);
            (window as any).first = (payload: any, context: any) => {
                const { number } = payload;
                calls.push(["first", number, typeof context.id, Object.keys(context)]);
                payload.number = "spoilt";
            };
            window.services.bus_service.subscribe(type, (window as any).first);
            window.services.bus_service.subscribe(type, (payload: any) =>
                calls.push(["second", payload.number])
            );
        }, PROBE_TYPE);
        await server.send("marc", 1);
        await tab.waitForCount(1);
        await tab.page.evaluate(
            (type) => window.services.bus_service.unsubscribe(type, (window as any).first),
            PROBE_TYPE
        );
        await server.send("marc", 1, 1);
        await tab.waitForCount(2);
        assert.deepEqual(await tab.page.evaluate(() => (window as any).calls), [
            ["first", 0, "number", ["id"]],
            ["second", 0],
            ["second", 1],
        ]);
    });

    QUnit.test("a public page opens no websocket before it needs one", async (assert) => {
        const profile = await openProfile();
        const opensBefore = (await server.counts()).opens;
        const lives = async (address: string) => {
            const tab = await profile.openTab(address);
            await tab.collect(PROBE_TYPE);
            const isOnMainTab = await tab.isOnMainTab();
            const { opens } = await server.counts();
            const activity = await tab.page.evaluate(async () => {
                const { bus_service } = window.services;
                const owl = (globalThis as any).odoo.loader.modules.get("@odoo/owl");
                const seen: boolean[] = [];
                const observed = owl.reactive(bus_service, () => seen.push(observed.isActive));
                seen.push(observed.isActive);
                await bus_service.addChannel("bus_quiet_test_public");
                return seen;
            });
            await tab.waitForConnected();
            await server.waitForSubscribed(1);
            const { events } = await tab.received();
            const [socket] = (await server.counts()).sockets;
            await tab.page.close();
            await server.waitForSockets(0);
            return { isOnMainTab, opens, activity, events, uid: socket!.uid };
        };
        const ours = await lives("/web/login");
        assert.equal(ours.opens, opensBefore, "none by asking for the main tab");
        const stock = await lives("/web/login?bus=stock");
        assert.deepEqual({ ...ours, opens: 0 }, { ...stock, opens: 0 });
        assert.deepEqual(ours, {
            isOnMainTab: true,
            opens: opensBefore,
            activity: [false, true],
            // By the first of them stock's outdated-page watcher tells a new connection from an
            // old one: without it, fresh pages claim to be out of date.
            events: ["IDLE", "CONNECTING", "CONNECTED", "CONNECT"],
            uid: false,
        });
    });

    QUnit.test("a tab that starts the bus late learns of the connection", async (assert) => {
        const profile = await openProfile();
        const tabs = await profile.openTabs(2, "/web/login");
        // Both have joined; neither takes part in the bus.
        await Promise.all(tabs.map((tab) => tab.isOnMainTab()));
        for (const tab of tabs) {
            await tab.page.evaluate(() => window.services.bus_service.start());
            await tab.waitForConnected();
        }
        await server.waitForSockets(1);
        assert.equal(await server.socketCount(), 1);
    });

    QUnit.test("exactly one tab is the main tab; another one becomes it", async (assert) => {
        const tabs = await connectedTabs(await openProfile("marc"), 3);
        await Promise.all(
            tabs.map(({ page }) =>
                page.evaluate(() => {
                    const events: string[] = ((window as any).tabEvents = []);
                    for (const name of ["become_main_tab", "no_longer_main_tab"]) {
                        window.services.multi_tab.bus.addEventListener(name, () =>
                            events.push(name)
                        );
                    }
                })
            )
        );
        const flags = await Promise.all(tabs.map((tab) => tab.isOnMainTab()));
        assert.equal(flags.filter(Boolean).length, 1, JSON.stringify(flags));

        await tabs[flags.indexOf(true)]!.page.close();
        const others = tabs.filter((_, index) => !flags[index]);
        await waitUntil("one main tab", 5_000, async () => {
            const now = await Promise.all(others.map((tab) => tab.isOnMainTab()));
            return now.filter(Boolean).length === 1 || JSON.stringify(now);
        });
        const events = await Promise.all(
            others.map(({ page }) => page.evaluate(() => (window as any).tabEvents))
        );
        assert.deepEqual(events.flat(), ["become_main_tab"]);
    });

    QUnit.test("a service that listens from its start hears that the tab becomes the main one", async (assert) => {
        const tabs = await connectedTabs(await openProfile("marc"), 3);
        const logs = await Promise.all(
            tabs.map(async (tab) => ({
                isMain: await tab.isOnMainTab(),
                log: await tab.page.evaluate(() => (window as any).mainTabLog as string[]),
            }))
        );
        assert.equal(logs.filter(({ isMain }) => isMain).length, 1);
        for (const { isMain, log } of logs) {
            assert.deepEqual(log, isMain ? ["become_main_tab"] : []);
        }
    });

    QUnit.test("who speaks the protocol of stock's worker is answered", async (assert) => {
        const [tab] = (await connectedTabs(await openProfile("marc"), 1)) as [Tab];
        await server.send("marc", 1);
        const types = await tab.page.evaluate(async () => {
            const { worker_service } = window.services;
            const messages: { type: string; data: any }[] = ((window as any).messages = []);
            await worker_service.registerHandler(({ data }: any) => messages.push(data));
            const answer = async (action: string) => {
                const before = messages.length;
                await worker_service.send(action);
                return messages
                    .slice(before)
                    .filter(({ type }) => type !== "BUS:NOTIFICATION")
                    .map(({ type, data }) => `${action} -> ${type} ${typeof data}`);
            };
            return [
                ...(await answer("BASE:INIT")),
                ...(await answer("BUS:INITIALIZE_CONNECTION")),
                ...(await answer("BUS:START")),
                ...(await answer("ELECTION:IS_MASTER?")),
                ...(await answer("BUS:REQUEST_LOGS")),
            ];
        });
        assert.deepEqual(types, [
            "BASE:INIT -> BASE:INITIALIZED undefined",
            "BUS:INITIALIZE_CONNECTION -> BUS:INITIALIZED undefined",
            "ELECTION:IS_MASTER? -> ELECTION:IS_MASTER_RESPONSE object",
            "BUS:REQUEST_LOGS -> BUS:PROVIDE_LOGS object",
        ]);
        await server.send("marc", 1, 7);
        await tab.page.waitForFunction(() =>
            (window as any).messages.some(
                ({ type, data }: any) =>
                    type === "BUS:NOTIFICATION" && data[0].message.payload.number === 7
            )
        );
    });

    QUnit.test("the server goes away and comes back: the events are stock's", async (assert) => {
        const profile = await openProfile("marc");
        const tabs = [await profile.openTab(), await profile.openTab("/odoo?bus=stock")];
        await Promise.all(tabs.map((tab) => tab.waitForConnected()));
        await server.waitForSubscribed(2);
        await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
        const waitForLost = (isLost: boolean) =>
            Promise.all(
                tabs.map(({ page }) =>
                    page.waitForFunction(
                        (wanted) =>
                            window.services["bus.monitoring_service"].isConnectionLost === wanted,
                        isLost,
                        { timeout: 40_000 }
                    )
                )
            );
        await server.odoo.stopServer();
        await waitForLost(true);
        const inBetween = await tabs[0]!.page.evaluate(() => window.services.bus_service.isActive);
        assert.true(inBetween, "isActive says whether the bus is wanted");
        await server.odoo.startServer();
        await waitForLost(false);
        await server.waitForSubscribed(2);
        await server.send("marc", 2);
        await Promise.all(tabs.map((tab) => tab.waitForCount(2)));
        const [ours, stock] = await Promise.all(tabs.map((tab) => tab.received()));
        assert.deepEqual(ours!.numbers, [0, 1]);
        assert.deepEqual(withoutRepetitions(ours!.events), withoutRepetitions(stock!.events));
    });

    QUnit.test("the bus log can be downloaded", async (assert) => {
        const [tab] = (await connectedTabs(await openProfile("marc"), 1)) as [Tab];
        await tab.page.evaluate(() => window.services["bus.logs_service"].toggleLogging());
        await tab.collect(PROBE_TYPE);
        // Logging is switched on by a message, like all between tab and hub: in order.
        await server.send("marc", 3);
        await tab.waitForCount(3);
        const [download] = await Promise.all([
            tab.page.waitForEvent("download"),
            tab.page.evaluate(() => window.services.bus_service.downloadLogs()),
        ]);
        assert.true(/^bus_logs_[\d-]+\.json$/.test(download.suggestedFilename()));
        const report = JSON.parse(await readFile(await download.path(), "utf8"));
        assert.equal(report.workerInfo.state, "CONNECTED");
        const relayed = report.logs.filter(({ event }: any) => event === "relay");
        assert.true(relayed.length > 0, JSON.stringify(report.logs).slice(0, 300));
        const text = JSON.stringify(relayed);
        for (const number of range(3)) {
            assert.true(text.includes(`"payload":{"number":${number},`), `message ${number}`);
        }
    });

    QUnit.test("a page older than the server says so", async (assert) => {
        const profile = await openProfile("marc");
        const tab = await profile.emptyTab();
        await tab.page.route(/\/odoo$/, async (route) => {
            const response = await route.fetch();
            const body = (await response.text()).replace(
                /("websocket_worker_version": )"[^"]+"/,
                '$1"19.0-1"'
            );
            await route.fulfill({ response, body });
        });
        await tab.goto(profile.url("/odoo"));
        const notification = tab.page.locator(".o_notification", {
            hasText: "The page is out of date",
        });
        await notification.waitFor();
        await tab.screenshot("outdated");
        assert.equal(await notification.count(), 1);
        assert.true(
            await notification.getByRole("button", { name: "Refresh" }).isVisible(),
            "with the button to do it"
        );
        assert.false(await tab.isOnMainTab(), "and leaves the beeping to newer pages");
        await server.waitForSockets(0);
    });

    QUnit.test("a session ends: no hammering, and nothing of the next user", async (assert) => {
        const profile = await openProfile("marc");
        const tabs = await connectedTabs(profile, 3);
        await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
        await profile.logout();
        // The server checks the session when it has something to send.
        await server.send("marc", 1);
        await Promise.all(tabs.map((tab) => tab.waitForState("DISCONNECTED")));

        const { opens } = await server.counts();
        const PERIOD = 15_000;
        await new Promise((resolve) => setTimeout(resolve, PERIOD));
        const attempts = (await server.counts()).opens - opens;
        console.log(`# ${attempts} connections in 15 s after the session had ended`);
        assert.true(attempts >= 1 && attempts <= 8, `${attempts} connections in 15 s`);

        await profile.login("julia");
        const julia = await profile.openTab();
        await julia.waitForConnected();
        await julia.collect(PROBE_TYPE);
        await waitUntil("julia's socket", 10_000, async () => {
            const { sockets } = await server.counts();
            return sockets.some(({ channels }) => channels > 0) || JSON.stringify(sockets);
        });
        await server.send("julia", 20, 100);
        await julia.waitForCount(20);
        // The tabs that are still open try again meanwhile, now with julia's session.
        const tried = (await server.counts()).opens;
        await waitUntil("another attempt of marc's tabs", 60_000, async () => {
            return (await server.counts()).opens > tried || "none";
        });
        await server.send("julia", 5, 200);
        await julia.waitForCount(25);
        for (const [index, tab] of tabs.entries()) {
            const { numbers } = await tab.received();
            assert.deepEqual(numbers, [], `marc's tab ${index + 1} got nothing of julia's`);
        }
    });
});
