import QUnit from "qunit";
import { profileOf, type Tab } from "../support/e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, startProbedOdoo } from "../support/e2e_odoo";

QUnit.module("switched off, and uninstalled", (hooks) => {
    // A server of its own: the others need the addon.
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await startProbedOdoo({ quiet: true });
    });

    hooks.after(() => server?.odoo.stop());

    async function assertServed(assert: Assert, tab: Tab): Promise<void> {
        await tab.waitForConnected();
        await server.waitForSubscribed(1);
        await tab.collect(PROBE_TYPE);
        await server.send("marc", 3);
        await tab.waitForCount(3);
        assert.deepEqual((await tab.received()).numbers, [0, 1, 2], "notifications arrive");
    }

    /** Everything in the database that bears the addon's name. */
    async function traces(): Promise<Record<string, unknown>> {
        const { odoo } = server;
        const count = async (sql: string) => Number((await odoo.query(sql))[0]!.count);
        return {
            parameters: await count(
                "select count(*) from ir_config_parameter where key like 'bus_quiet.%'"
            ),
            columns: await count(
                "select count(*) from information_schema.columns where column_name like 'bus_quiet%'"
            ),
            tables: await count(
                "select count(*) from information_schema.tables " +
                    "where table_name like 'bus_quiet%' and table_name not like 'bus_quiet_test%'"
            ),
            records: await count("select count(*) from ir_model_data where module = 'bus_quiet'"),
            assets: await count("select count(*) from ir_asset where path like '%bus_quiet/%'"),
        };
    }

    QUnit.test("the parameter gives stock at the next page load; the uninstall too, and leaves no trace", async (assert) => {
        const profile = await profileOf("marc", server);
        try {
            const tab = await profile.openTab();
            assert.false(await tab.isStock());
            await assertServed(assert, tab);

            await server.setParameter("bus_quiet.disabled", "True");
            await tab.reload();
            assert.true(await tab.isStock(), "without a restart");
            await assertServed(assert, tab);

            await server.setParameter("bus_quiet.disabled", false);
            await tab.reload();
            assert.false(await tab.isStock(), "and back");
            await assertServed(assert, tab);

            await server.setParameter("bus_quiet.disabled", "True");
            assert.equal((await traces()).parameters, 1);
            await server.odoo.uninstallModule("bus_quiet");
            await tab.reload();
            assert.true(await tab.isStock());
            await assertServed(assert, tab);
            assert.deepEqual(tab.errors, [], "no page threw an error");
            assert.deepEqual(await traces(), {
                parameters: 0,
                columns: 0,
                tables: 0,
                records: 0,
                assets: 0,
            });
        } finally {
            await profile.close();
        }
    });
});
