import QUnit from "qunit";
import type { TransportMemory, TransportName } from "../../static/src/core/transport_memory";
import {
    AdaptiveTransport,
    FIRST_PROBE,
    PATIENCE,
    PROOF,
    PROVEN_AGE,
    RACE_TIME,
} from "../../static/src/transport/adaptive_transport";
import { BLOCKED_TIME, Lives } from "../../static/src/transport/lives";
import {
    CloseCode,
    type OpenTransport,
    type Transport,
    type TransportListener,
} from "../../static/src/transport/transport";
import { FakeClock } from "../support/fake_clock";
import { TransportRecord } from "../support/transport_record";

/** A transport in the hands of the test. */
class Attempt implements Transport {
    isClosed = false;
    readonly sent: unknown[] = [];

    constructor(
        readonly name: TransportName,
        readonly listener: TransportListener
    ) {}

    send(event: string): void {
        this.sent.push(event);
    }

    close(): void {
        this.isClosed = true;
    }

    open(): this {
        this.listener.opened();
        return this;
    }

    end(code: number = CloseCode.ABNORMAL, reason = ""): void {
        this.isClosed = true;
        this.listener.closed({ code, reason });
    }
}

QUnit.module("choice of the transport", (hooks) => {
    let clock: FakeClock;
    let attempts: Attempt[];
    let record: TransportRecord;
    let memory: TransportMemory;
    let transport: AdaptiveTransport;

    hooks.beforeEach(() => {
        clock = new FakeClock();
        attempts = [];
        record = new TransportRecord();
        memory = {};
    });

    hooks.afterEach(() => transport.close());

    function start(): void {
        const opener =
            (name: TransportName): OpenTransport =>
            (_url, listener) => {
                const attempt = new Attempt(name, listener);
                attempts.push(attempt);
                return attempt;
            };
        transport = new AdaptiveTransport("ws://odoo.test/websocket", record, {
            clock,
            random: () => 1,
            lives: new Lives(clock, memory, (it) => (memory = it)),
            transports: {
                websocket: opener("websocket"),
                stream: opener("stream"),
                poll: opener("poll"),
            },
        });
    }

    /** The latest attempt with this one. */
    const last = (name: TransportName) => attempts.findLast((attempt) => attempt.name === name)!;
    /** Those that are neither closed nor over. */
    const living = () => attempts.filter(({ isClosed }) => !isClosed).map(({ name }) => name);
    const failures = () => memory.websocket?.failures ?? 0;
    const isBlocked = () => new Lives(clock, memory, () => {}).isBlocked("websocket");

    /** Serves by stream, for the websocket was refused. */
    function startWithStream(): void {
        start();
        last("websocket").end();
        last("stream").open();
        record.news();
    }

    QUnit.test("a websocket that opens is all there is", async (assert) => {
        start();
        last("websocket").open();
        transport.send("event", 1);
        last("websocket").listener.received([{ id: 1, message: { type: "t", payload: 0 } }]);
        await clock.pass(24 * 3_600_000);
        assert.deepEqual(record.news(), ["opened", "received 1"]);
        assert.deepEqual(last("websocket").sent, ["event"]);
        assert.equal(attempts.length, 1);
    });

    QUnit.test("where it is refused, a stream serves at once", (assert) => {
        start();
        last("websocket").end();
        assert.deepEqual(living(), ["stream"]);
        assert.deepEqual(record.news(), []);
        last("stream").open();
        assert.deepEqual(record.news(), ["opened"]);
        assert.equal(failures(), 1);
        transport.send("event", 1);
        assert.deepEqual(last("stream").sent, ["event"]);
    });

    QUnit.test("where it takes long, a stream serves meanwhile, and it takes over later", async (assert) => {
        start();
        await clock.pass(PATIENCE - 1);
        assert.deepEqual(living(), ["websocket"]);
        await clock.pass(1);
        assert.deepEqual(living(), ["websocket", "stream"]);
        last("stream").open();
        await clock.pass(PROOF - 1);
        last("websocket").open();
        await clock.pass(PROOF - 1);
        assert.deepEqual(record.news(), ["opened"]);
        await clock.pass(1);
        assert.deepEqual(record.news(), ["interrupted", "replaced"]);
        assert.deepEqual(living(), ["websocket"]);
        assert.equal(failures(), 0);
    });

    QUnit.test("the first that opens serves", async (assert) => {
        start();
        await clock.pass(PATIENCE);
        last("websocket").open();
        assert.deepEqual(record.news(), ["opened"]);
        assert.deepEqual(living(), ["websocket"]);
    });

    QUnit.test("a websocket that never opens loses a life", async (assert) => {
        start();
        await clock.pass(PATIENCE);
        last("stream").open();
        await clock.pass(PROOF);
        assert.deepEqual(living(), ["stream"]);
        assert.equal(failures(), 1);
    });

    QUnit.test("a server that is down costs no life", async (assert) => {
        start();
        last("websocket").end();
        last("stream").end();
        assert.deepEqual(record.news(), [`closed ${CloseCode.ABNORMAL}`]);
        assert.equal(failures(), 0);
        await clock.pass(3_600_000);
        assert.deepEqual(living(), []);
        assert.equal(attempts.length, 2, "a poll would go the same way");
    });

    QUnit.test("what the server says counts for more than a broken connection", (assert) => {
        start();
        last("websocket").end(CloseCode.ABNORMAL);
        const closure = { code: CloseCode.TRY_LATER, reason: "busy", retryAfter: 5_000 };
        last("stream").listener.closed(closure);
        assert.deepEqual(record.closure, closure);
    });

    QUnit.test("a websocket that is cut young makes way within the connection", (assert) => {
        start();
        last("websocket").open().end();
        assert.deepEqual(record.news(), ["opened", "interrupted"]);
        last("stream").open();
        assert.deepEqual(record.news(), ["interrupted", "replaced"]);
        assert.equal(failures(), 1);
    });

    QUnit.test("an old one that breaks has proved that it works", async (assert) => {
        memory = { websocket: { failures: 1, blockedUntil: 0 } };
        start();
        last("websocket").open();
        await clock.pass(PROVEN_AGE);
        last("websocket").end();
        assert.deepEqual(record.news(), ["opened", `closed ${CloseCode.ABNORMAL}`]);
        assert.equal(attempts.length, 1);
        assert.equal(failures(), 0);
    });

    QUnit.test("what the server closes is not cut", (assert) => {
        for (const code of [CloseCode.GOING_AWAY, CloseCode.SESSION_EXPIRED, CloseCode.CLEAN]) {
            start();
            last("websocket").open().end(code);
            assert.deepEqual(record.news(), ["opened", `closed ${code}`]);
        }
        assert.equal(attempts.length, 3);
    });

    QUnit.test("two failures block it, and the next connection begins with a stream", async (assert) => {
        for (let count = 1; count <= 2; count++) {
            startWithStream();
            assert.equal(failures(), count);
            transport.close();
        }
        assert.true(isBlocked());
        attempts = [];
        start();
        assert.deepEqual(living(), ["stream"]);
        transport.close();
        await clock.pass(BLOCKED_TIME);
        start();
        assert.deepEqual(living(), ["websocket"]);
    });

    QUnit.test("streams that are kept back make way for polls", (assert) => {
        startWithStream();
        last("stream").end(CloseCode.BUFFERED);
        assert.deepEqual(living(), ["poll"]);
        last("poll").open();
        assert.deepEqual(record.news(), ["interrupted", "interrupted", "replaced"]);
        assert.equal(memory.stream!.failures, 1);
    });

    QUnit.test("a better one is looked for ever more rarely", async (assert) => {
        startWithStream();
        const times: number[] = [];
        const begin = clock.now();
        for (let count = 0; count < 5; count++) {
            const before = attempts.length;
            while (attempts.length === before) {
                await clock.pass(1_000);
            }
            times.push((clock.now() - begin) / FIRST_PROBE);
            last("websocket").end();
        }
        assert.deepEqual(times, [1, 3, 7, 15, 31]);
        assert.deepEqual(record.news(), []);
        assert.true(isBlocked());
    });

    QUnit.test("one that is found has to last before it takes over", async (assert) => {
        memory = { websocket: { failures: 2, blockedUntil: clock.now() + BLOCKED_TIME } };
        start();
        last("stream").open();
        record.news();
        await clock.pass(FIRST_PROBE);
        last("websocket").open();
        await clock.pass(5_000);
        last("websocket").end();
        await clock.pass(PROOF);
        assert.deepEqual(record.news(), [], "a proxy cuts it after 5 s");
        await clock.pass(2 * FIRST_PROBE - 5_000 - PROOF);
        last("websocket").open();
        await clock.pass(PROOF);
        assert.deepEqual(record.news(), ["interrupted", "replaced"]);
        assert.deepEqual(living(), ["websocket"]);
        assert.false(isBlocked());
        await clock.pass(24 * 3_600_000);
        assert.deepEqual(living(), ["websocket"], "the best is there: nothing is looked for");
        transport.send("event", 1);
        assert.deepEqual(last("websocket").sent, ["event"]);
    });

    QUnit.test("what serves may end while a better one is on trial", async (assert) => {
        startWithStream();
        await clock.pass(FIRST_PROBE);
        last("websocket").open();
        last("stream").end();
        assert.deepEqual(record.news(), ["interrupted", "replaced"]);
        assert.deepEqual(living(), ["websocket"]);
        last("websocket").end(CloseCode.SESSION_EXPIRED);
        assert.deepEqual(record.news(), [`closed ${CloseCode.SESSION_EXPIRED}`]);
        await clock.pass(3_600_000);
        assert.deepEqual(living(), []);
    });

    QUnit.test("what the server ends takes what is on trial with it", async (assert) => {
        startWithStream();
        await clock.pass(FIRST_PROBE);
        last("websocket").open();
        last("stream").end(CloseCode.SESSION_EXPIRED);
        assert.deepEqual(record.news(), [`closed ${CloseCode.SESSION_EXPIRED}`]);
        assert.deepEqual(living(), []);
    });

    QUnit.test("where nothing opens it is given up", async (assert) => {
        start();
        await clock.pass(PATIENCE);
        last("stream").end();
        assert.deepEqual(record.news(), []);
        await clock.pass(RACE_TIME);
        assert.deepEqual(record.news(), [`closed ${CloseCode.ABNORMAL}`]);
        assert.deepEqual(living(), []);
        assert.equal(failures(), 0);
    });

    QUnit.test("once closed it does nothing more", async (assert) => {
        start();
        await clock.pass(PATIENCE);
        transport.close();
        assert.deepEqual(living(), []);
        await clock.pass(3_600_000);
        assert.equal(attempts.length, 2);
        assert.deepEqual(record.news(), []);
    });
});
