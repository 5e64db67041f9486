#!/usr/bin/env node
// Lints the Python files with ruff, whose WebAssembly build comes with the npm packages.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import { REPOSITORY } from "./addon.mjs";

/** As Odoo and OCA lint their addons. */
const SETTINGS = {
  "target-version": "py310",
  "line-length": 100,
  lint: {
    select: ["B", "C90", "E", "F", "I", "S", "UP", "W"],
    // Odoo's import order is by distance, not by kind; tests have passwords.
    ignore: ["I001", "S105", "S106"],
  },
};

/** @type {Record<string, string[]>} */
const IGNORED_IN = {
  // Importing is registering.
  "__init__.py": ["F401"],
  // A dict is all there is.
  "__manifest__.py": ["B018"],
};

const workspace = new Workspace(SETTINGS, PositionEncoding.Utf16);
const files = execFileSync("git", ["ls-files", "*.py"], { cwd: REPOSITORY, encoding: "utf8" }).trim().split("\n");
let problems = 0;
for (const file of files) {
  const ignored = IGNORED_IN[path.basename(file)] ?? [];
  for (const { code, message, start_location: { row, column } } of workspace.check(fs.readFileSync(path.join(REPOSITORY, file), "utf8"))) {
    if (!ignored.includes(code ?? "")) {
      problems++;
      console.error(`${file}:${row}:${column}: ${code} ${message}`);
    }
  }
}
console.log(`${files.length} Python files linted, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;
