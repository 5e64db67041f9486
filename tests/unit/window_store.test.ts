import QUnit from "qunit";
import sinon from "sinon";
import type { WindowState } from "../../static/src/core/resume_window";
import { storedTerms } from "../../static/src/host/election";
import { firstWindow, storedWindow, type WindowStore } from "../../static/src/tab/window_store";
import { FakeClock } from "../support/fake_clock";
import { FakeStorage } from "../support/fake_storage";

const nothing: WindowState = { point: 0, recent: [] };

QUnit.module("window store", (hooks) => {
    let storage: FakeStorage;
    let store: WindowStore;
    let warn: sinon.SinonStub;

    hooks.beforeEach(() => {
        storage = new FakeStorage();
        store = storedWindow(() => storage.get(), "key");
        warn = sinon.stub(console, "warn");
    });
    hooks.afterEach(() => warn.restore());

    QUnit.test("loads what was saved", (assert) => {
        assert.deepEqual(store.load(), nothing);
        const state: WindowState = { point: 3, recent: [[5, 1_000]] };
        store.save(state);
        assert.deepEqual(store.load(), state);
    });

    QUnit.test("does not go back", (assert) => {
        const state: WindowState = { point: 3, recent: [[5, 1_000]] };
        store.save(state);
        store.save({ point: 4, recent: [] });
        assert.deepEqual(store.load(), state);
        store.save({ point: 5, recent: [] });
        assert.deepEqual(store.load(), { point: 5, recent: [] });
    });

    QUnit.test("damaged entries count as none", (assert) => {
        ["", "{", "null", '"text"', '{"point":"x","recent":[]}'].forEach((text) => {
            storage.setItem("key", text);
            assert.deepEqual(store.load(), nothing, text);
        });
        store.save({ point: 5, recent: [] });
        assert.deepEqual(store.load(), { point: 5, recent: [] }, "and are replaced");
    });

    QUnit.test("full or forbidden storage is warned of once, and harms nobody", (assert) => {
        storage.isFull = true;
        store.save({ point: 5, recent: [] });
        storage.isForbidden = true;
        store.save({ point: 6, recent: [] });
        assert.deepEqual(store.load(), nothing);
        assert.equal(warn.callCount, 1);
    });
});

QUnit.module("terms", () => {
    QUnit.test("are known to all tabs", (assert) => {
        const storage = new FakeStorage();
        const [one, other] = [0, 1].map(() => storedTerms(() => storage.get(), "key"));
        assert.equal(one!.latest(), 0);
        assert.true(one!.save(3));
        assert.equal(other!.latest(), 3);
        storage.setItem("key", "damaged");
        assert.equal(one!.latest(), 3, "what it knows itself");
    });

    QUnit.test("where storage is full or forbidden, a tab knows its own", (assert) => {
        const storage = new FakeStorage();
        const terms = storedTerms(() => storage.get(), "key");
        storage.isFull = true;
        assert.false(terms.save(5));
        assert.equal(terms.latest(), 5);
        storage.isForbidden = true;
        assert.false(terms.save(6));
        assert.equal(terms.latest(), 6);
    });
});

QUnit.module("first window of a page", () => {
    const clock = new FakeClock();
    const store = (state: WindowState) => ({ load: () => state, save: () => {} });

    QUnit.test("begins where the browser left off, if that is before the page", (assert) => {
        const snapshot = { settledId: 10, recentIds: [11, 12] };
        const stored: WindowState = { point: 5, recent: [[7, 1]] };
        const { point, recent } = firstWindow(snapshot, store(stored), clock);
        assert.equal(point, 5);
        assert.deepEqual(
            recent.map(([id]) => id),
            [7, 11, 12]
        );
    });

    QUnit.test("does not take for its own what others stored after it was made", (assert) => {
        const snapshot = { settledId: 10, recentIds: [12] };
        const stored: WindowState = { point: 10, recent: [11, 12, 13].map((id) => [id, 1]) };
        const { recent } = firstWindow(snapshot, store(stored), clock);
        assert.deepEqual(
            recent.map(([id]) => id),
            [12],
            "11 committed late, 13 came later"
        );
    });
});
