import QUnit from "qunit";
import { profileOf } from "../support/e2e_browser";
import { BrowserMonkey } from "../support/e2e_monkey";
import { sharedOdoo } from "../support/e2e_odoo";

/** `MONKEY_SEED=7 node tests/run.mjs e2e monkey` plays another sequence than these. */
const chosen = process.env["MONKEY_SEED"];
const SEEDS = chosen === undefined ? [1, 2] : [Number(chosen)];

QUnit.module("monkey in a real browser", () => {
    for (const seed of SEEDS) {
        QUnit.test(`MONKEY_SEED=${seed}`, async (assert) => {
            const server = await sharedOdoo();
            await server.waitForSockets(0);
            const profile = await profileOf("marc", server);
            try {
                const monkey = new BrowserMonkey(seed, server, profile);
                assert.deepEqual(await monkey.play(), []);
            } finally {
                await profile.close();
            }
        });
    }
});
