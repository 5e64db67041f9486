import { Problem } from "./problem.mjs";

/** @typedef {{ passed: number, failed: number, errors: number, skipped: number }} TestCounts */

/**
 * @param {string} line of Odoo's log while it runs tests
 * @returns {boolean} whether it is worth showing
 */
export function isInterestingLine(line) {
  const record = /^\d{4}-\d\d-\d\d \S+ \d+ (\w+) \S+ (\S+):/.exec(line);
  if (!record) {
    // continued lines: tracebacks
    return line.trim() !== "";
  }
  const [, level = "", logger = ""] = record;
  return ["WARNING", "ERROR", "CRITICAL"].includes(level) || logger === "odoo.tests.result" || logger === "odoo.tests.stats"
    || / (?:Starting|skipped) \S+\.test_\S+ /.test(line);
}

/**
 * Reads the outcome of Odoo's tests from its log.
 * @param {string} text
 * @param {string} database
 * @returns {TestCounts}
 * @throws {Problem} if no test ran, or Odoo ended before its summary
 */
export function parseTestLog(text, database) {
  const summary = [...text.matchAll(/(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database '([^']*)'/g)]
    .find((match) => match[4] === database);
  if (!summary) {
    throw new Problem("Odoo ended before it had run the tests");
  }
  const [failed = 0, errors = 0, total = 0] = summary.slice(1, 4).map(Number);
  if (total === 0) {
    throw new Problem("Odoo ran no test at all: do the tags and modules fit?");
  }
  // a test with several failing subtests counts several times in the summary
  const broken = new Set([...text.matchAll(/: (?:FAIL|ERROR): (?:Subtest )?(\S+\.test_\S+)/g)].map((match) => match[1]));
  const skipped = [...text.matchAll(/: skipped \S+\.\S+ : /g)].length;
  return { passed: Math.max(0, total - broken.size - skipped), failed, errors, skipped };
}
