#!/usr/bin/env node
// Builds static/lib/ from static/src/: `node build.mjs`, with `--watch` again at each change,
// with `--check` only to tell whether the committed files are what the sources give.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const OUTPUT = "static/lib";
/** Most that a backend tab may load, the Worker included, in bytes after gzip. */
const SIZE_LIMIT = 21_550;
const STOCK_MODULES = ["@web/*", "@bus/*", "@odoo/owl", "@odoo/hoot"];

const HUB = { name: "hub.js", entry: "static/src/hub/worker.ts", module: null };
/** What the hub loads where no websocket gets through. */
const FALLBACK = {
    name: "fallback.js",
    entry: "static/src/transport/fallback.ts",
    module: null,
};
const PAGE = {
    name: "bus_quiet.js",
    entry: "static/src/odoo/main.ts",
    module: "@bus_quiet/bus_quiet",
};
/** Every bundle, with the Odoo module it becomes; null for a plain script. */
const BUNDLES = [
    HUB,
    FALLBACK,
    PAGE,
    { name: "hoot.js", entry: "tests/hoot/main.ts", module: "@bus/../tests/bus_quiet" },
];

async function bundle({ entry, module }, build = "") {
    const result = await esbuild.build({
        ...esbuildOptions(build),
        entryPoints: [entry],
        write: false,
        minify: true,
        format: module ? "esm" : "iife",
    });
    const code = result.outputFiles[0].text.trimEnd();
    // A second minifier is worth 3 %: every page of every user loads this.
    const { code: small } = await minify(module ? defineModule(module, code) : code, {
        ecma: 2022,
        toplevel: true,
        compress: { passes: 3 },
    });
    return module ? `// @odoo-module ignore\n${small}\n` : `${small}\n`;
}

function esbuildOptions(build) {
    return {
        bundle: true,
        target: "es2022",
        external: STOCK_MODULES,
        legalComments: "none",
        logLevel: "warning",
        // Part of the hub's address and of the names of channels: what belongs together meets.
        define: { BUILD: JSON.stringify(build) },
    };
}

/**
 * Does what Odoo's transpiler would do when it serves the file, ahead of time and on esbuild's
 * regular output: Odoo's regular expressions then have nothing to misunderstand.
 */
function defineModule(name, code) {
    const imports = new Set();
    const renamed = (names, separator) => names.replaceAll(" as ", separator);
    const body = code
        .replace(/import\{([^}]*)\}from"([^"]+)";/g, (_, names, path) => {
            imports.add(path);
            return `const{${renamed(names, ":")}}=require("${path}");`;
        })
        .replace(/export\{([^}]*)\};?$/, (_, names) => {
            const pairs = names.split(",").map((pair) => pair.split(" as ").reverse().join(":"));
            return `return{${pairs.join(",")}}`;
        });
    if (/(^|[;}])(import|export)\b[^(]/.test(body)) {
        throw new Error(`${name}: an import or export is left that the build can't translate.`);
    }
    return (
        `odoo.define(${JSON.stringify(name)},${JSON.stringify([...imports])},` +
        `function(require){"use strict";${body}});\n`
    );
}

async function buildAll() {
    const parts = await Promise.all([HUB, FALLBACK, PAGE].map((it) => bundle(it)));
    const build = createHash("sha256").update(parts.join("")).digest("hex").slice(0, 8);
    return Promise.all(
        BUNDLES.map(async (it) => ({
            path: `${OUTPUT}/${it.name}`,
            text: await bundle(it, build),
        }))
    );
}

function reportSize(files) {
    const sizes = files.map(({ path, text }) => [path, gzipSync(text, { level: 9 }).length]);
    console.log(sizes.map(([path, size]) => `${path} ${size}`).join(", "));
    const everywhere = sizes.filter(([path]) => !/hoot|fallback/.test(path));
    const total = everywhere.reduce((sum, [, size]) => sum + size, 0);
    console.log(`What every backend tab loads: ${total} bytes gzip`);
    if (total > SIZE_LIMIT) {
        throw new Error(`The client is ${total} bytes after gzip; the limit is ${SIZE_LIMIT}.`);
    }
}

async function write() {
    const files = await buildAll();
    await mkdir(OUTPUT, { recursive: true });
    for (const { path, text } of files) {
        await writeFile(path, text);
    }
    reportSize(files);
}

async function check() {
    const files = await buildAll();
    for (const { path, text } of files) {
        if ((await readFile(path, "utf8").catch(() => null)) !== text) {
            throw new Error(`${path} is not what the sources give; run \`npm run build\` and commit it.`);
        }
    }
    reportSize(files);
    console.log("static/lib is what the sources give.");
}

async function watch() {
    await write();
    const context = await esbuild.context({
        ...esbuildOptions(""),
        entryPoints: BUNDLES.map(({ entry }) => entry),
        write: false,
        outdir: OUTPUT,
        plugins: [{ name: "write", setup: ({ onEnd }) => onEnd(() => write().catch(console.error)) }],
    });
    await context.watch();
    console.log("Watching static/src; Ctrl-C ends.");
}

const [mode] = process.argv.slice(2);
const actions = { undefined: write, "--watch": watch, "--check": check };
try {
    if (!(mode in actions)) {
        throw new Error(`Unknown option ${mode}; there are --watch and --check.`);
    }
    await actions[mode]();
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
