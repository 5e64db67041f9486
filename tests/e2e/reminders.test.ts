/** A reminder of a meeting shows where the user is, and is dealt with once. */
import QUnit from "qunit";
import { hide, show } from "../support/browser_lifecycle";
import { type Profile, profileOf, type Tab } from "../support/e2e_browser";
import { type ProbedOdoo, startProbedOdoo } from "../support/e2e_odoo";

const TABS = 3;
/** Until a page that is shown has drawn all, in milliseconds. */
const DRAWN = 1_500;
const TITLE = "Reminder of a meeting";

QUnit.module("reminders of meetings", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile;
    let tabs: Tab[];

    hooks.before(async () => {
        server = await startProbedOdoo({ modules: ["bus_quiet", "bus_quiet_test", "calendar"] });
    });
    hooks.after(() => server.odoo.stop());
    hooks.afterEach(() => profile.close());

    /** Opens tabs that nobody looks at. */
    async function open(stock: boolean): Promise<void> {
        profile = await profileOf("marc", server, { stock });
        tabs = await profile.openTabs(TABS);
        for (const tab of tabs) {
            await tab.waitForConnected();
            await hide(tab);
        }
    }

    const remind = () =>
        server.notify("marc", "calendar.alarm", [
            { event_id: 1, alarm_id: 1, title: TITLE, message: "At ten", timer: 0, notify_at: "" },
        ]);

    const reminderIn = ({ page }: Tab) => page.locator(".o_notification", { hasText: TITLE });

    /** Looks at a tab; hidden ones draw nothing. Returns how many reminders the user sees there. */
    async function lookAt(tab: Tab): Promise<number> {
        for (const other of tabs.filter((it) => it !== tab)) {
            await hide(other);
        }
        await show(tab);
        await new Promise((resolve) => setTimeout(resolve, DRAWN));
        return reminderIn(tab).count();
    }

    const close = (tab: Tab) => reminderIn(tab).locator(".o_notification_close").click();

    QUnit.test("it moves with the user, and is closed in all tabs at once", async (assert) => {
        await open(false);
        await remind();
        assert.equal(await lookAt(tabs[2]!), 1);
        assert.equal(await lookAt(tabs[1]!), 1);
        await close(tabs[1]!);
        for (const tab of tabs) {
            assert.equal(await lookAt(tab), 0, "it is dealt with");
        }
        await remind();
        assert.equal(await lookAt(tabs[0]!), 1, "another one");
        assert.deepEqual(tabs.flatMap((tab) => tab.errors), []);
    });

    QUnit.test("beside it, stock wants it closed in each tab", async (assert) => {
        await open(true);
        await remind();
        assert.equal(await lookAt(tabs[1]!), 1);
        await close(tabs[1]!);
        assert.equal(await lookAt(tabs[2]!), 1);
    });
});
