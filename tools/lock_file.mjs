import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} Owner
 * @property {number} pid
 * @property {string} started kernel's start time of the process: tells a reused pid from the real owner
 * @property {string} [what] what the owner is doing, for the message of those who wait
 * @property {{ pid: number, started: string }} [server] a process that the owner has started
 * @property {boolean} [temporary] what the lock protects may be thrown away once the owner is gone
 */

/**
 * @typedef {object} Lock
 * @property {Owner | undefined} previous the dead owner from whom the lock was taken over
 * @property {(details: Partial<Owner>) => void} update changes what others read about the owner
 * @property {() => void} release
 */

const SIGN_OF_LIFE_MS = 5000;
let counter = 0;

/**
 * @param {number} pid
 * @returns {string} start time of a process in kernel ticks, "" if there is no such process
 */
export function processStarted(pid) {
  try {
    // the second field is the command's name in parentheses and may itself contain spaces
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {{ pid: number, started: string }} owner
 * @returns {boolean}
 */
export function isAlive(owner) {
  return owner.started !== "" && processStarted(owner.pid) === owner.started;
}

/**
 * @param {string} file
 * @returns {Owner | undefined} undefined if nobody holds the lock
 */
export function readOwner(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** @returns {string} a name beside `file` that no other process or call uses */
function scratchName(/** @type {string} */ file) {
  return `${file}.${process.pid}.${++counter}`;
}

/**
 * Removes a dead owner's lock. Between reading and removing, somebody else may have done the same and hold the lock
 * now; so it is moved aside first and put back if it is not the dead owner's.
 * @param {string} file
 * @param {Owner} dead
 */
function removeStale(file, dead) {
  const aside = scratchName(file);
  try {
    fs.renameSync(file, aside);
    const moved = readOwner(aside);
    if (moved && (moved.pid !== dead.pid || moved.started !== dead.started)) {
      fs.linkSync(aside, file);
    }
    fs.unlinkSync(aside);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? "")) {
      throw error;
    }
  }
}

/**
 * Takes a lock if it is free or its owner is dead.
 * @param {string} file
 * @param {Partial<Owner>} [details]
 * @returns {{ lock: Lock, owner?: undefined } | { lock?: undefined, owner: Owner }} the lock, or who holds it
 */
export function tryLock(file, details = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let mine = { pid: process.pid, started: processStarted(process.pid), ...details };
  const scratch = scratchName(file);
  /** @type {Owner | undefined} */
  let previous;
  for (;;) {
    fs.writeFileSync(scratch, JSON.stringify(mine));
    try {
      // a hard link appears at once and with its content; creating the file and writing to it would not
      fs.linkSync(scratch, file);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") {
        throw error;
      }
      const owner = readOwner(file);
      if (owner && isAlive(owner)) {
        return { owner };
      }
      if (owner) {
        previous = owner;
        removeStale(file, owner);
      }
    } finally {
      fs.rmSync(scratch, { force: true });
    }
  }
  let held = true;
  function release() {
    if (held) {
      held = false;
      process.off("exit", release);
      fs.rmSync(file, { force: true });
    }
  }
  return {
    lock: {
      release,
      previous,
      update(more) {
        mine = { ...mine, ...more };
        fs.writeFileSync(scratch, JSON.stringify(mine));
        fs.renameSync(scratch, file);
      },
    },
  };
}

/**
 * Runs `work` while holding a lock, waiting for it as long as its owner lives.
 * @template T
 * @param {string} file
 * @param {{ what: string, say?: (message: string) => void, pollMs?: number }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { what, say = () => {}, pollMs = 200 }, work) {
  const begin = Date.now();
  let tellAt = begin;
  for (;;) {
    const { lock, owner } = tryLock(file, { what });
    if (lock) {
      // work that is cut off by the end of the process
      process.on("exit", lock.release);
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (Date.now() >= tellAt) {
      tellAt = Date.now() + SIGN_OF_LIFE_MS;
      const seconds = Math.round((Date.now() - begin) / 1000);
      say(`waiting for process ${owner.pid} (${owner.what ?? "unknown work"})${seconds > 0 ? `, ${seconds} s` : ""}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
