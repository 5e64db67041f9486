import QUnit from "qunit";
import { browserName } from "../../static/src/tab/browser_name";
import { FakeStorage } from "../support/fake_storage";

QUnit.module("browser name", () => {
    QUnit.test("is the same for all pages of a browser", (assert) => {
        const storage = new FakeStorage();
        const name = browserName(() => storage.get(), "browser", () => 0.1);
        assert.true(/^[a-z0-9]+$/.test(name), name);
        assert.equal(browserName(() => storage.get(), "browser", () => 0.2), name);
    });

    QUnit.test("is there without a storage as well", (assert) => {
        const storage = () => {
            throw new Error("forbidden");
        };
        assert.true(browserName(storage, "browser", () => 0.1).length > 0);
    });
});
