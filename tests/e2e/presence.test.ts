import QUnit from "qunit";
import { type ProfileOptions, profileOf } from "../support/e2e_browser";
import { type ProbedOdoo, sharedOdoo, waitUntil } from "../support/e2e_odoo";

const TABS = 5;

QUnit.module("presence reports", (hooks) => {
    let server: ProbedOdoo;

    hooks.beforeEach(async () => {
        server = await sharedOdoo();
        await server.waitForSockets(0);
    });

    async function presenceFrames(): Promise<number> {
        return (await server.counts()).frames.update_presence ?? 0;
    }

    /** The frames that reach the server when each of five tabs is reloaded, one after the other. */
    async function framesOfReloads(options: ProfileOptions, sockets: number): Promise<number[]> {
        const profile = await profileOf("marc", server, options);
        try {
            const tabs = await profile.openTabs(TABS);
            await Promise.all(tabs.map((tab) => tab.waitForConnected()));
            await server.waitForSubscribed(sockets);
            const perReload: number[] = [];
            for (const tab of tabs) {
                const before = await settled(presenceFrames);
                await tab.reload();
                await tab.waitForConnected();
                await server.waitForSubscribed(sockets);
                perReload.push((await settled(presenceFrames)) - before);
            }
            return perReload;
        } finally {
            await profile.close();
        }
    }

    // The page that was loaded anew reports; nobody else has a reason to.
    QUnit.test("of the new page, not of each tab", async (assert) => {
        const frames = await framesOfReloads({}, 1);
        console.log(`# presence frames per reload, one of 5 tabs: ${frames.join(", ")}`);
        for (const [index, count] of frames.entries()) {
            assert.true(count <= 1, `reload of tab ${index + 1}: ${count}`);
        }
    });

    QUnit.test("beside it, stock without SharedWorker", async (assert) => {
        const frames = await framesOfReloads({ stock: true, withoutSharedWorker: true }, TABS);
        console.log(`# the same with stock, without SharedWorker: ${frames.join(", ")}`);
        assert.true(frames.every((count) => count >= 1));
    });
});

/** The value once it has not changed for a second: longer than reports are gathered (0.3 s). */
async function settled(read: () => Promise<number>): Promise<number> {
    let value = await read();
    let since = Date.now();
    await waitUntil("a value that settles", 10_000, async () => {
        const now = await read();
        if (now !== value) {
            value = now;
            since = Date.now();
        }
        return Date.now() - since >= 1_000 || now;
    });
    return value;
}
