/** What is told of Chromium elsewhere holds in Firefox. */
import type { Page } from "playwright-core";
import QUnit from "qunit";
import { alertPageOf, Alerts, OBSERVATORY } from "../support/e2e_alerts";
import { hostOf, masterOf, range, Tab } from "../support/e2e_browser";
import { INSECURE_HOST } from "../support/chromium";
import { chatOf } from "../support/e2e_discuss";
import { PROBE_TYPE, type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";
import { Firefox, FirefoxPage } from "../support/firefox";

const TABS = 4;
const MESSAGES = 50;
const SOON = 5_000;
/** Within which a second beep would come, in milliseconds. */
const SURPLUS = 2_500;

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

    async function openEmpty(count: number): Promise<Tab[]> {
        const tabs = [];
        for (let number = 0; number < count; number++) {
            const page = await FirefoxPage.open(firefox, userContext);
            tabs.push(new Tab(page as unknown as Page));
        }
        return tabs;
    }

    async function open(baseURL: string): Promise<Tab[]> {
        const tabs = await openEmpty(TABS);
        const [name, value] = (await server.odoo.rpc.login("marc")).split("=");
        await firefox.send("storage.setCookie", {
            cookie: { name, value: { type: "string", value }, domain: new URL(baseURL).hostname },
            partition: { type: "storageKey", userContext },
        });
        for (const tab of tabs) {
            await tab.goto(`${baseURL}/odoo`);
            await tab.waitForConnected();
        }
        return tabs;
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
        const [observer] = await openEmpty(1);
        const alerts = await Alerts.observe(observer!, `${server.baseURL}${OBSERVATORY}`, tabs);
        const [clicked, other] = [tabs[1]!, tabs[3]!];
        await click(clicked);
        await waitUntil("the clicked tab as master tab", SOON, () => clicked.isOnMainTab());
        // The user goes to a tab without Odoo.
        await observer!.page.bringToFront();
        await server.post("julia", chat);
        await pause(SURPLUS);
        const beepingPages = async () => (await alerts.list("beep")).map(({ page }) => page);
        assert.deepEqual(await beepingPages(), [await alertPageOf(clicked)]);
        assert.equal(await alerts.count("notice"), 1);

        await clicked.page.close();
        await masterOf(tabs.filter((tab) => tab !== clicked));
        await alerts.clear();
        await server.post("julia", chat);
        await pause(1_000);
        assert.equal(await alerts.count("beep"), 0, "the browser lets none be heard");
        assert.equal(await alerts.count("notice"), 1);
        await click(other);
        await waitUntil("a late beep", SOON, async () => (await alerts.count("beep")) > 0);
        await pause(SURPLUS);
        assert.deepEqual(await beepingPages(), [await alertPageOf(other)]);
        assert.deepEqual(tabs.flatMap(({ page }) => (page as unknown as FirefoxPage).errors), []);
    });

    async function click({ page }: Tab): Promise<void> {
        await page.bringToFront();
        await (page as unknown as FirefoxPage).click(5, 300);
    }
});
