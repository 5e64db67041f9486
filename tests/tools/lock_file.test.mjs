import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import QUnit from "qunit";
import { isAlive, processStarted, readOwner, tryLock, withLock } from "../../tools/lock_file.mjs";

const { module, test } = QUnit;

module("tools: lock file", (hooks) => {
  /** @type {string} */
  let folder;
  /** @type {string} */
  let file;
  hooks.beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "quiet-bus-test-"));
    file = path.join(folder, "locks/test.lock");
  });
  hooks.afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** @returns {import("../../tools/lock_file.mjs").Owner} a process that is gone */
  const deadOwner = () => ({ pid: 2 ** 22 + 1, started: "1" });

  test("a free lock is taken, and names its owner", (assert) => {
    const { lock } = tryLock(file, { what: "testing" });
    assert.equal(readOwner(file)?.pid, process.pid);
    assert.equal(readOwner(file)?.what, "testing");
    lock?.update({ server: { pid: 1, started: "2" } });
    assert.deepEqual(readOwner(file)?.server, { pid: 1, started: "2" });
    lock?.release();
    assert.equal(readOwner(file), undefined);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), [], "nothing is left behind");
  });

  test("a living owner keeps it, also against itself", (assert) => {
    tryLock(file, { what: "first" });
    const second = tryLock(file, { what: "second" });
    assert.equal(second.lock, undefined);
    assert.equal(second.owner?.what, "first");
  });

  test("another living process keeps it", async (assert) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const owner = { pid: child.pid ?? 0, started: processStarted(child.pid ?? 0) };
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, JSON.stringify(owner));
    assert.equal(tryLock(file).owner?.pid, child.pid);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("exit", resolve));
    assert.equal(tryLock(file).lock?.previous?.pid, owner.pid, "and loses it by its death");
  });

  test("a dead owner's lock is taken over", (assert) => {
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, JSON.stringify({ ...deadOwner(), temporary: true }));
    const { lock } = tryLock(file);
    assert.true(lock?.previous?.temporary);
    assert.equal(readOwner(file)?.pid, process.pid);
  });

  test("a reused pid is not the owner", (assert) => {
    assert.true(isAlive({ pid: process.pid, started: processStarted(process.pid) }));
    assert.false(isAlive({ pid: process.pid, started: "1" }));
    assert.false(isAlive(deadOwner()));
  });

  test("many waiters: one at a time, and each gets its turn", async (assert) => {
    let inside = 0;
    let most = 0;
    let done = 0;
    /** @type {string[]} */
    const messages = [];
    await Promise.all(Array.from({ length: 5 }, () => withLock(file, { what: "counting", say: (text) => messages.push(text), pollMs: 5 }, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
      done++;
    })));
    assert.equal(most, 1);
    assert.equal(done, 5);
    assert.equal(messages.length, 4, "those who wait say so, once");
    assert.true(messages[0]?.includes(`${process.pid} (counting)`));
  });

  test("released also if the work fails", async (assert) => {
    await assert.rejects(withLock(file, { what: "failing" }, () => Promise.reject(new Error("no"))), /no/);
    assert.equal(readOwner(file), undefined);
  });
});
