import QUnit from "qunit";
import { Receipts } from "../../static/src/core/receipts";

QUnit.module("receipts", () => {
    /** Something that is under way until the test lets it be done. */
    function work() {
        const pending: (() => void)[] = [];
        return {
            pending,
            begin: () => new Promise<void>((resolve) => pending.push(resolve)),
            done: async () => {
                pending.shift()!();
                await new Promise((resolve) => setImmediate(resolve));
            },
        };
    }

    const withoutRest = () => Promise.resolve();

    QUnit.test("one at a time; what comes meanwhile is told once, after it", async (assert) => {
        const receipts = new Receipts(withoutRest);
        const { pending, begin: tell, done } = work();
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

    QUnit.test("it rests after each: what comes meanwhile is told once, then", async (assert) => {
        const rests = work();
        const receipts = new Receipts(rests.begin);
        let told = 0;
        const tell = async () => void told++;
        void receipts.tell(1, tell);
        await Promise.resolve();
        for (let count = 0; count < 5; count++) {
            void receipts.tell(1, tell);
        }
        assert.equal(told, 1, "the first at once");
        await rests.done();
        assert.equal(told, 2, "the others when it has rested");
        await rests.done();
        assert.equal(told, 2);
        void receipts.tell(1, tell);
        assert.equal(told, 3, "nothing is left of the burst");
    });

    QUnit.test("one chat does not wait for another", (assert) => {
        const receipts = new Receipts(withoutRest);
        const { pending, begin: tell } = work();
        void receipts.tell(1, tell);
        void receipts.tell(2, tell);
        assert.equal(pending.length, 2);
    });

    QUnit.test("what fails is told by its caller, and does not stop the next", async (assert) => {
        const receipts = new Receipts(withoutRest);
        await assert.rejects(receipts.tell(1, () => Promise.reject(new Error("no"))), /no/);
        let told = 0;
        await receipts.tell(1, async () => void told++);
        assert.equal(told, 1);
    });
});
