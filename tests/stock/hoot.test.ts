/** Odoo's own browser tests, with our services in the place of stock's (docs/compatibility.md). */
import QUnit from "qunit";
import { chromium } from "playwright-core";
import { startOdoo } from "../../tools/odoo.mjs";
import { CHROMIUM } from "../support/chromium";

/** Suites of `bus`, and those of `mail` that live on the bus, the main tab or presence. */
const SUITES = [
    "@bus",
    "@mail/crosstab",
    "@mail/discuss/im_status",
    "@mail/discuss/core/bus_subscription",
    "@mail/discuss/core/crosstab",
    "@mail/discuss/core/web/crosstab",
    "@mail/discuss_app/bus_connection_alert",
    "@mail/discuss_app/im_status",
    // Where messages and calls make sounds.
    "@mail/discuss/call/call",
    "@mail/discuss/core/public_web/discuss",
    "@mail/messaging",
    // Where chat messages are told of as having come, and counted in the title.
    "@mail/discuss_app/discuss",
    "@mail/messaging_menu/notification",
];
/** Tests of stock 19.0 in these suites; fewer would mean that a suite was not found. */
const LEAST_TESTS = 44 + 30 + 50 + 100;
const TIMEOUT = 300_000;
const ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
];

interface Reporting {
    status: string;
    passed: number;
    failed: number;
    tests: number;
}

declare global {
    // Set by the page of Odoo's tests.
    var hootReporting: () => Reporting | undefined;
}

/** Name of a suite as Odoo's address bar takes it (`web/tests/test_js.py`). */
function suiteId(name: string): string {
    let hash = 0;
    for (const character of name) {
        hash = (Math.imul(hash, 31) + character.codePointAt(0)!) >>> 0;
    }
    return hash.toString(16).padStart(8, "0");
}

QUnit.module("Odoo's browser tests", () => {
    QUnit.test("pass with our services", async (assert) => {
        assert.timeout(2 * TIMEOUT);
        const odoo = await startOdoo({ modules: ["bus_quiet"], quiet: false });
        const browser = await chromium.launch({
            executablePath: CHROMIUM,
            args: ARGUMENTS,
        });
        try {
            const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
            const page = await context.newPage();
            await page.goto(`${odoo.baseURL}/web/login`);
            await page.fill("input[name=login]", "admin");
            await page.fill("input[name=password]", "admin");
            await page.locator("button[type=submit]").first().click();
            await page.waitForSelector(".o_main_navbar", { timeout: 120_000 });

            page.on("console", (message) => {
                const text = message.text().replaceAll("%c", "");
                if (message.type() === "error" && text.includes("HOOT")) {
                    console.log(text.replace(/^/gm, "# "));
                }
            });
            const ids = SUITES.map((name) => `&id=${suiteId(name)}`).join("");
            await page.goto(
                `${odoo.baseURL}/web/tests?headless&loglevel=2&preset=desktop&timeout=15000${ids}`,
                { waitUntil: "commit", timeout: TIMEOUT }
            );
            await page.addScriptTag({
                content: `hootReporting = () => {
                    const hoot = globalThis.odoo?.loader?.modules.get("@odoo/hoot")?.__debug__;
                    return hoot && { ...hoot.reporting, status: hoot.state.status };
                }`,
            });
            await page.waitForFunction(() => hootReporting()?.status === "done", null, {
                timeout: TIMEOUT,
                polling: 500,
            });
            const { passed, failed, tests } = (await page.evaluate(() => hootReporting()))!;
            console.log(`# ${passed} of ${tests} of Odoo's browser tests passed, ${failed} failed`);
            assert.true(tests >= LEAST_TESTS, `${tests} tests ran`);
            assert.equal(failed, 0);
            assert.equal(passed, tests);
        } finally {
            await browser.close();
            await odoo.stop();
        }
    });
});
