/** Which tab makes the sounds, and when there is to be none. */
import QUnit from "qunit";
import { hide, show } from "../support/browser_lifecycle";
import { alertPageOf, Alerts } from "../support/e2e_alerts";
import { masterOf, type Profile, type ProfileOptions, profileOf, type Tab } from "../support/e2e_browser";
import { chatOf, leaveCall, openChat, startCall, untilChatsAreThere } from "../support/e2e_discuss";
import { type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";

const SOON = 5_000;
/** After which another message beeps anew, in milliseconds. */
const INTERVAL = 2_000;
/** Until a sound that must not come would have come, in milliseconds. */
const SURPLUS = 2_500;
/** Age of a message, in milliseconds, at which its beep is no longer wanted. */
const OUTDATED = 6_000;

const SERVICES = "odoo.__WOWL_DEBUG__?.root?.env?.services";

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

QUnit.module("sounds", (hooks) => {
    let server: ProbedOdoo;
    let chat: number;
    let profile: Profile;
    let alerts: Alerts;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        chat = await chatOf(server, "julia", "marc");
    });

    hooks.afterEach(async () => {
        await profile.close();
        await leaveCall(server, "julia", chat);
    });

    async function prepare(options: ProfileOptions = {}): Promise<void> {
        profile = await profileOf("marc", server, options);
        alerts = await Alerts.of(profile);
    }

    async function open(count: number): Promise<Tab[]> {
        const tabs = await profile.openTabs(count);
        await Promise.all(tabs.map((tab) => tab.waitForConnected()));
        await Promise.all(tabs.map(untilChatsAreThere));
        return tabs;
    }

    const untilCount = (kind: "beep" | "ring", count: number) =>
        waitUntil(`${count} of ${kind}`, SOON, async () => {
            const present = await alerts.count(kind);
            return present === count || String(present);
        });

    /** Opens a tab that the browser takes for one in which the user has done nothing. */
    async function openUntouched(): Promise<Tab> {
        const tab = await profile.emptyTab();
        await tab.page.goto(profile.url("/odoo"));
        await waitUntil("a connected tab", 20_000, () =>
            tab.peek(`${SERVICES}?.bus_service?.workerState === "CONNECTED"`)
        );
        return tab;
    }

    const isMaster = (tab: Tab) => tab.peek<boolean>(`${SERVICES}.multi_tab.isOnMainTab()`);

    async function click(tab: Tab): Promise<void> {
        await tab.page.bringToFront();
        await tab.page.mouse.click(5, 300);
    }

    QUnit.test("are made by a tab that was clicked, while there is one", async (assert) => {
        await prepare({ mayMute: true });
        const silent = await openUntouched();
        const clicked = await openUntouched();
        const other = await openUntouched();
        await click(clicked);
        await waitUntil("the clicked tab as master tab", SOON, () => isMaster(clicked));
        await other.page.bringToFront();
        await pause(2_000);
        assert.true(await isMaster(clicked), "though the user looks at another, without a click");
        await server.post("julia", chat);
        await untilCount("beep", 1);
        assert.equal((await alerts.list("beep"))[0]!.page, await clicked.peek("alertPage"));

        await clicked.page.close();
        await pause(INTERVAL);
        await alerts.clear();
        await server.post("julia", chat);
        await pause(SURPLUS);
        assert.equal(await alerts.count("beep"), 0, "no tab may be heard");
        assert.equal(await alerts.count("notice"), 1, "the native notification comes all the same");
        await click(other);
        await untilCount("beep", 1);

        await other.page.close();
        await pause(INTERVAL);
        await alerts.clear();
        await server.post("julia", chat);
        await pause(OUTDATED);
        await click(silent);
        await pause(SURPLUS);
        assert.equal(await alerts.count("beep"), 0, "the user was not there in time");
        assert.deepEqual(silent.errors, []);
    });

    for (const stock of [false, true]) {
        const name = stock ? "beside it, stock beeps for it" : "do not tell of what the user is just reading";
        QUnit.test(name, async (assert) => {
            await prepare({ stock });
            const [tab] = await open(1);
            const reading = await openChat(profile, chat);
            await hide(tab!);
            await show(reading);
            await server.post("julia", chat);
            await pause(SURPLUS);
            const beeps = await alerts.count("beep");
            assert.true(stock ? beeps > 0 : beeps === 0, `${beeps} beeps`);
            await hide(reading);
            await pause(1_000);
            await alerts.clear();
            await server.post("julia", chat);
            await untilCount("beep", 1);
        });
    }

    QUnit.test("do not tell of what the user wrote", async (assert) => {
        await prepare();
        const tabs = await open(2);
        await server.post("marc", chat);
        await pause(SURPLUS);
        assert.equal(await alerts.count("beep"), 0);
        await hide(tabs[0]!);
    });

    QUnit.test("come with each message where the administrator wants that", async (assert) => {
        await server.setParameter("bus_quiet.beep_interval", "1");
        try {
            await prepare();
            await open(3);
            await server.post("julia", chat, 3);
            await untilCount("beep", 3);
            await pause(SURPLUS);
            assert.equal(await alerts.count("beep"), 3);
        } finally {
            await server.setParameter("bus_quiet.beep_interval", false);
        }
    });

    QUnit.test("come from the browser that was used last, where the administrator wants that", async (assert) => {
        await server.setParameter("bus_quiet.beep_last_used", "True");
        let other: Profile | undefined;
        try {
            await prepare();
            const [here] = await open(2);
            other = await profileOf("marc", server);
            const otherAlerts = await Alerts.of(other);
            const [there] = await other.openTabs(2);
            await there!.waitForConnected();
            const beeps = async () => [await alerts.count("beep"), await otherAlerts.count("beep")];
            for (const [tab, expected] of [
                [here!, [1, 0]],
                [there!, [0, 1]],
                [here!, [1, 0]],
            ] as const) {
                await tab.page.mouse.click(5, 300);
                // Until the other browser has heard of it.
                await pause(INTERVAL);
                await Promise.all([alerts.clear(), otherAlerts.clear()]);
                await server.post("julia", chat);
                await pause(SURPLUS);
                assert.deepEqual(await beeps(), [...expected]);
            }
            assert.equal(await otherAlerts.count("notice"), 1, "what is shown is shown in both");
        } finally {
            await other?.close();
            await server.setParameter("bus_quiet.beep_last_used", false);
        }
    });

    for (const [departure, leave] of [
        ["is closed", (tab: Tab) => tab.page.close()],
        ["crashes", (tab: Tab) => tab.crash()],
    ] as const) {
        QUnit.test(`of a call come from one tab, and go on in another when that ${departure}`, async (assert) => {
            await prepare();
            const tabs = await open(3);
            await startCall(server, "julia", chat);
            await untilCount("ring", 1);
            await pause(SURPLUS);
            const [first] = await alerts.list("ring");
            assert.equal(await alerts.count("ring"), 1);
            const pages = await Promise.all(tabs.map(alertPageOf));
            const [ringing] = tabs.splice(pages.indexOf(first!.page), 1);
            await leave(ringing!);
            await untilCount("ring", 2);
            const late = await profile.openTab();
            await pause(SURPLUS);
            assert.equal(await alerts.count("ring"), 2, "a page that is opened does not ring as well");
            await leaveCall(server, "julia", chat);
            await untilSilent([...tabs, late]);
            await tabs[0]!.page.close();
            await tabs[1]!.page.close();
            await pause(SURPLUS);
            assert.equal(await alerts.count("ring"), 2, "a call that is over does not ring anew");
        });
    }

    /** Discuss knows of no call any more. */
    const untilSilent = (tabs: Tab[]) =>
        waitUntil("the end of the call", SOON, async () => {
            const calls = await Promise.all(
                tabs.map(({ page }) =>
                    page.evaluate(() => window.services["mail.store"].ringingThreads.length)
                )
            );
            return calls.every((count) => count === 0) || calls.join();
        });

    /** Lets these tabs, and no other, ring at a notification of the test's. */
    async function ringIn(tabs: Tab[]): Promise<void> {
        for (const { page } of tabs) {
            await page.evaluate(() => {
                const { bus_service, ...services } = window.services;
                bus_service.subscribe("bus_quiet_test.call", () =>
                    services["mail.sound_effects"].play("call-invitation", { loop: true })
                );
            });
        }
    }

    QUnit.test("of a call come from another tab where the master tab has no Discuss", async (assert) => {
        await prepare();
        const tabs = await open(3);
        const master = await masterOf(tabs);
        tabs.splice(tabs.indexOf(master), 1);
        await ringIn(tabs);
        await server.notify("marc", "bus_quiet_test.call", {});
        await untilCount("ring", 1);
        await pause(SURPLUS);
        const [first] = await alerts.list("ring");
        assert.equal(await alerts.count("ring"), 1);
        assert.notEqual(first!.page, await alertPageOf(master));
        const pages = await Promise.all(tabs.map(alertPageOf));
        await tabs[pages.indexOf(first!.page)]!.page.close();
        await untilCount("ring", 2);
        await pause(SURPLUS);
        assert.equal(await alerts.count("ring"), 2, "it goes on in the third");
    });

    QUnit.test("of a call go on when the user turns to a tab that knows nothing of it", async (assert) => {
        await prepare();
        const tabs = await open(3);
        for (const tab of tabs) {
            await hide(tab);
        }
        const master = await masterOf(tabs);
        const [unaware, other] = tabs.filter((tab) => tab !== master);
        await ringIn([master, other!]);
        await server.notify("marc", "bus_quiet_test.call", {});
        await untilCount("ring", 1);
        await show(unaware!);
        await waitUntil("the visible tab as master tab", SOON, () => isMaster(unaware!));
        await untilCount("ring", 2);
        await pause(SURPLUS);
        assert.equal(await alerts.count("ring"), 2, "in one of those that know of it");
        const pages = await Promise.all(tabs.map(alertPageOf));
        await tabs[pages.indexOf((await alerts.list("ring"))[1]!.page)]!.page.close();
        await untilCount("ring", 3);
    });

    QUnit.test("of a call: beside it, stock rings in each tab", async (assert) => {
        await prepare({ stock: true });
        await open(3);
        await startCall(server, "julia", chat);
        await pause(SURPLUS);
        const pages = (await alerts.list("ring")).map(({ page }) => page);
        assert.equal(new Set(pages).size, 3);
    });
});
