#!/usr/bin/env node
// Runs the QUnit tests of a folder: `node tests/run.mjs unit [part of a file name] [--filter=…]`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { bundleForNode, ROOT } from "./bundle.mjs";

const [suite, ...rest] = process.argv.slice(2);
const filter = rest.find((argument) => !argument.startsWith("--")) ?? "";

const folder = path.join(ROOT, "tests", suite ?? "");
const sources = (suite && existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".test.ts") && name.includes(filter))
    .map((name) => path.join(folder, name));
if (!sources.length) {
    console.error(`tests/run.mjs: no test file in tests/${suite} has "${filter}" in its name.`);
    process.exit(2);
}

const output = path.join(ROOT, ".cache", "tests", suite);
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
await bundleForNode(sources, output);
const files = readdirSync(output).map((name) => path.join(output, name));
const qunit = path.join(ROOT, "node_modules", "qunit", "bin", "qunit.js");
const { status } = spawnSync(
    process.execPath,
    ["--enable-source-maps", qunit, ...rest.filter((it) => it.startsWith("--")), ...files],
    { stdio: "inherit", cwd: ROOT }
);
process.exit(status ?? 1);
