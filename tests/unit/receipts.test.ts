import QUnit from "qunit";
import { Receipts } from "../../static/src/core/receipts";

QUnit.module("receipts", () => {
    /** Tells something, until the test lets it be done. */
    function teller() {
        const pending: (() => void)[] = [];
        return {
            pending,
            tell: () => new Promise<void>((resolve) => pending.push(resolve)),
            done: async () => {
                pending.shift()!();
                await new Promise((resolve) => setImmediate(resolve));
            },
        };
    }

    QUnit.test("one at a time; what comes meanwhile is told once, after it", async (assert) => {
        const receipts = new Receipts();
        const { pending, tell, done } = teller();
        for (let count = 0; count < 5; count++) {
            void receipts.tell(1, tell);
        }
        assert.equal(pending.length, 1);
        await done();
        assert.equal(pending.length, 1);
        await done();
        assert.equal(pending.length, 0);
        void receipts.tell(1, tell);
        assert.equal(pending.length, 1);
    });

    QUnit.test("one chat does not wait for another", (assert) => {
        const receipts = new Receipts();
        const { pending, tell } = teller();
        void receipts.tell(1, tell);
        void receipts.tell(2, tell);
        assert.equal(pending.length, 2);
    });

    QUnit.test("what fails is told by its caller, and does not stop the next", async (assert) => {
        const receipts = new Receipts();
        await assert.rejects(receipts.tell(1, () => Promise.reject(new Error("no"))), /no/);
        let told = 0;
        await receipts.tell(1, async () => void told++);
        assert.equal(told, 1);
    });
});
