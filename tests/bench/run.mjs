#!/usr/bin/env node
// Measures stock's bus and ours: `node tests/bench/run.mjs [part of a case's name]`.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundleForNode, ROOT } from "../bundle.mjs";

process.chdir(ROOT);
const output = path.join(ROOT, ".cache", "tests", "bench");
await bundleForNode([path.join(ROOT, "tests", "bench", "main.ts")], output);
process.setSourceMapsEnabled(true);
const { main } = await import(pathToFileURL(path.join(output, "main.mjs")).href);
process.exit(await main(process.argv.slice(2).join(" ")));
