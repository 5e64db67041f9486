#!/usr/bin/env node
// Runs the addon's Python tests in a real Odoo: `node tests/run_python.mjs [tags]`.
import { runOdooTests } from "../tools/odoo.mjs";

const [tags = "/bus_quiet"] = process.argv.slice(2);
try {
    const { passed, failed, errors, skipped } = await runOdooTests({ tags });
    if (skipped) {
        console.log(`${skipped} skipped`);
    }
    console.log(`${passed} passed, ${failed + errors} failed`);
    process.exitCode = failed + errors > 0 || passed === 0 ? 1 : 0;
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
