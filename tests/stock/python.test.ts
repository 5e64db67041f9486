/** Odoo's own Python tests of the bus, of presence and of who reads it, with the addon installed. */
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
/** Modules that hang on the bus' hooks, or read presence. */
const READERS = ["auth_timeout", "hr_presence", "gamification", "im_livechat"];
const READER_TAGS = [
    "/auth_timeout",
    "/hr_presence",
    "/gamification",
    "/im_livechat:TestGetOperator",
    "/im_livechat:TestImLivechatMessage",
    "/im_livechat:TestImLivechatChannel",
].join(",");
const LEAST_READER_TESTS = 50;

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

    QUnit.test("of modules that read presence", async (assert) => {
        assert.timeout(900_000);
        const { passed, failed, errors } = await runOdooTests({
            tags: READER_TAGS,
            modules: [...READERS, "bus_quiet"],
            onLine: (line) => console.log(`# ${line}`),
        });
        assert.true(passed >= LEAST_READER_TESTS, `${passed} tests passed`);
        assert.equal(failed + errors, 0);
    });
});
