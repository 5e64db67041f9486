import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { SETTLING_TIME } from "../../static/src/hub/browser_attention";
import { hide, show } from "../support/browser_lifecycle";
import { launchBrowser, Rig } from "../support/browser_rig";
import { until } from "../support/browser_wait";

QUnit.module("attention", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    /** What the server knows of the browser, with what it was told first. */
    function told({ server }: Rig): string[] {
        return server.frames.flatMap(({ event, data }) => {
            const { attention, level = attention } = (data ?? {}) as Record<string, string>;
            return ["subscribe", "bus_quiet_attention"].includes(event) ? [level!] : [];
        });
    }

    const untilTold = (rig: Rig, level: string) =>
        until(`${level} at the server`, () => told(rig).at(-1) === level, SETTLING_TIME + 5_000);

    QUnit.test("the server knows whether somebody looks at any tab", (assert) =>
        Rig.use(browser, async (rig) => {
            const [one, other] = await rig.openConnectedTabs(2);
            // For Playwright all pages are visible and focused.
            await untilTold(rig, "focused");
            await hide(one!);
            await hide(other!);
            const hiddenAt = Date.now();
            await untilTold(rig, "hidden");
            assert.true(Date.now() - hiddenAt > SETTLING_TIME / 2, "not at once");
            await show(one!);
            const shownAt = Date.now();
            await until("attention again", () => told(rig).at(-1) !== "hidden");
            assert.true(Date.now() - shownAt < SETTLING_TIME / 2, "at once");
        })
    );

    QUnit.test("a hidden tab with a call counts as focused, until the call ends", (assert) =>
        Rig.use(browser, async (rig) => {
            const [tab] = await rig.openConnectedTabs(1);
            await untilTold(rig, "focused");
            await tab!.page.evaluate(() => (window.busPage.isInCall = true));
            await hide(tab!);
            await new Promise((resolve) => setTimeout(resolve, SETTLING_TIME + 1_000));
            assert.deepEqual([...new Set(told(rig))], ["focused"]);
            await tab!.page.evaluate(() => (window.busPage.isInCall = false));
            await until("hidden", () => told(rig).at(-1) === "hidden", 20_000);
        })
    );
});
