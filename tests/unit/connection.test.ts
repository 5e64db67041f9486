import QUnit from "qunit";
import type { BusEvent } from "../../static/src/core/messages";
import { Connection, PROBATION } from "../../static/src/hub/connection";
import { CloseCode, type TransportListener } from "../../static/src/transport/transport";
import { FakeClock } from "../support/fake_clock";

interface Attempt extends TransportListener {
    url: string;
    isClosed: boolean;
}

/** Event types, with the state where an event has one: what stock's consumers see, in order. */
const told = (events: BusEvent[]) =>
    events.splice(0).map(({ type, data }) => (typeof data === "string" ? data : type));

QUnit.module("connection", (hooks) => {
    let clock: FakeClock;
    let attempts: Attempt[];
    let events: BusEvent[];
    let calls: string[];
    let connection: Connection;
    const latest = () => attempts.at(-1)!;
    const fail = (code: number, reason = "") => latest().closed({ code, reason });

    hooks.beforeEach(() => {
        clock = new FakeClock();
        attempts = [];
        events = [];
        calls = [];
        connection = new Connection(
            clock,
            () => 0.5,
            (url, listener) => {
                const attempt = { ...listener, url, isClosed: false };
                attempts.push(attempt);
                return { send: () => {}, close: () => (attempt.isClosed = true) };
            },
            {
                event: (event) => events.push(event),
                connected: () => calls.push("connected"),
                received: () => calls.push("received"),
                disconnected: () => calls.push("disconnected"),
            }
        );
        connection.setURL("ws://server");
    });

    QUnit.test("connects once, however often it is asked to", (assert) => {
        assert.equal(connection.phase, "idle");
        connection.start();
        connection.start();
        assert.equal(connection.phase, "connecting");
        latest().opened();
        connection.start();
        assert.equal(connection.phase, "connected");
        assert.deepEqual(
            attempts.map(({ url }) => url),
            ["ws://server"]
        );
        assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:CONNECT"]);
        assert.deepEqual(calls, ["connected"]);
    });

    QUnit.test("reconnects as stock tells of it", async (assert) => {
        connection.start();
        latest().opened();
        told(events);
        fail(CloseCode.ABNORMAL);
        assert.equal(connection.phase, "waiting");
        assert.deepEqual(told(events), ["DISCONNECTED", "BUS:DISCONNECT", "BUS:RECONNECTING"]);
        await clock.pass(500);
        assert.equal(connection.phase, "connecting");
        assert.deepEqual(told(events), ["CONNECTING"]);
        fail(CloseCode.ABNORMAL);
        assert.deepEqual(told(events), ["DISCONNECTED"], "a failed retry is no new loss");
        await clock.pass(1_000);
        latest().opened();
        latest().received([]);
        assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:RECONNECT"]);
        assert.deepEqual(calls.slice(-3), ["disconnected", "connected", "received"]);
    });

    QUnit.test("tells codes and reasons", (assert) => {
        connection.start();
        latest().opened();
        told(events);
        fail(CloseCode.RESTART, "bye");
        assert.deepEqual(events.slice(1), [
            { type: "BUS:DISCONNECT", data: { code: CloseCode.RESTART, reason: "bye" } },
            { type: "BUS:RECONNECTING", data: { closeCode: CloseCode.RESTART } },
        ]);
    });

    QUnit.test("a clean close by the server is final until the next start", async (assert) => {
        connection.start();
        latest().opened();
        told(events);
        fail(CloseCode.CLEAN);
        assert.equal(connection.phase, "idle");
        assert.deepEqual(told(events), ["DISCONNECTED", "BUS:DISCONNECT"]);
        await clock.pass(100_000);
        assert.equal(attempts.length, 1);
        connection.start();
        latest().opened();
        assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:CONNECT"]);
    });

    QUnit.test("an outdated version rests until there is a new address", async (assert) => {
        connection.start();
        latest().opened();
        told(events);
        fail(CloseCode.CLEAN, "OUTDATED_VERSION");
        assert.deepEqual(told(events), ["DISCONNECTED", "BUS:DISCONNECT", "BUS:OUTDATED"]);
        connection.start();
        connection.stop();
        connection.setURL("ws://server");
        connection.start();
        await clock.pass(100_000);
        assert.equal(attempts.length, 1);
        assert.equal(connection.phase, "outdated");
        connection.setURL("ws://server?version=2");
        connection.start();
        assert.equal(latest().url, "ws://server?version=2");
    });

    QUnit.test("stopped, it closes and stays closed; started, it connects anew", async (assert) => {
        connection.start();
        latest().opened();
        told(events);
        connection.stop();
        connection.stop();
        assert.true(latest().isClosed);
        assert.equal(connection.phase, "idle");
        assert.deepEqual(told(events), ["DISCONNECTED", "BUS:DISCONNECT"]);
        await clock.pass(100_000);
        assert.equal(attempts.length, 1);
        connection.start();
        latest().opened();
        assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:CONNECT"], "as stock");
    });

    QUnit.test("stopped while it waits, it does not retry", async (assert) => {
        connection.start();
        fail(CloseCode.ABNORMAL);
        connection.stop();
        await clock.pass(100_000);
        assert.equal(attempts.length, 1);
    });

    QUnit.test("started while it waits, it connects soon, and only once", async (assert) => {
        connection.start();
        fail(CloseCode.ABNORMAL);
        connection.start();
        assert.equal(attempts.length, 1, "but it does not hammer");
        await clock.pass(1_000);
        assert.equal(attempts.length, 2);
        connection.start();
        await clock.pass(100_000);
        assert.equal(attempts.length, 2);
    });

    QUnit.test("closed for good, it says no word", async (assert) => {
        connection.start();
        latest().opened();
        told(events);
        connection.close();
        await clock.pass(100_000);
        assert.deepEqual(events, []);
        assert.true(latest().isClosed);
        assert.equal(attempts.length, 1);
    });

    QUnit.test("a handover that works is not told", (assert) => {
        connection.inherit("connected");
        assert.equal(connection.state, "CONNECTED");
        connection.start();
        latest().opened();
        assert.deepEqual(told(events), ["CONNECTED"], "which is news to pages just loaded only");
        assert.deepEqual(calls, ["connected"]);
        connection.reopen();
        assert.true(attempts[0]!.isClosed);
        latest().opened();
        assert.equal(attempts.length, 2);
        assert.deepEqual(told(events), ["CONNECTED"]);
    });

    QUnit.test("a handover that fails is told", (assert) => {
        connection.inherit("connected");
        connection.start();
        fail(CloseCode.ABNORMAL);
        assert.deepEqual(told(events), ["DISCONNECTED", "BUS:DISCONNECT", "BUS:RECONNECTING"]);
    });

    QUnit.test("after a lost connection of an earlier hub, it is a reconnection", (assert) => {
        connection.inherit("lost");
        connection.start();
        latest().opened();
        latest().received([]);
        assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:RECONNECT"]);
    });

    QUnit.test("only an open connection is reopened", (assert) => {
        connection.reopen();
        assert.equal(attempts.length, 0);
        connection.start();
        connection.reopen();
        assert.equal(attempts.length, 1);
    });

    QUnit.module("after a refusal", (hooks) => {
        hooks.beforeEach(async () => {
            connection.start();
            latest().opened();
            await clock.pass(60_000);
            fail(CloseCode.SESSION_EXPIRED);
            told(events);
            await clock.pass(500);
        });

        QUnit.test("what opens is told of when it has lasted for a while", async (assert) => {
            latest().opened();
            assert.equal(connection.phase, "connected");
            assert.deepEqual(calls.splice(0), ["connected", "disconnected", "connected"]);
            await clock.pass(PROBATION - 1);
            assert.deepEqual(told(events), ["CONNECTING"]);
            await clock.pass(1);
            assert.deepEqual(told(events), ["CONNECTED", "BUS:RECONNECT"]);
            latest().received([]);
            assert.deepEqual(told(events), []);
        });

        QUnit.test("or when the server has sent something", (assert) => {
            latest().opened();
            told(events);
            latest().received([]);
            assert.deepEqual(told(events), ["CONNECTED", "BUS:RECONNECT"]);
            assert.equal(calls.at(-1), "received");
        });

        QUnit.test("another refusal is not", async (assert) => {
            latest().opened();
            fail(CloseCode.SESSION_EXPIRED);
            await clock.pass(PROBATION);
            latest().opened();
            fail(CloseCode.SESSION_EXPIRED);
            const silent = ["CONNECTING", "DISCONNECTED", "CONNECTING", "DISCONNECTED"];
            assert.deepEqual(told(events), silent);
            await clock.pass(2_000);
            fail(CloseCode.ABNORMAL);
            await clock.pass(60_000);
            latest().opened();
            assert.equal(connection.state, "CONNECTING", "nor is one after an outage");
            connection.stop();
            told(events);
            connection.start();
            latest().opened();
            assert.deepEqual(told(events), ["CONNECTING", "CONNECTED", "BUS:CONNECT"]);
        });
    });

    QUnit.test("an outdated one is tried again when it would ask for something else", (assert) => {
        connection.start();
        latest().opened();
        fail(CloseCode.CLEAN, "OUTDATED_VERSION");
        connection.startOver();
        assert.equal(connection.phase, "idle");
        assert.equal(connection.state, "IDLE");
        connection.start();
        assert.equal(connection.phase, "connecting");
    });

    async function delaysOf(failures: number, code: number, isOpened: boolean): Promise<number[]> {
        const delays: number[] = [];
        connection.start();
        for (let failure = 0; failure < failures; failure++) {
            if (isOpened) {
                latest().opened();
            }
            fail(code);
            const [before, count] = [clock.now(), attempts.length];
            while (attempts.length === count) {
                await clock.pass(500);
            }
            delays.push(clock.now() - before);
        }
        return delays;
    }

    QUnit.test("failed attempts become rare", async (assert) => {
        const delays = await delaysOf(40, CloseCode.ABNORMAL, false);
        assert.deepEqual(delays.slice(0, 6), [500, 1_000, 2_000, 2_000, 2_000, 2_000]);
        assert.equal(delays.at(-1), 30_000);
        let outage = 0;
        for (const delay of delays) {
            // The random part is a half, and what is measured is rounded up to half a second.
            assert.true(delay < Math.max(4_000, outage / 3) / 2 + 500, `${delay} after ${outage} ms`);
            outage += delay;
        }
    });

    QUnit.test("so do connections that are opened only to be refused", async (assert) => {
        const delays = await delaysOf(8, CloseCode.SESSION_EXPIRED, true);
        assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    });

    QUnit.test("connections that served a while do not count as refused", async (assert) => {
        await delaysOf(4, CloseCode.SESSION_EXPIRED, true);
        latest().opened();
        await clock.pass(3_600_000);
        latest().received([]);
        const [delay] = await delaysOf(1, CloseCode.SESSION_EXPIRED, false);
        assert.equal(delay, 500);
    });

    QUnit.test("but not connections that are recycled as soon as they are open", async (assert) => {
        const delays = await delaysOf(5, CloseCode.KEEP_ALIVE_TIMEOUT, true);
        assert.equal(delays.at(-1), 8_000);
    });

    QUnit.test("connections that die as soon as they are open become rare", async (assert) => {
        const delays = await delaysOf(8, CloseCode.ABNORMAL, true);
        assert.true(delays.at(-1)! > 10_000, `${delays.at(-1)} ms`);
    });

    QUnit.test("a server that restarts gets its browsers back one by one", async (assert) => {
        const delays = await delaysOf(2, CloseCode.RESTART, true);
        assert.deepEqual(delays, [5_000, 5_000]);
    });

    QUnit.test("a recycled connection is replaced at once", async (assert) => {
        connection.start();
        latest().opened();
        fail(CloseCode.KEEP_ALIVE_TIMEOUT);
        await clock.pass(0);
        assert.equal(attempts.length, 2);
    });

    QUnit.test("another way to the server is no news for consumers", (assert) => {
        connection.start();
        latest().opened();
        told(events);
        calls.length = 0;
        latest().interrupted();
        latest().replaced();
        assert.deepEqual(calls, ["disconnected", "connected"], "but it has to be told all again");
        assert.deepEqual(told(events), []);
        assert.equal(attempts.length, 1);
    });

    QUnit.test("a server that asks for it is left alone", async (assert) => {
        connection.start();
        const begin = clock.now();
        latest().closed({ code: CloseCode.TRY_LATER, reason: "", retryAfter: 120_000 });
        await clock.pass(30_000);
        connection.start();
        await clock.pass(89_000);
        assert.equal(attempts.length, 1, "whatever a tab wants");
        while (attempts.length === 1) {
            await clock.pass(100);
        }
        const waited = clock.now() - begin;
        assert.true(waited >= 120_000 && waited <= 130_000, `${waited} ms`);
    });
});
