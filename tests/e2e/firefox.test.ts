/** What is told of Chromium elsewhere holds in Firefox. */
import type { Page } from "playwright-core";
import QUnit from "qunit";
import { hostOf, range, Tab } from "../support/e2e_browser";
import { INSECURE_HOST } from "../support/chromium";
import { chatOf } from "../support/e2e_discuss";
import { PROBE_TYPE, type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";
import { Firefox, FirefoxPage } from "../support/firefox";

const TABS = 4;
const MESSAGES = 50;
const SOON = 5_000;
/** Within which a second beep would come, in milliseconds. */
const SURPLUS = 2_500;

declare global {
    interface Window {
        /** What the page let the user hear and see. */
        recorded: { beeps: number; notices: number };
    }
}

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

QUnit.module("Firefox", (hooks) => {
    let server: ProbedOdoo;
    let firefox: Firefox;
    let userContext: string;

    hooks.before(async () => {
        firefox = await Firefox.launch();
    });
    hooks.after(() => firefox.close());

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        ({ userContext } = await firefox.send("browser.createUserContext"));
    });
    hooks.afterEach(() => firefox.send("browser.removeUserContext", { userContext }));

    async function open(baseURL: string): Promise<Tab[]> {
        const pages = [];
        for (let number = 0; number < TABS; number++) {
            pages.push(await FirefoxPage.open(firefox, userContext));
        }
        const [name, value] = (await server.odoo.rpc.login("marc")).split("=");
        await firefox.send("storage.setCookie", {
            cookie: { name, value: { type: "string", value }, domain: new URL(baseURL).hostname },
            partition: { type: "storageKey", userContext },
        });
        const tabs = pages.map((page) => new Tab(page as unknown as Page));
        for (const tab of tabs) {
            await tab.goto(`${baseURL}/odoo`);
            await tab.waitForConnected();
        }
        return tabs;
    }

    async function masterOf(tabs: Tab[]): Promise<Tab> {
        let masters: Tab[] = [];
        await waitUntil("one master tab", 10_000, async () => {
            const answers = await Promise.all(tabs.map((tab) => tab.isOnMainTab()));
            masters = tabs.filter((_, index) => answers[index]);
            return masters.length === 1 || JSON.stringify(answers);
        });
        return masters[0]!;
    }

    for (const isSecure of [true, false]) {
        const where = isSecure ? "" : ", on plain http";
        QUnit.test(`one connection, also when the host goes${where}`, async (assert) => {
            const { baseURL } = server;
            const tabs = await open(isSecure ? baseURL : baseURL.replace("127.0.0.1", INSECURE_HOST));
            assert.equal(await tabs[0]!.page.evaluate(() => isSecureContext), isSecure);
            await server.waitForSubscribed(1);
            await Promise.all(tabs.map((tab) => tab.collect(PROBE_TYPE)));
            const host = await hostOf(tabs);
            const others = tabs.filter((tab) => tab !== host);
            const sent = server.sendSteadily("marc", MESSAGES, 50);
            await pause(1_000);
            await host.page.close();
            await sent;
            await Promise.all(others.map((tab) => tab.waitForCount(MESSAGES)));
            for (const tab of others) {
                assert.deepEqual((await tab.received()).numbers, range(MESSAGES));
            }
            assert.equal(await server.socketCount(), 1);
            await masterOf(others);
        });
    }

    QUnit.test("a message beeps once, in a tab that was clicked", async (assert) => {
        const tabs = await open(server.baseURL);
        const chat = await chatOf(server, "julia", "marc");
        await Promise.all(tabs.map(({ page }) => page.evaluate(record)));
        const clicked = tabs[1]!;
        await click(clicked);
        await waitUntil("the clicked tab as master tab", SOON, () => clicked.isOnMainTab());
        await lookAway();
        await server.post("julia", chat);
        await pause(SURPLUS);
        assert.deepEqual(await heardIn(tabs), [0, 1, 0, 0], "beeps");
        assert.equal(await countNotices(tabs), 1);

        await clicked.page.close();
        tabs.splice(1, 1);
        await masterOf(tabs);
        await server.post("julia", chat);
        await pause(1_000);
        assert.deepEqual(await heardIn(tabs), [0, 0, 0], "the browser lets none be heard");
        assert.equal(await countNotices(tabs), 1);
        await click(tabs[2]!);
        await waitUntil("a late beep", SOON, async () => (await heardIn(tabs))[2] === 1);
        assert.deepEqual(await heardIn(tabs), [0, 0, 1]);
        assert.deepEqual(tabs.flatMap(({ page }) => (page as unknown as FirefoxPage).errors), []);
    });

    async function click({ page }: Tab): Promise<void> {
        await page.bringToFront();
        await (page as unknown as FirefoxPage).click(5, 300);
    }

    /** The user goes to a tab without Odoo. */
    async function lookAway(): Promise<void> {
        const cover = await FirefoxPage.open(firefox, userContext);
        await cover.bringToFront();
    }

    const heardIn = (tabs: Tab[]) =>
        Promise.all(tabs.map(({ page }) => page.evaluate(() => window.recorded.beeps)));

    async function countNotices(tabs: Tab[]): Promise<number> {
        const counts = tabs.map(({ page }) => page.evaluate(() => window.recorded.notices));
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    }
});

/** Runs in the page. */
function record(): void {
    window.recorded = { beeps: 0, notices: 0 };
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
        const promise = play.call(this);
        promise.then(
            () => window.recorded.beeps++,
            () => {}
        );
        return promise;
    };
    class RecordedNotification extends EventTarget {
        static permission = "granted";
        constructor() {
            super();
            window.recorded.notices++;
        }
        close(): void {}
    }
    Object.assign(window, { Notification: RecordedNotification });
}
