/** A live survey goes on in the tab that the user looks at, whichever others are open. */
import QUnit from "qunit";
import { hide } from "../support/browser_lifecycle";
import { type Profile, type ProfileOptions, profileOf, type Tab } from "../support/e2e_browser";
import { type ProbedOdoo, startProbedOdoo, waitUntil } from "../support/e2e_odoo";

const QUESTION = "Which of these?";
const SOON = 10_000;
/** Until Odoo's survey would have complained of other tabs, in milliseconds. */
const COMPLAINT = 3_000;

QUnit.module("live surveys", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile;
    let backend: Tab;
    let token: string;
    let code: string;

    hooks.before(async () => {
        server = await startProbedOdoo({ modules: ["bus_quiet", "bus_quiet_test", "survey"] });
    });
    hooks.after(() => server.odoo.stop());

    hooks.beforeEach(async () => {
        const { odoo } = server;
        const question = {
            title: QUESTION,
            question_type: "simple_choice",
            suggested_answer_ids: [[0, 0, { value: "This" }], [0, 0, { value: "That" }]],
        };
        const values = { title: "Live", question_and_page_ids: [[0, 0, question]] };
        const id: number = await odoo.callKw("admin", "survey.survey", "create", [values]);
        await odoo.callKw("admin", "survey.survey", "action_start_session", [[id]]);
        const [survey] = await odoo.callKw("admin", "survey.survey", "read", [
            [id],
            ["access_token", "session_code"],
        ]);
        token = survey.access_token;
        code = survey.session_code;
    });

    hooks.afterEach(() => profile.close());

    /** The user has a tab with the web client, which was clicked, and takes the survey in another. */
    async function open(enter: (tab: Tab) => Promise<unknown>, options: ProfileOptions): Promise<Tab> {
        profile = await profileOf("marc", server, options);
        backend = await profile.openTab();
        await backend.waitForConnected();
        await backend.page.mouse.click(5, 300);
        // In stock a tab takes part from the first question on, with the first message for instance.
        await backend.isOnMainTab();
        await hide(backend);
        const tab = await profile.emptyTab();
        if (options.stock) {
            // The survey's address leads on to another, without the switch to stock.
            await tab.page.addInitScript(() => sessionStorage.setItem("bus_quiet.bus", "stock"));
        }
        await enter(tab);
        await untilShown(tab, ".o_survey_form");
        await new Promise((resolve) => setTimeout(resolve, COMPLAINT));
        return tab;
    }

    const byLink = ({ page }: Tab) => page.goto(profile.url(`/survey/start/${token}`));

    async function byCode(tab: Tab): Promise<void> {
        const { page } = tab;
        await tab.goto(profile.url("/s"));
        await page.evaluate(() => window.services["public.interactions"].isReady);
        await page.locator("#session_code").fill(code);
        await page.getByText("Join Session").click();
        await page.waitForURL("**/survey/**");
    }

    /** How many there are; asked without anything that counts as the user's doing. */
    const count = (tab: Tab, selector: string) =>
        tab.peek<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

    const untilShown = (tab: Tab, selector: string) =>
        waitUntil(selector, SOON, async () => (await count(tab, selector)) > 0);

    async function nextQuestion(tab: Tab): Promise<void> {
        await server.odoo.rpc.call("admin", `/survey/session/next_question/${token}`, {});
        await tab.page.getByText(QUESTION).waitFor();
    }

    QUnit.test("go on without a complaint of other tabs", async (assert) => {
        const tab = await open(byCode, { mayMute: true });
        assert.equal(await count(tab, ".modal"), 0);
        await nextQuestion(tab);
        assert.deepEqual([...tab.errors, ...backend.errors], []);
    });

    QUnit.test("go on after one click where only other tabs can be heard", async (assert) => {
        const tab = await open(byLink, { mayMute: true });
        assert.equal(await count(tab, ".modal"), 1);
        const { x, y } = await tab.peek<{ x: number; y: number }>(
            "document.querySelector('.modal .btn-primary').getBoundingClientRect().toJSON()"
        );
        await tab.page.mouse.click(x + 5, y + 5);
        // The survey reloads itself.
        await tab.page.waitForEvent("load");
        await untilShown(tab, ".o_survey_form");
        await new Promise((resolve) => setTimeout(resolve, COMPLAINT));
        assert.equal(await count(tab, ".modal"), 0);
        await nextQuestion(tab);
    });

    QUnit.test("beside it, stock wants the other tabs closed", async (assert) => {
        const tab = await open(byCode, { stock: true });
        assert.equal(await count(tab, ".modal"), 1);
    });
});
