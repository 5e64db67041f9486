/** Odoo's own Python tests of the bus and of presence, with the addon installed. */
import QUnit from "qunit";
import { runOdooTests } from "../../tools/odoo.mjs";

const TAGS = [
    "/bus",
    "/mail:TestMailPresence",
    "/mail:TestIrWebsocket",
    "/mail:TestWebsocketController",
].join(",");
/** Tests of stock 19.0 under these tags. */
const LEAST_TESTS = 47;

QUnit.module("Odoo's Python tests", () => {
    QUnit.test("pass with the addon installed", async (assert) => {
        assert.timeout(600_000);
        const { passed, failed, errors } = await runOdooTests({
            tags: TAGS,
            modules: ["bus", "mail", "bus_quiet"],
            onLine: (line) => console.log(`# ${line}`),
        });
        assert.true(passed >= LEAST_TESTS, `${passed} tests passed`);
        assert.equal(failed + errors, 0);
    });
});
