import QUnit from "qunit";
import { parseTransportMemory, type TransportMemory } from "../../static/src/core/transport_memory";
import { BLOCKED_TIME, Lives } from "../../static/src/transport/lives";
import { storedTransports } from "../../static/src/tab/transport_store";
import { FakeClock } from "../support/fake_clock";
import { FakeStorage } from "../support/fake_storage";

QUnit.module("lives of the transports", (hooks) => {
    let clock: FakeClock;
    let memory: TransportMemory;
    const make = (known: TransportMemory = {}) => new Lives(clock, known, (it) => (memory = it));

    hooks.beforeEach(() => {
        clock = new FakeClock();
        memory = {};
    });

    QUnit.test("two failures in a row block a transport for a while", async (assert) => {
        const lives = make();
        lives.lose("websocket");
        assert.false(lives.isBlocked("websocket"));
        lives.lose("websocket");
        assert.true(lives.isBlocked("websocket"));
        assert.false(lives.isBlocked("stream"));
        await clock.pass(BLOCKED_TIME);
        assert.false(lives.isBlocked("websocket"));
        lives.lose("websocket");
        assert.true(lives.isBlocked("websocket"), "one more is enough after that");
    });

    QUnit.test("what works has all its lives again", (assert) => {
        const lives = make();
        lives.lose("websocket");
        lives.restore("websocket");
        lives.lose("websocket");
        assert.false(lives.isBlocked("websocket"));
    });

    QUnit.test("the next hub knows what this one learnt", (assert) => {
        const lives = make();
        lives.lose("websocket");
        lives.lose("websocket");
        assert.true(make(JSON.parse(JSON.stringify(memory))).isBlocked("websocket"));
        lives.restore("websocket");
        assert.false(make(JSON.parse(JSON.stringify(memory))).isBlocked("websocket"));
    });

    QUnit.test("the page stores it; what is damaged counts as nothing", (assert) => {
        const storage = new FakeStorage();
        const store = storedTransports(() => storage.get(), "key");
        assert.deepEqual(store.load(), {});
        store.save({ websocket: { failures: 2, blockedUntil: 5 } });
        assert.deepEqual(store.load(), { websocket: { failures: 2, blockedUntil: 5 } });
        for (const text of ["", "1", "null", '{"websocket":1}', '{"websocket":{"failures":"x"}}']) {
            storage.get().setItem("key", text);
            assert.deepEqual(store.load(), {}, text);
        }
        assert.deepEqual(parseTransportMemory({}), {});
    });
});
