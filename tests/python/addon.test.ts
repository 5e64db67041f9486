/** The Python tests of this addon (tests/test_*.py), run by Odoo. */
import QUnit from "qunit";
import { runOdooTests } from "../../tools/odoo.mjs";

QUnit.module("the addon's Python tests", () => {
    QUnit.test("pass", async (assert) => {
        assert.timeout(600_000);
        const { passed, failed, errors } = await runOdooTests({
            tags: "/bus_quiet",
            modules: ["bus_quiet"],
            onLine: (line) => console.log(`# ${line}`),
        });
        console.log(`# ${passed} of the addon's Python tests passed`);
        assert.true(passed > 0, `${passed} tests passed`);
        assert.equal(failed + errors, 0);
    });
});
