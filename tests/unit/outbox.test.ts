import QUnit from "qunit";
import { Outbox } from "../../static/src/tab/outbox";

QUnit.module("outbox", () => {
    QUnit.test("keeps letters, in order, until they are acknowledged", (assert) => {
        const outbox = new Outbox();
        assert.deepEqual(outbox.write("a", 1), { number: 1, event: "a", data: 1 });
        outbox.write("b", 2);
        outbox.write("c", 3);
        outbox.acknowledge(2);
        outbox.acknowledge(2);
        outbox.acknowledge(99);
        assert.deepEqual(
            outbox.letters.map(({ event }) => event),
            ["a", "c"]
        );
    });

    QUnit.test("keeps only the latest report of presence", (assert) => {
        const outbox = new Outbox();
        outbox.write("update_presence", { inactivity_period: 1 });
        outbox.write("a", 1);
        const latest = outbox.write("update_presence", { inactivity_period: 2 });
        assert.deepEqual(
            outbox.letters.map(({ event }) => event),
            ["a", "update_presence"]
        );
        assert.equal(latest.number, 3, "a number is never used twice");
    });
});
