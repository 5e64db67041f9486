/** A message beeps once in a browser, and shows one native notification, whatever happens to its tabs. */
import QUnit from "qunit";
import { freeze, hide } from "../support/browser_lifecycle";
import { type AlertKind, alertPageOf, Alerts } from "../support/e2e_alerts";
import { masterOf, type Profile, type ProfileOptions, profileOf, SET_UPS, type Tab } from "../support/e2e_browser";
import { chatOf, newGroups } from "../support/e2e_discuss";
import { type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";

const TABS = 5;
const SEPARATED = 6;
/** After which another message beeps anew, in milliseconds; and how much later it is sent here. */
const BURST = 1_000;
const INTERVAL = 2 * BURST;
/** Until a beep comes that another tab has to make, in milliseconds. */
const TAKEOVER = 6_000;
/** How long, in milliseconds, the busy tab is it. */
const BUSY_TIME = 8_000;
/** Within which a second one would come, in milliseconds. */
const SURPLUS = 2_500;

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

QUnit.module("beep", (hooks) => {
    let server: ProbedOdoo;
    let chat: number;
    let profile: Profile | undefined;
    let alerts: Alerts;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        chat = await chatOf(server, "julia", "marc");
    });

    hooks.afterEach(() => profile?.close());

    /** Opens tabs that nobody looks at. */
    async function open(options: ProfileOptions, count = TABS): Promise<Tab[]> {
        profile = await profileOf("marc", server, options);
        alerts = await Alerts.of(profile);
        const tabs = await profile.openTabs(count);
        await Promise.all(tabs.map((tab) => tab.waitForConnected()));
        for (const tab of tabs) {
            await hide(tab);
        }
        await masterOf(tabs);
        return tabs;
    }

    /** One, unless the machine is so slow that the messages are no burst. */
    async function mostBeeps(): Promise<number> {
        const times = (await alerts.list("notice")).map(({ at }) => at);
        const span = Math.max(...times) - Math.min(...times);
        return 1 + Math.floor(span / (BURST - 200));
    }

    /**
     * Without what the tab did that was just crashing, if another did it as well: its sound is cut, and its word
     * may not have got out.
     */
    async function countWhole(kind: AlertKind, page: string, crashedAt: number): Promise<number> {
        const all = await alerts.list(kind);
        const whole = all.filter((alert) => alert.page !== page || alert.at < crashedAt);
        return whole.length || all.length;
    }

    const untilBeep = (timeout: number) =>
        waitUntil("a beep", timeout, async () => (await alerts.count("beep")) > 0);

    for (const [setUp, options] of Object.entries(SET_UPS)) {
        QUnit.test(`${setUp}: one for each message, and for several at once`, async (assert) => {
            // Transactions of one chat would wait for each other.
            const groups = await newGroups(server, ["julia", "marc"], 5);
            await open(options);
            for (let number = 1; number <= SEPARATED; number++) {
                await server.post("julia", chat);
                await pause(INTERVAL);
            }
            assert.equal(await alerts.count("beep"), SEPARATED, `beeps of ${SEPARATED} separate messages`);
            assert.equal(await alerts.count("notice"), SEPARATED, "native notifications");
            for (const count of [2, 5]) {
                await alerts.clear();
                await server.post("julia", chat, count);
                await pause(SURPLUS);
                assert.equal(await alerts.count("beep"), 1, `beeps of ${count} in one transaction`);
                assert.equal(await alerts.count("notice"), count, "native notifications");
                await alerts.clear();
                await Promise.all(groups.slice(0, count).map((group) => server.post("julia", group)));
                await pause(SURPLUS);
                const most = await mostBeeps();
                const beeps = await alerts.count("beep");
                assert.true(beeps > 0 && beeps <= most, `${beeps} beeps of ${count} in parallel ones`);
                assert.equal(await alerts.count("notice"), count, "native notifications");
            }
        });
    }

    const departures: Record<string, (master: Tab) => Promise<unknown>> = {
        "is closed": (master) => master.page.close(),
        crashes: (master) => master.crash(),
        freezes: (master) => freeze(master),
        "is busy": async (master) => {
            // It answers when it has time again, unless the test is over by then.
            master.page.evaluate(keepBusy, BUSY_TIME).catch(() => {});
        },
    };

    for (const [departure, leave] of Object.entries(departures)) {
        for (const options of [{}, { isInsecure: true }]) {
            const where = options.isInsecure ? ", on plain http" : "";
            QUnit.test(`one while the master tab ${departure}${where}`, async (assert) => {
                const tabs = await open(options);
                // Before, at and after the moment when the message is on its way to the tabs.
                for (const lead of [0, 25, 60]) {
                    const master = await masterOf(tabs);
                    const page = await alertPageOf(master);
                    await alerts.clear();
                    const posted = server.post("julia", chat);
                    await pause(lead);
                    const crashedAt = departure === "crashes" ? Date.now() : Infinity;
                    await Promise.all([leave(master), posted]);
                    tabs.splice(tabs.indexOf(master), 1);
                    await untilBeep(TAKEOVER);
                    await pause(SURPLUS);
                    const count = (kind: AlertKind) => countWhole(kind, page, crashedAt);
                    assert.equal(await count("beep"), 1, `beeps, ${lead} ms after the message was sent`);
                    assert.equal(await count("notice"), 1, "native notifications");
                }
            });
        }
    }
});

function keepBusy(time: number): void {
    const end = Date.now() + time;
    while (Date.now() < end);
}
