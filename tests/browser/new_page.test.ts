import QUnit from "qunit";
import type { Browser, Page } from "playwright-core";
import { expectExactlyOnce } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import { BrowserTab } from "../support/browser_tab";
import { until } from "../support/browser_wait";

QUnit.module("a page that loads slowly", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    /** Opens a page whose script comes only when the returned function is called. */
    async function openSlowly(page: Page, url: string): Promise<() => Promise<void>> {
        let isMade = false;
        let go = () => {};
        const signal = new Promise<void>((resolve) => (go = resolve));
        await page.route("**/page.js", async (route) => {
            isMade = true;
            await signal;
            await route.continue();
        });
        const loaded = page.goto(url);
        await until("the page is made", () => isMade);
        return async () => {
            go();
            await loaded;
        };
    }

    /** The host has stored that the browser received the notification. */
    async function untilStored(tab: BrowserTab, wanted: number): Promise<void> {
        const isStored = (id: number) => {
            const { recent } = JSON.parse(localStorage.getItem("bus_quiet.main.window") ?? "{}");
            return (recent ?? []).some(([stored]: [number, number]) => stored === id);
        };
        await until("it is stored", () => tab.page.evaluate(isStored, wanted));
    }

    QUnit.test("gets what came after it was made, though another tab has stored it", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const old = server.table.insert("all", null);
            // Where nothing is older than the hold-back, a page does not know where to begin.
            old.createdAt -= 60_000;
            server.table.commit(old);
            const [host] = await rig.openConnectedTabs(1);
            const late = new BrowserTab(await rig.context.newPage());
            const load = await openSlowly(late.page, rig.url());
            const ids = [server.publish("all")];
            await untilStored(host!, ids[0]!);
            ids.push(server.publish("all"));
            await host!.untilArrived(ids.at(-1)!);
            await load();
            await rig.untilConnected(late);
            ids.push(server.publish("all"));
            await late.untilArrived(ids.at(-1)!);
            await expectExactlyOnce(assert, late, ids, "all since the page was made");
        })
    );
});
