#!/usr/bin/env node
// Measures stock's bus and ours: `node tests/bench/run.mjs [part of a case's name]`.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
process.chdir(ROOT);

// Below the checkout, so that the bundle finds node_modules.
const output = path.join(ROOT, ".cache", "tests", "bench");
mkdirSync(output, { recursive: true });
const bundle = path.join(output, "main.mjs");
await esbuild.build({
    entryPoints: [path.join(ROOT, "tests", "bench", "main.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // What brings up Odoo finds its files by its own place: it stays where it is.
    external: [path.join(ROOT, "tools/*")],
    sourcemap: "inline",
    logLevel: "warning",
});
process.setSourceMapsEnabled(true);
const { main } = await import(pathToFileURL(bundle).href);
process.exit(await main(process.argv[2]));
