import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Makes what node can run of programs written in TypeScript.
 *
 * @param {string[]} entryPoints
 * @param {string} output a folder below the checkout, so that the bundles find node_modules
 */
export function bundleForNode(entryPoints, output) {
    return esbuild.build({
        entryPoints,
        outdir: output,
        outExtension: { ".js": ".mjs" },
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
}
