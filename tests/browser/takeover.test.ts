import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../support/browser_rig";
import { checkTakeover, type Takeover } from "../support/browser_takeover";

const TAKEOVERS: Takeover[] = [
    { name: "closed", rounds: 5, leave: (host) => host.page.close() },
    {
        name: "closed with beforeunload",
        rounds: 5,
        leave: (host) => host.page.close({ runBeforeUnload: true }),
    },
    { name: "crashed", rounds: 5, leave: (host) => host.crash() },
    {
        name: "reloaded",
        rounds: 5,
        leave: (host) => host.page.reload(),
        comeBack: (host, rig) => rig.untilConnected(host),
    },
];

QUnit.module("takeover when the host tab is", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    for (const takeover of TAKEOVERS) {
        QUnit.test(takeover.name, (assert) => checkTakeover(assert, browser, takeover));
    }

    QUnit.test("navigated away, and comes back from the back/forward cache", (assert) =>
        checkTakeover(assert, browser, {
            name: "navigated away",
            rounds: 5,
            leave: (host) => host.page.goto("about:blank"),
            comeBack: async (host) => {
                // A page from the cache never fires `load` again.
                await host.page.goBack({ waitUntil: "commit" });
                const isRestored = await host.page.evaluate(() => window.busPage.isRestored);
                assert.true(isRestored, "the page comes from the cache");
            },
        })
    );
});
