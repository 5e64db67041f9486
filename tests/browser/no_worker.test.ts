import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { expectExactlyOnce, Flow } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";

/** Ways in which a browser refuses a Worker. */
const REFUSALS: Record<string, () => void> = {
    "throws at once": () => {
        window.Worker = function () {
            throw new DOMException("not here", "SecurityError");
        } as unknown as typeof Worker;
    },
    "fails to load": () => {
        const OriginalWorker = window.Worker;
        window.Worker = class extends OriginalWorker {
            constructor() {
                super("/nothing-here.js");
            }
        };
    },
    "is missing": () => {
        delete (window as { Worker?: unknown }).Worker;
    },
};

QUnit.module("where a Worker", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    for (const [title, refuse] of Object.entries(REFUSALS)) {
        QUnit.test(`${title}, the hub runs in the page`, (assert) =>
            Rig.use(browser, async (rig) => {
                await rig.context.addInitScript(refuse);
                const tabs = await rig.openConnectedTabs(3);
                const host = await rig.host(tabs);
                const others = tabs.filter((tab) => tab !== host);
                const flow = new Flow(rig.server, 20);
                await Promise.all(tabs.map((tab) => tab.untilArrived(10)));
                await host.page.close();
                await others[0]!.untilArrived(30);
                const last = flow.stop();
                await Promise.all(others.map((tab) => tab.untilArrived(last)));
                for (const tab of others) {
                    await expectExactlyOnce(assert, tab, flow.ids, "a tab that stayed");
                }
                assert.equal(rig.server.open.size, 1, "one socket");
                const next = await rig.host(others);
                const warnings = next.complaints.filter((text) => text.includes("Quiet Bus"));
                assert.equal(warnings.length, 1, String(warnings));
            })
        );
    }
});
