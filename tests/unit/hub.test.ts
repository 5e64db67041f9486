import QUnit from "qunit";
import { NO_CLAIMS } from "../../static/src/core/claim";
import type { BusMessage, Channel, Draft, Hello, TabMessage, Term } from "../../static/src/core/messages";
import { RELAY_LOG_LENGTH } from "../../static/src/core/sequence";
import { Hub } from "../../static/src/hub/hub";
import { Browser, SCOPE } from "../support/fake_browser";
import { FakeServer } from "../support/fake_bus_server";
import { FakeChannels } from "../support/fake_channels";
import { FakeClock, Process } from "../support/fake_clock";
import { tabState } from "../support/tab_state";

const TERM = 2;

QUnit.module("hub", (hooks) => {
    let clock: FakeClock;
    let channels: FakeChannels;
    let server: FakeServer;
    let process: Process;
    let tab: Channel<BusMessage>;

    hooks.beforeEach(async () => {
        clock = new FakeClock();
        channels = new FakeChannels();
        server = new FakeServer(clock);
        process = new Process(clock);
        tab = channels.open(new Process(clock), "channel", () => {});
        new Hub({
            term: TERM,
            hello: hello(),
            scope: SCOPE,
            dormantAfter: 60_000,
            beepInterval: 1_000,
            browser: null,
            transports: {},
            channel: "channel",
            clock: process,
            random: () => 0.5,
            locks: undefined,
            openChannel: (name, receive) => channels.open(process, name, receive),
            openTransport: server.transport(process, SCOPE),
        });
        await clock.pass(1_000);
    });

    const hello = (): Hello => ({
        kind: "hello",
        tab: "tab1",
        state: tabState({ channels: ["all"] }),
        window: { point: 1, recent: [] },
        outbox: [],
        isWaiting: true,
        position: 0,
        claims: NO_CLAIMS,
    });

    function say(message: Draft<TabMessage>, term: Term = TERM): void {
        tab.post({ ...message, term } as TabMessage);
    }

    const saidByHub = () => channels.posted.filter((message) => "isHub" in message);

    async function saidInAnswerTo(message: Draft<TabMessage>, term: Term): Promise<string[]> {
        const before = saidByHub().length;
        say(message, term);
        await clock.pass(20);
        return saidByHub()
            .slice(before)
            .map(({ kind }) => kind)
            .filter((kind) => kind !== "beat");
    }

    const letter = { number: 1, event: "event", data: null };
    const words: Draft<TabMessage>[] = [
        hello(),
        { kind: "send", tab: "tab1", letter },
        { kind: "hole", tab: "tab1", from: 1, to: 1 },
        { kind: "goodbye", tab: "tab1" },
        { kind: "command", command: "resubscribe" },
        { kind: "inquire", tab: "tab1" },
    ];
    for (const word of words) {
        QUnit.test(`closes at the "${word.kind}" of a tab with a higher term`, async (assert) => {
            assert.equal(server.open.length, 1);
            process.freeze();
            await clock.pass(20);
            const said = saidByHub().length;
            const frames = server.connection.frames.length;
            say(word, TERM + 1);
            await clock.pass(60_000);
            server.publish("all");
            await clock.pass(20);
            process.thaw();
            await clock.pass(60_000);
            const kinds = saidByHub().slice(said).map(({ kind }) => kind);
            assert.deepEqual(kinds, [], "it says nothing, and its heart beats no more");
            assert.equal(server.open.length, 0);
            assert.equal(server.connections.length, 1);
            assert.equal(server.connections[0]!.frames.length, frames, "it sends nothing");
        });
    }

    QUnit.test("takes what tabs of its own or a lower term say", async (assert) => {
        const send: Draft<TabMessage> = { kind: "send", tab: "tab1", letter };
        assert.deepEqual(await saidInAnswerTo(send, TERM - 1), ["receipt"]);
        assert.deepEqual(await saidInAnswerTo({ kind: "inquire", tab: "tab1" }, TERM), ["report"]);
        assert.equal(server.open.length, 1);
    });

    QUnit.test("ignores holes in what the hub before relayed", async (assert) => {
        const known: Draft<TabMessage> = { kind: "hole", tab: "tab1", from: 1, to: 2 };
        const unknown: Draft<TabMessage> = { kind: "hole", tab: "tab1", from: 90, to: 99 };
        for (const hole of [known, unknown]) {
            assert.deepEqual(await saidInAnswerTo(hole, TERM - 1), []);
        }
        say(hello());
        await clock.pass(20);
        assert.equal(server.connections.length, 1, "nothing has to be repeated");
        assert.deepEqual(await saidInAnswerTo(known, TERM), ["relay"]);
        assert.deepEqual(await saidInAnswerTo(unknown, TERM), ["gap"]);
    });
});

QUnit.module("a hub that has relayed much", (hooks) => {
    let browser: Browser;

    hooks.beforeEach(async () => {
        browser = new Browser();
        await browser.openAll(1);
    });

    async function publish(count: number): Promise<number[]> {
        const ids: number[] = [];
        for (let index = 0; index < count; index++) {
            ids.push(browser.server.publish("all"));
        }
        await browser.pass(100);
        return ids;
    }

    const many = RELAY_LOG_LENGTH + 10;

    QUnit.test("lets the server give a page just loaded all since it was made", async (assert) => {
        await publish(5);
        const page = browser.openPage();
        const ids = await publish(many);
        page.tab.addChannel("all");
        await browser.settle();
        assert.deepEqual(page.ids, ids);
        assert.equal(browser.server.open.length, 1);
        const [first] = browser.pages;
        assert.deepEqual(first!.changes, ["BUS:CONNECT"], "the others see nothing of it");
        assert.equal(new Set(first!.ids).size, first!.ids.length);
        const next = await publish(1);
        assert.deepEqual(page.ids, [...ids, ...next]);
    });

    QUnit.test("gives a page all by itself if what it lacks is still there", async (assert) => {
        await publish(many);
        await browser.pass(60_000);
        const page = browser.openPage();
        const ids = await publish(RELAY_LOG_LENGTH - 10);
        page.tab.addChannel("all");
        await browser.settle();
        assert.deepEqual(page.ids, ids);
        assert.equal(browser.server.connections.length, 1);
    });
});
