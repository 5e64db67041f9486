import QUnit from "qunit";
import { type Profile, profileOf } from "../support/e2e_browser";
import { chatOf, countMessages, openChat, waitForMessage, write } from "../support/e2e_discuss";
import { type ProbedOdoo, sharedOdoo } from "../support/e2e_odoo";

QUnit.module("chat", (hooks) => {
    let server: ProbedOdoo;
    let marc: Profile;
    let julia: Profile;
    let chat: number;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        [marc, julia] = await Promise.all([profileOf("marc", server), profileOf("julia", server)]);
        chat = await chatOf(server, "marc", "julia");
    });

    hooks.afterEach(async () => {
        await Promise.all([marc.close(), julia.close()]);
    });

    QUnit.test("two users write to each other, and read without a reload", async (assert) => {
        const [marcTab, juliaTab] = await Promise.all([
            openChat(marc, chat),
            openChat(julia, chat),
        ]);
        await server.waitForSubscribed(2);

        await write(marcTab, "The samples from Lyon are here.");
        await waitForMessage(juliaTab, "The samples from Lyon are here.");
        await write(juliaTab, "Great, I am coming down.");
        await waitForMessage(marcTab, "Great, I am coming down.");
        await Promise.all([marcTab.screenshot("chat-marc"), juliaTab.screenshot("chat-julia")]);

        for (const tab of [marcTab, juliaTab]) {
            assert.equal(await countMessages(tab, "The samples from Lyon are here."), 1);
            assert.equal(await countMessages(tab, "Great, I am coming down."), 1);
            assert.deepEqual(tab.errors, [], "the page threw no error");
        }
    });

    QUnit.test("a message shows in all five tabs of the other user", async (assert) => {
        const tabs = await julia.openTabs(5, "/odoo/discuss?active_id=mail.box_inbox");
        const marcTab = await openChat(marc, chat);
        await server.waitForSubscribed(2);
        const entries = tabs.map(({ page }) =>
            page.locator(".o-mail-DiscussSidebarChannel", { hasText: "Marc Demo" })
        );
        const counters = entries.map((entry) => entry.locator(".o-mail-DiscussSidebar-badge"));
        const unread = async (counter: (typeof counters)[0]) =>
            (await counter.count()) ? Number(await counter.innerText()) : 0;
        const before = await unread(counters[0]!);

        await write(marcTab, "Lunch at noon?");
        // One more unread message in each tab.
        for (const counter of counters) {
            await counter.getByText(String(before + 1), { exact: true }).waitFor();
        }
        await Promise.all(tabs.map((tab, index) => tab.screenshot(`five-tabs-${index + 1}`)));

        // Reading it in one tab is seen in all.
        await tabs[2]!.page.bringToFront();
        await entries[2]!.click();
        await waitForMessage(tabs[2]!, "Lunch at noon?");
        await Promise.all(counters.map((counter) => counter.waitFor({ state: "detached" })));
        await tabs[2]!.screenshot("five-tabs-read");
        assert.deepEqual(
            tabs.flatMap((tab) => tab.errors),
            [],
            "no page threw an error"
        );
    });
});
