import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { minify } from "terser";
import { type Bench, numberRow, say } from "../bench";
import type { Probe } from "../probe";

const OURS = ["static/lib/bus_quiet.js", "static/lib/hub.js"];
const STOCK_FILES = "/bus/static/src/";

/** What a backend tab loads for the bus, in bytes after gzip. */
export const clientCode: Bench = {
    name: "client_code",
    async run(probe) {
        const page = await minified(await bundleFiles(probe, "web.assets_backend"));
        const worker = await minified(await bundleFiles(probe, "bus.websocket_worker_assets"));
        const ours = await Promise.all(OURS.map((path) => readFile(path, "utf8")));
        const stock = zipped(page) + zipped(worker);
        const quiet = ours.reduce((sum, code) => sum + zipped(code), 0);
        say(
            `stock's page ${zipped(page)}, worker ${zipped(worker)}; ` +
                `ours ${ours.map(zipped).join(", ")} bytes`
        );
        return [
            numberRow("client code, min+gzip", { stock, quiet }, "bytes"),
            numberRow(
                "client code of a page with Quiet Bus, where stock's files stay in the bundle",
                { stock, quiet: quiet + zipped(page) },
                "bytes"
            ),
        ];
    },
};

/** The JavaScript files of the bundle that are stock's bus, or all of a worker's bundle. */
async function bundleFiles({ server }: Probe, bundle: string): Promise<string[]> {
    const output = await server.odoo.shell(
        `import json
paths = env["ir.asset"]._get_asset_paths("${bundle}", {})
print(json.dumps([[path[0], path[1]] for path in paths]))`
    );
    const paths = JSON.parse(output.trim().split("\n").at(-1)!) as [string, string][];
    const isWorker = bundle.startsWith("bus.");
    return paths
        .filter(([url]) => url.endsWith(".js") && (isWorker || url.startsWith(STOCK_FILES)))
        .map(([, path]) => path);
}

async function minified(paths: string[]): Promise<string> {
    if (!paths.length) {
        throw new Error("the bundle has no file of the bus");
    }
    const parts = await Promise.all(
        paths.map(async (path) => {
            const source = await readFile(path, "utf8");
            return (await minify(source, { module: true, ecma: 2020 })).code!;
        })
    );
    return parts.join("\n");
}

function zipped(code: string): number {
    return gzipSync(code, { level: 9 }).length;
}
