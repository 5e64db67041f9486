import QUnit from "qunit";
import { Problem } from "../../tools/problem.mjs";
import { isInterestingLine, parseTestLog } from "../../tools/test_log.mjs";

const { module, test } = QUnit;

const record = (/** @type {string} */ level, /** @type {string} */ logger, /** @type {string} */ text) =>
  `2026-11-24 12:00:00,000 4711 ${level} base_1 ${logger}: ${text}`;
const summary = (/** @type {string} */ counts, database = "base_1") =>
  record("INFO", "odoo.tests.result", `${counts} when loading database '${database}' `);

module("tools: log of Odoo's tests");

test("all passed", (assert) => {
  assert.deepEqual(parseTestLog(summary("0 failed, 0 error(s) of 40 tests"), "base_1"), { passed: 40, failed: 0, errors: 0, skipped: 0 });
});

test("failures, errors and skipped ones are no passes", (assert) => {
  const logger = "odoo.addons.bus_quiet.tests.test_a";
  const text = [
    record("INFO", logger, "skipped TestA.test_b : no browser"),
    record("ERROR", logger, "FAIL: Subtest TestA.test_c (i=0)"),
    record("ERROR", logger, "FAIL: Subtest TestA.test_c (i=1)"),
    record("ERROR", logger, "ERROR: TestA.test_d"),
    summary("2 failed, 1 error(s) of 10 tests"),
  ].join("\n");
  assert.deepEqual(parseTestLog(text, "base_1"), { passed: 7, failed: 2, errors: 1, skipped: 1 }, "a test with two failing subtests is one test");
});

test("fails loudly if nothing ran", (assert) => {
  assert.throws(() => parseTestLog(summary("0 failed, 0 error(s) of 0 tests"), "base_1"), Problem);
  assert.throws(() => parseTestLog(record("CRITICAL", "odoo.service.server", "Failed to initialize"), "base_1"), Problem);
  assert.throws(() => parseTestLog(summary("0 failed, 0 error(s) of 5 tests", "other"), "base_1"), Problem);
});

test("shows tests, problems and tracebacks, and nothing else", (assert) => {
  assert.true(isInterestingLine(record("INFO", "odoo.addons.bus.tests.test_a", "Starting TestA.test_b ... ")));
  assert.true(isInterestingLine(record("ERROR", "odoo.addons.bus.tests.test_a", "FAIL: TestA.test_b")));
  assert.true(isInterestingLine(record("WARNING", "odoo.http", "slow")));
  assert.true(isInterestingLine(summary("0 failed, 0 error(s) of 40 tests")));
  assert.true(isInterestingLine("Traceback (most recent call last):"));
  assert.false(isInterestingLine(record("INFO", "odoo.modules.loading", "Loading module base (1/1)")));
  assert.false(isInterestingLine(""));
});
