import { readFile } from "node:fs/promises";
import * as esbuild from "esbuild";

const PAGE_ENTRY = "tests/browser/page.ts";
const HUB_SCRIPT = "static/lib/hub.js";

let page: Promise<string> | null = null;
let hub: Promise<string> | null = null;

/** The script of the page, made of the sources. */
export function pageScript(): Promise<string> {
    return (page ??= bundlePage());
}

/** The hub's script as it is shipped. */
export function hubScript(): Promise<string> {
    return (hub ??= readFile(HUB_SCRIPT, "utf8"));
}

async function bundlePage(): Promise<string> {
    const { outputFiles } = await esbuild.build({
        entryPoints: [PAGE_ENTRY],
        bundle: true,
        write: false,
        format: "iife",
        target: "es2022",
        logLevel: "warning",
    });
    return outputFiles[0]!.text;
}
