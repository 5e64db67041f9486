import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { Problem } from "./problem.mjs";

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [input] text for its standard input
 * @property {(line: string) => void} [onLine] called for each line of output and of errors
 * @property {boolean} [ownGroup] keeps Ctrl-C in the terminal away from it, so that it can finish its work
 */

/** @typedef {{ status: number | null, output: string, errors: string }} CommandResult */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
/** @type {WeakSet<import("node:child_process").ChildProcess>} */
const ownGroups = new WeakSet();
/** @type {AsyncLocalStorage<boolean>} */
const isCleanUp = new AsyncLocalStorage();
let stopping = false;

/**
 * Stops every command that may be stopped and waits for all of them. From now on only clean-up may run commands: a
 * stopped Odoo reports success, and what was to follow its work must not.
 * Commands with `ownGroup` (a package manager in the middle of its work) are waited for, not stopped.
 * @returns {Promise<void>}
 */
export async function stopRunningCommands() {
  stopping = true;
  await Promise.all([...running].map((child) => new Promise((resolve) => {
    child.once("close", resolve);
    if (!ownGroups.has(child)) {
      child.kill("SIGTERM");
    }
  })));
}

/**
 * Runs work that may use commands although all others have been stopped.
 * @param {() => Promise<void>} work
 * @returns {Promise<void>}
 */
export function asCleanUp(work) {
  return isCleanUp.run(true, work);
}

/**
 * Runs a command to its end, whatever its exit status.
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandResult>}
 */
export function tryCommand(command, commandArguments, { cwd, env, input, onLine, ownGroup = false } = {}) {
  return new Promise((resolve, reject) => {
    const isUnwanted = () => stopping && !isCleanUp.getStore();
    if (isUnwanted()) {
      reject(new Problem("stopped"));
      return;
    }
    const child = spawn(command, commandArguments, { cwd, env, detached: ownGroup, stdio: ["pipe", "pipe", "pipe"] });
    if (ownGroup) {
      ownGroups.add(child);
    }
    running.add(child);
    const texts = { output: "", errors: "" };
    for (const [name, stream] of /** @type {const} */ ([["output", child.stdout], ["errors", child.stderr]])) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        texts[name] += chunk;
        if (onLine) {
          const lines = (rest + chunk).split("\n");
          rest = lines.pop() ?? "";
          lines.forEach(onLine);
        }
      });
    }
    // the command may end without reading its input
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    child.on("error", (error) => {
      running.delete(child);
      reject(/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT" ? new Problem(`command not found: ${command}`) : error);
    });
    child.on("close", (status) => {
      running.delete(child);
      if (isUnwanted()) {
        reject(new Problem("stopped"));
      } else {
        resolve({ status, ...texts });
      }
    });
  });
}

/**
 * Runs a command that must succeed.
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {CommandOptions} [options]
 * @returns {Promise<string>} its output
 * @throws {Problem} with the end of what it said, if it fails
 */
export async function runCommand(command, commandArguments, options) {
  const { status, output, errors } = await tryCommand(command, commandArguments, options);
  if (status !== 0) {
    const said = (errors.trim() || output.trim()).split("\n").slice(-15).join("\n");
    throw new Problem(`${command} ${commandArguments.slice(0, 3).join(" ")} failed (${status ?? "stopped"}):\n${said}`);
  }
  return output;
}

/**
 * @param {string} command
 * @returns {Promise<boolean>} whether the command exists
 */
export async function commandExists(command) {
  return (await tryCommand("/bin/sh", ["-c", 'command -v -- "$1"', "sh", command])).status === 0;
}
