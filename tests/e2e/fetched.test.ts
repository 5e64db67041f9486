/** That chat messages have come is told once for a browser, and always. */
import QUnit from "qunit";
import { masterOf, type Profile, profileOf, type Tab } from "../support/e2e_browser";
import { chatOf } from "../support/e2e_discuss";
import { type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";

const TABS = 3;
/** Until it is told, in milliseconds: by the master tab, or by another that has waited for it. */
const SOON = 1_500;
const BY_ANOTHER = 10_000;
/** Between two receipts of a burst, in milliseconds. */
const REST = 500;

declare const odoo: { loader: { modules: Map<string, any> } };

QUnit.module("chat messages that have come", (hooks) => {
    let server: ProbedOdoo;
    let profile: Profile;
    let tabs: Tab[];
    let chat: number;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
        chat = await chatOf(server, "julia", "marc");
        profile = await profileOf("marc", server);
        tabs = await profile.openTabs(TABS);
        await server.waitForSubscribed(1);
        await masterOf(tabs);
    });

    hooks.afterEach(() => profile.close());

    /** Writes to the user; returns the message's id. */
    async function post(): Promise<number> {
        const values = { body: "Did it reach you?", message_type: "comment" };
        const posted = await server.odoo.callKw("julia", "discuss.channel", "message_post", [[chat]], {
            ...values,
            subtype_xmlid: "mail.mt_comment",
        });
        return Array.isArray(posted) ? posted[0] : posted;
    }

    async function told(): Promise<number | null> {
        const [row] = await server.odoo.query(
            `select fetched_message_id as id from discuss_channel_member
              where channel_id = ${chat} and partner_id = ${await server.partnerOf("marc")}`
        );
        return row!.id;
    }

    const untilTold = (message: number, timeout: number) =>
        waitUntil("the receipt", timeout, async () => {
            const id = await told();
            return id === message || `told of ${id}, not of ${message}`;
        });

    QUnit.test("one call for all tabs", async (assert) => {
        const before = await server.counts();
        const message = await post();
        await untilTold(message, SOON);
        // As long as another tab would wait for the one that tells.
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        const after = await server.counts();
        assert.equal(after.fetched - before.fetched, 1);
    });

    QUnit.test("of messages that follow each other, with a rest between, up to the last", async (assert) => {
        const times: number[] = [];
        for (const { page } of tabs) {
            page.on("requestfinished", (request) => {
                if (request.url().endsWith("/channel_fetched")) {
                    times.push(request.timing().startTime);
                }
            });
        }
        await post();
        await untilTold(await post(), REST + SOON);
        await waitUntil("two calls", SOON, async () => times.length >= 2 || String(times.length));
        assert.true(times[1]! - times[0]! >= REST, `${times[1]! - times[0]!} ms between them`);
    });

    QUnit.test("by another tab where the master tab can't", async (assert) => {
        const master = await masterOf(tabs);
        await master.page.evaluate(() => {
            const { Thread } = odoo.loader.modules.get("@mail/core/common/thread_model");
            Thread.prototype.markAsFetched = () => Promise.resolve();
        });
        const before = await server.counts();
        await untilTold(await post(), BY_ANOTHER);
        const after = await server.counts();
        assert.true(after.fetched > before.fetched);
    });

    QUnit.test("beside it, stock", async (assert) => {
        await profile.close();
        profile = await profileOf("marc", server, { stock: true });
        tabs = await profile.openTabs(TABS);
        await server.waitForSubscribed(1);
        const before = await server.counts();
        await untilTold(await post(), SOON);
        await waitUntil("a call of each tab", SOON, async () => {
            const count = (await server.counts()).fetched - before.fetched;
            return count >= TABS || String(count);
        });
        assert.true((await server.counts()).fetched - before.fetched >= TABS);
    });
});
