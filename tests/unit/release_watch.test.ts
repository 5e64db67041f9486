import QUnit from "qunit";
import type { BusEvent } from "../../static/src/core/messages";
import { ReleaseWatch } from "../../static/src/tab/release_watch";
import { CloseCode, OUTDATED_VERSION } from "../../static/src/transport/transport";
import { Browser, type Page } from "../support/fake_browser";
import { FakeChannels } from "../support/fake_channels";
import { FakeClock, Process } from "../support/fake_clock";

QUnit.module("release watch", (hooks) => {
    let clock: FakeClock;
    let channels: FakeChannels;
    /** The pages that were told to give way. */
    let replaced: string[];

    const watch = (page: string, build: string, startedAt: number) => {
        const process = new Process(clock);
        const releases = new ReleaseWatch(
            { kind: "release", build, startedAt },
            (name, receive) => channels.open(process, name, receive),
            () => replaced.push(page)
        );
        releases.open("releases");
        return releases;
    };

    hooks.beforeEach(() => {
        clock = new FakeClock();
        channels = new FakeChannels();
        replaced = [];
    });

    QUnit.test("pages of one build leave each other alone", async (assert) => {
        watch("a", "1", 1);
        await clock.pass(10);
        watch("b", "1", 2);
        await clock.pass(10);
        assert.deepEqual(replaced, []);
        assert.equal(channels.posted.length, 2, "each speaks once");
    });

    for (const [older, newer] of [
        ["1", "2"],
        ["2", "1"],
    ] as const) {
        QUnit.test(`build ${older} gives way to ${newer}, loaded later`, async (assert) => {
            watch("a", older, 1);
            watch("b", older, 2);
            await clock.pass(10);
            watch("c", newer, 3);
            await clock.pass(10);
            assert.deepEqual(replaced.sort(), ["a", "b"]);
        });

        QUnit.test(`build ${older} hears of ${newer} also when it comes back`, async (assert) => {
            watch("c", newer, 3);
            await clock.pass(10);
            watch("a", older, 1);
            await clock.pass(10);
            assert.deepEqual(replaced, ["a"]);
        });
    }

    for (const [first, second] of [
        ["1", "2"],
        ["2", "1"],
    ] as const) {
        const title = `of ${first} and ${second}, loaded at the same time, one gives way`;
        QUnit.test(title, async (assert) => {
            watch(first, first, 1);
            watch(second, second, 1);
            await clock.pass(10);
            assert.deepEqual(replaced, ["1"]);
        });
    }

    QUnit.test("hears nothing any more after it is closed", async (assert) => {
        const releases = watch("a", "1", 1);
        releases.close();
        watch("b", "2", 2);
        await clock.pass(10);
        assert.deepEqual(replaced, []);
        releases.open("releases");
        await clock.pass(10);
        assert.deepEqual(replaced, ["a"]);
    });
});

QUnit.module("pages of two builds", (hooks) => {
    let browser: Browser;

    hooks.beforeEach(() => {
        browser = new Browser();
    });

    /** The server has another build; its next page is loaded. */
    function upgrade(build: string): Page {
        browser.build = build;
        return browser.open("all");
    }

    /** What stock's consumers are told where the server refuses the version of a page. */
    const FAREWELL: BusEvent[] = [
        { type: "BUS:WORKER_STATE_UPDATED", data: "DISCONNECTED" },
        { type: "BUS:DISCONNECT", data: { code: CloseCode.CLEAN, reason: OUTDATED_VERSION } },
        { type: "BUS:OUTDATED" },
    ];

    async function expectGone(assert: Assert, page: Page): Promise<void> {
        assert.deepEqual(page.events.slice(-3), FAREWELL, `${page.id} is told`);
        const told = page.changes.filter((type) => type === "BUS:OUTDATED");
        assert.equal(told.length, 1, "once");
        assert.false(page.isMaster);
        assert.false(await page.tab.isMaster());
        assert.false(page.tab.isHost);
        assert.false(page.tab.isInside);
    }

    async function expectInCharge(assert: Assert, page: Page): Promise<void> {
        assert.true(page.tab.isHost, `${page.id} is host`);
        assert.true(await page.tab.isMaster());
        assert.equal(page.workerState, "CONNECTED");
        assert.equal(browser.server.open.length, 1, "the others hold no connection");
        assert.false(page.changes.includes("BUS:OUTDATED"));
        const seen = page.ids.length;
        const id = browser.server.publish("all");
        await browser.pass(100);
        assert.deepEqual(page.ids.slice(seen), [id]);
    }

    for (const [older, newer] of [
        ["build1", "build2"],
        ["build2", "build1"],
    ] as const) {
        QUnit.test(`${newer}, loaded later, takes over from ${older}`, async (assert) => {
            browser.build = older;
            const pages = await browser.openAll(3);
            const page = upgrade(newer);
            await browser.pass(1_000);
            await expectInCharge(assert, page);
            for (const outdated of pages) {
                await expectGone(assert, outdated);
                assert.deepEqual(outdated.ids, [], "nothing that came later");
            }
            await browser.pass(600_000);
            await expectInCharge(assert, page);
            await expectGone(assert, pages[0]!);
        });
    }

    QUnit.test("a page whose consumers start later is told by then, once", async (assert) => {
        const [joined, asking] = [browser.openPage(), browser.openPage()];
        joined.tab.join();
        let isMaster: boolean | undefined;
        await browser.settle();
        const page = upgrade("build2");
        void asking.tab.isMaster().then((it) => (isMaster = it));
        await browser.settle();
        assert.false(isMaster, "also where the answer was under way");
        assert.deepEqual([...joined.events, ...asking.events], [], "nobody listens yet");
        for (const outdated of [joined, asking]) {
            outdated.tab.start();
            outdated.tab.addChannel("all");
            await browser.settle();
            assert.deepEqual(outdated.events, FAREWELL);
            await expectGone(assert, outdated);
        }
        await expectInCharge(assert, page);
    });

    QUnit.test("an outdated page does not hear of further builds", async (assert) => {
        const [outdated] = await browser.openAll(1);
        upgrade("build2");
        await browser.settle();
        const page = upgrade("build3");
        await browser.settle();
        await expectGone(assert, outdated!);
        await expectInCharge(assert, page);
    });

    QUnit.test("it is not told again when its consumers start anew", async (assert) => {
        const [outdated] = await browser.openAll(1);
        upgrade("build2");
        await browser.settle();
        outdated!.tab.stop();
        outdated!.tab.start();
        await browser.settle();
        await expectGone(assert, outdated!);
    });

    QUnit.test("what an outdated page says reaches nobody", async (assert) => {
        const [outdated] = await browser.openAll(1);
        upgrade("build2");
        await browser.settle();
        const posted = browser.channels.posted.length;
        outdated!.tab.addChannel("late");
        outdated!.tab.send("event", null);
        outdated!.tab.resubscribe();
        outdated!.tab.setOnline(false);
        outdated!.tab.stop();
        await browser.pass(100);
        const kinds = browser.channels.posted.slice(posted).map(({ kind }) => kind);
        const ofOthers = ["beat", "here"];
        assert.deepEqual(
            kinds.filter((kind) => !ofOthers.includes(kind)),
            []
        );
        assert.equal(browser.server.open.length, 1);
    });

    QUnit.test("a page of the same build, loaded later, changes nothing", async (assert) => {
        const [first] = await browser.openAll(1);
        browser.open("all");
        await browser.settle();
        await expectInCharge(assert, first!);
    });

    QUnit.test("nothing of one build's channel reaches the other", async (assert) => {
        const [first] = await browser.openAll(1);
        // They don't know of each other yet.
        browser.channels.loses = ({ kind }) => String(kind) === "release";
        const other = upgrade("build2");
        await browser.pass(1_000);
        const id = browser.server.publish("all");
        await browser.pass(100);
        assert.deepEqual(first!.ids, [id]);
        assert.deepEqual(other.events, []);
        assert.deepEqual(browser.server.connection.subscriptions.length, 1);
    });

    QUnit.module("an older page that was away", () => {
        for (const [way, leave, comeBack] of [
            ["suspended", (page: Page) => page.suspend(), (page: Page) => page.resume()],
            ["frozen", (page: Page) => page.freeze(), (page: Page) => page.thaw()],
        ] as const) {
            QUnit.test(`${way}, gives way when it is back`, async (assert) => {
                const [host, sleeper] = await browser.openAll(2);
                leave(sleeper!);
                const page = upgrade("build2");
                await browser.pass(60_000);
                await expectGone(assert, host!);
                assert.false(sleeper!.changes.includes("BUS:OUTDATED"), "asleep");
                comeBack(sleeper!);
                await browser.settle();
                await expectGone(assert, sleeper!);
                await expectInCharge(assert, page);
            });
        }

        QUnit.test("as a frozen host, is replaced, and gives way when it thaws", async (assert) => {
            const [host] = await browser.openAll(1);
            host!.freeze();
            const page = upgrade("build2");
            await browser.settle();
            assert.true(page.tab.isHost);
            assert.equal(page.workerState, "CONNECTED");
            await browser.pass(60_000);
            host!.thaw();
            await browser.settle();
            await expectGone(assert, host!);
            await expectInCharge(assert, page);
        });
    });

    QUnit.test("of two that were loaded at the same time, one gives way", async (assert) => {
        const one = browser.open("all");
        const other = upgrade("build2");
        await browser.settle();
        await expectGone(assert, one);
        await expectInCharge(assert, other);
    });

    QUnit.test("take over from each other on plain http too", async (assert) => {
        browser.isSecure = false;
        const [first] = await browser.openAll(2);
        const page = upgrade("build2");
        await browser.pass(1_000);
        await expectGone(assert, first!);
        await expectInCharge(assert, page);
    });
});
