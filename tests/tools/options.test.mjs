import QUnit from "qunit";
import { parseStartOptions } from "../../tools/options.mjs";
import { Problem } from "../../tools/problem.mjs";

const { module, test } = QUnit;

module("tools: options");

test("defaults", (assert) => {
  assert.deepEqual(parseStartOptions([]), { port: 8069, workers: 0, database: "quiet_bus", fresh: false, help: false });
});

test("all options", (assert) => {
  assert.deepEqual(
    parseStartOptions(["--workers", "2", "--port=9000", "--database", "other", "--fresh", "--help"]),
    { port: 9000, workers: 2, database: "other", fresh: true, help: true },
  );
});

for (const [commandLine, mention] of /** @type {[string[], string][]} */ ([
  [["--wrong"], "--wrong"],
  [["stray"], "stray"],
  [["--port"], "--port"],
  [["--port", "http"], "--port"],
  [["--port", "0"], "--port"],
  [["--port", "65536"], "--port"],
  [["--port", "1e3"], "--port"],
  [["--workers", "-1"], "--workers"],
  [["--workers=-1"], "--workers"],
  [["--workers", "1.5"], "--workers"],
  [["--database", "a b; drop"], "--database"],
  [["--fresh=yes"], "--fresh"],
])) {
  test(`refuses ${commandLine.join(" ")} in one line, with exit code 2`, (assert) => {
    assert.throws(() => parseStartOptions(commandLine), (/** @type {Problem} */ error) =>
      error instanceof Problem && error.exitCode === 2 && error.message.includes(mention) && !error.message.includes("\n"));
  });
}
