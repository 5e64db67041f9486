import QUnit from "qunit";
import type { Browser } from "playwright-core";
import { diagnose } from "../support/browser_flow";
import { launchBrowser, Rig } from "../support/browser_rig";
import { until } from "../support/browser_wait";

QUnit.module("thirty tabs at the same time", (hooks) => {
    let browser: Browser;
    hooks.before(async () => {
        browser = await launchBrowser();
    });
    hooks.after(() => browser.close());

    const TABS = 30;
    const CHANNELS = 10;
    const EVENTS = 2;

    QUnit.test("never exceed the rate that the server allows", (assert) =>
        Rig.use(browser, async (rig) => {
            const { server } = rig;
            const tabs = await rig.openConnectedTabs(TABS);
            const start = Date.now();
            await Promise.all(
                tabs.map((tab, index) =>
                    tab.page.evaluate(
                        ({ index, channelCount, eventCount }) => {
                            const { tab } = window.busPage;
                            for (let number = 0; number < channelCount; number++) {
                                tab.addChannel(`channel_${index}_${number}`);
                            }
                            for (let number = 0; number < eventCount; number++) {
                                tab.send("custom", { index, number });
                            }
                        },
                        { index, channelCount: CHANNELS, eventCount: EVENTS }
                    )
                )
            );
            const events = () => server.frames.filter(({ event }) => event === "custom");
            await until("all events", () => events().length >= TABS * EVENTS, 30_000);
            diagnose(`${TABS * EVENTS} events of ${TABS} tabs sent within ${Date.now() - start} ms`);
            const names = new Set(events().map(({ data }) => `${data.index}.${data.number}`));
            assert.equal(names.size, TABS * EVENTS, "each event arrives");
            assert.equal(events().length, TABS * EVENTS, "and once");
            for (let index = 0; index < TABS; index++) {
                const numbers = events().filter(({ data }) => data.index === index);
                assert.deepEqual(
                    numbers.map(({ data }) => data.number),
                    [0, 1],
                    `in the order of tab ${index}`
                );
            }
            const last = server.publish(`channel_${TABS - 1}_${CHANNELS - 1}`);
            await Promise.all(tabs.map((tab) => tab.untilArrived(last)));
            assert.false(server.sockets.some(({ isRateExceeded }) => isRateExceeded), "not too fast");
            assert.equal(server.attempts.length, 1, "one socket, ever");
            const subscriptions = server.frames.filter(({ event }) => event === "subscribe").length;
            diagnose(`${subscriptions} subscriptions for ${TABS * CHANNELS} channels`);
            assert.true(subscriptions <= 10, `${subscriptions} subscriptions`);
        })
    );
});
