import QUnit from "qunit";
import { storedClaims } from "../../static/src/tab/claim_store";
import { FakeStorage } from "../support/fake_storage";

QUnit.module("claim store", (hooks) => {
    let storage: FakeStorage;
    const store = () => storedClaims(() => storage.get(), "claims");

    hooks.beforeEach(() => {
        storage = new FakeStorage();
    });

    QUnit.test("keeps the latest deeds, and when one was a sound", (assert) => {
        assert.deepEqual(store().load(), { settled: [], beepedAt: 0 });
        store().add("0", 7);
        for (let number = 1; number <= 50; number++) {
            store().add(String(number), number === 30 ? 5 : 0);
        }
        const { settled, beepedAt } = store().load();
        assert.equal(settled.length, 50);
        assert.deepEqual([settled[0], settled.at(-1)], ["1", "50"]);
        assert.equal(beepedAt, 7);
        store().remove("50");
        assert.false(store().load().settled.includes("50"), "a sound that nobody heard");
        assert.equal(store().load().beepedAt, 0);
    });

    QUnit.test("takes nonsense for nothing", (assert) => {
        for (const nonsense of ["{", "null", "[]", '{"settled":"1","beepedAt":0}', '{"settled":[1],"beepedAt":0}']) {
            storage.get().setItem("claims", nonsense);
            assert.deepEqual(store().load(), { settled: [], beepedAt: 0 }, nonsense);
            store().add("1", 0);
            assert.deepEqual(store().load().settled, ["1"]);
        }
    });

    QUnit.test("does without a storage", (assert) => {
        const forbidden = storedClaims(() => {
            throw new Error("forbidden");
        }, "claims");
        forbidden.add("1", 0);
        assert.deepEqual(forbidden.load(), { settled: [], beepedAt: 0 });
    });
});
