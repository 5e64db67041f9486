import QUnit from "qunit";
import { CLAIM_TIMEOUT } from "../../static/src/tab/claims";
import { LARGEST_AGE, LEASE, PATIENCE } from "../../static/src/hub/claims";
import { Browser, type Page } from "../support/fake_browser";

/** Until another tab has it, in milliseconds, when the one that had it does not begin. */
const RELEASE = LEASE + 700;
const INTERVAL = 1_000;

QUnit.module("claims", (hooks) => {
    let browser: Browser;
    let pages: Page[];
    /** Pages that were told yes, with the event, in order. */
    let won: string[];

    hooks.beforeEach(async () => {
        browser = new Browser();
        won = [];
        pages = await browser.openAll(4);
    });

    const master = () => browser.masters[0]!;
    const others = () => pages.filter((page) => page !== master());

    function ask(page: Page, key = "event", isSound = false): Promise<boolean> {
        const answer = page.tab.claims.ask(key, isSound);
        void answer.then((isOurs) => isOurs && page.isAlive && won.push(`${page.id} ${key}`));
        return answer;
    }

    const askAll = (key?: string, isSound?: boolean) =>
        Promise.all(browser.living.map((page) => ask(page, key, isSound)));

    QUnit.test("the master tab gets it, and all get an answer", async (assert) => {
        const answers = askAll();
        await browser.pass(100);
        assert.deepEqual(
            await answers,
            pages.map((page) => page === master())
        );
        assert.equal(won.length, 1);
    });

    QUnit.test("who asks late, or again, is told the same", async (assert) => {
        const [late, ...early] = others();
        [master(), ...early].forEach((page) => ask(page));
        await browser.pass(1_000);
        void ask(late!);
        void ask(master());
        await browser.pass(100);
        assert.deepEqual(won, [`${master().id} event`, `${master().id} event`]);
        await browser.pass(CLAIM_TIMEOUT);
        assert.equal(won.length, 2);
    });

    QUnit.test("another gets it where the master tab has not heard of it", async (assert) => {
        const [first, second] = others();
        void ask(first!);
        void ask(second!);
        await browser.pass(PATIENCE - 50);
        assert.deepEqual(won, []);
        await browser.pass(100);
        assert.deepEqual(won, [`${first!.id} event`]);
    });

    const halts: Record<string, (page: Page) => void> = {
        closed: (page) => page.close(),
        crashed: (page) => page.crash(),
        frozen: (page) => page.freeze(),
        "put into the back/forward cache": (page) => page.suspend(),
    };
    for (const [halt, stop] of Object.entries(halts)) {
        for (const isHost of [true, false]) {
            QUnit.test(`once, with a master tab ${halt} ${isHost ? "that" : "not"} hosting`, async (assert) => {
                if (!isHost) {
                    browser.host.tab.resignMastership();
                    await browser.settle();
                }
                const before = master();
                void askAll();
                // The grant is on its way.
                await browser.pass(1);
                stop(before);
                await browser.pass(4_000);
                assert.equal(won.length, 1, won.join());
                assert.notEqual(won[0], `${before.id} event`);
                if (before.process.isFrozen) {
                    before.thaw();
                    before.tab.join();
                    await browser.pass(CLAIM_TIMEOUT);
                    assert.equal(won.length, 1, `after the thaw: ${won.join()}`);
                }
            });
        }
    }

    for (const isHost of [true, false]) {
        for (const isSound of [true, false]) {
            const what = `${isSound ? "a sound" : "an event"} whose master tab, ${isHost ? "the" : "not the"} host,`;
            const crashAt = async (hasActed: boolean) => {
                if (!isHost) {
                    browser.host.tab.resignMastership();
                    await browser.settle();
                }
                const page = master();
                // In real browsers what it stores outruns what it says; whatever it says too early arrives.
                browser.channels.loses = (message) =>
                    hasActed && message.kind === "claimed" && message.tab === page.id;
                let isAllowed = false;
                void page.tab.claims.ask("event", isSound).then(() => {
                    isAllowed = true;
                    if (!hasActed) {
                        page.crash();
                    }
                });
                others().forEach((it) => void ask(it, "event", isSound));
                while (!isAllowed) {
                    await browser.pass(1);
                }
                page.crash();
                await browser.pass(CLAIM_TIMEOUT);
            };

            QUnit.test(`${what} crashes as it is about to act: another does`, async (assert) => {
                await crashAt(false);
                assert.equal(won.length, 1, won.join());
            });

            QUnit.test(`${what} crashes before its word that it has acted is out: another does`, async (assert) => {
                await crashAt(true);
                assert.equal(won.length, 1, won.join());
            });
        }
    }

    QUnit.test("a tab says that it has begun when that is so, and at once", async (assert) => {
        const words = () => browser.channels.ofKind("claimed").map(({ outcome }) => outcome);
        let before: string[] | null = null;
        // As a consumer asks that other modules have wrapped.
        const wrapped = async () => await (async () => await ask(master()))();
        void wrapped().then(() => (before = words()));
        while (!before) {
            await browser.pass(1);
        }
        assert.deepEqual(before, []);
        assert.deepEqual(words(), ["taken"], "before any time has passed");
    });

    QUnit.test("a sound that is refused at once was never begun", async (assert) => {
        const { id, tab } = master();
        void ask(master(), "sound", true).then(() => {
            tab.usage.setAudibility("muted");
            void tab.claims.refuse("sound");
        });
        others().forEach((page) => void ask(page, "sound", true));
        await browser.pass(1_000);
        const words = browser.channels.ofKind("claimed").map((it) => [it.tab === id, it.outcome]);
        assert.deepEqual(words, [[true, "refused"], [false, "taken"]]);
        assert.equal(won.length, 2);
    });

    QUnit.test("once, with a tab that is closed as soon as it has begun, and one that hears of it later", async (assert) => {
        pages.slice(2).forEach((page) => page.close());
        await browser.settle();
        const [late] = others();
        late!.process.freeze();
        void ask(master());
        void ask(master(), "sound", true);
        while (won.length < 2) {
            await browser.pass(1);
        }
        master().close();
        late!.process.thaw();
        await browser.settle();
        assert.true(late!.tab.isHost);
        assert.false(await waitFor(ask(late!), CLAIM_TIMEOUT));
        assert.false(await waitFor(ask(late!, "sound", true), CLAIM_TIMEOUT));
    });

    QUnit.test("once, with a master tab that crashes when it has begun, and others that hear of it later", async (assert) => {
        const before = master();
        assert.true(before.tab.isHost);
        void ask(before);
        void ask(before, "sound", true);
        while (won.length < 2) {
            await browser.pass(1);
        }
        // Its word arrives.
        await browser.pass(1);
        before.crash();
        void askAll();
        void askAll("sound", true);
        await browser.pass(INTERVAL / 2);
        void askAll("another sound", true);
        await browser.pass(CLAIM_TIMEOUT);
        assert.equal(won.length, 2, won.join());
    });

    QUnit.test("once, with a hub that goes after the grant", async (assert) => {
        browser.host.tab.resignMastership();
        await browser.settle();
        void askAll();
        await browser.pass(3);
        browser.host.close();
        await browser.pass(CLAIM_TIMEOUT);
        assert.equal(won.length, 1, won.join());
    });

    QUnit.test("nobody gets what one tab says is not needed", async (assert) => {
        const [reader, ...rest] = others();
        reader!.tab.usage.setAttention("focused");
        await browser.pass(100);
        [master(), ...rest].forEach((page) => void ask(page));
        await browser.pass(PATIENCE / 2);
        reader!.tab.claims.spare("event");
        await browser.pass(CLAIM_TIMEOUT);
        assert.deepEqual(won, []);
    });

    QUnit.test("a tab that resigned gets nothing", async (assert) => {
        const before = master();
        before.tab.resignMastership();
        assert.false(await ask(before));
    });

    QUnit.test("the answer comes even when no hub does", async (assert) => {
        browser.channels.loses = () => true;
        let answer: boolean | null = null;
        void ask(browser.openPage()).then((it) => (answer = it));
        await browser.pass(CLAIM_TIMEOUT);
        assert.false(answer);
    });

    QUnit.test("several sounds within the interval are one, and later ones more", async (assert) => {
        ["1", "2", "3"].forEach((key) => void askAll(key, true));
        await browser.pass(INTERVAL / 2);
        void askAll("4", true);
        await browser.pass(INTERVAL);
        void askAll("5", true);
        await browser.pass(INTERVAL);
        assert.deepEqual(won, [`${master().id} 1`, `${master().id} 5`]);
    });

    QUnit.test("the interval outlasts the hub", async (assert) => {
        void askAll("1", true);
        await browser.pass(300);
        browser.host.close();
        await browser.pass(200);
        void askAll("2", true);
        await browser.pass(CLAIM_TIMEOUT);
        assert.equal(won.length, 1, won.join());
    });

    QUnit.test("a sound goes on to a tab that can be heard", async (assert) => {
        const before = master();
        const answers = askAll("sound", true);
        await browser.pass(20);
        assert.deepEqual(won, [`${before.id} sound`]);
        before.tab.usage.setAudibility("muted");
        void before.tab.claims.refuse("sound");
        await browser.pass(1_000);
        assert.equal((await answers).filter(Boolean).length, 2);
        assert.equal(new Set(won).size, 2);
        await browser.pass(1_000);
        assert.notEqual(master(), before, "which is the master tab from then on");
    });

    QUnit.test("a sound waits a while for the user to click, and is then forgotten", async (assert) => {
        pages.forEach(({ tab }) => tab.usage.setAudibility("muted"));
        await browser.pass(100);
        for (const delay of [LARGEST_AGE - 100, LARGEST_AGE + 100]) {
            won = [];
            void askAll(`sound ${delay}`, true);
            await browser.pass(delay);
            pages[2]!.tab.usage.setAudibility("heard");
            await browser.pass(100);
            assert.equal(won.length, delay < LARGEST_AGE ? 1 : 0);
            pages[2]!.tab.usage.setAudibility("muted");
            await browser.pass(2 * INTERVAL);
        }
    });

    QUnit.test("the tab that was refused may try again when it was clicked", async (assert) => {
        browser = new Browser();
        const [page] = await browser.openAll(1);
        assert.true(await waitFor(ask(page!, "sound", true), 50));
        page!.tab.usage.setAudibility("muted");
        const again = page!.tab.claims.refuse("sound");
        await browser.pass(1_000);
        page!.tab.usage.setAudibility("heard");
        assert.true(await waitFor(again, 50));
    });

    QUnit.test("a tab that is busy loses it to another, and is not asked again", async (assert) => {
        const before = master();
        void askAll();
        before.process.freeze();
        await browser.pass(RELEASE);
        before.process.thaw();
        await browser.pass(CLAIM_TIMEOUT);
        assert.equal(won.length, 1, won.join());
        assert.notEqual(won[0], `${before.id} event`);
    });

    /** The answer; time passes until it comes. */
    async function waitFor(answer: Promise<boolean>, time: number): Promise<boolean> {
        await browser.pass(time);
        return answer;
    }
});
