import fs from "node:fs";
import path from "node:path";
import { databaseIdentity, dropDatabase, execute, literal } from "./database.mjs";
import { isAlive, readOwner, tryLock } from "./lock_file.mjs";
import { stopProcessGroup } from "./odoo_server.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {import("./odoo_command.mjs").Setup} Setup */

const TEMPORARY_PREFIX = "quiet_bus_temporary_";
let counter = 0;

/** @returns {string} a new name for a database that is dropped after use */
export function temporaryDatabaseName() {
  return `${TEMPORARY_PREFIX}${process.pid}_${++counter}`;
}

/**
 * @param {Setup} setup
 * @param {string} database
 * @returns {string}
 */
function lockFile({ cache }, database) {
  return path.join(cache.locks, "databases", `${database}.lock`);
}

/**
 * Reserves a database for this process. A server that a killed process left behind in it is stopped.
 * @param {Setup} setup
 * @param {string} database
 * @param {{ temporary: boolean }} details
 * @returns {Promise<import("./lock_file.mjs").Lock>}
 * @throws {Problem} if another process uses it
 */
export async function lockDatabase(setup, database, { temporary }) {
  const { lock, owner } = tryLock(lockFile(setup, database), { temporary, what: `using the database ${database}` });
  if (!lock) {
    throw new Problem(`the database ${database} is in use by process ${owner.pid}; stop that one, or choose another name (npm start -- --database NAME)`);
  }
  const left = lock.previous?.server;
  if (left && isAlive(left)) {
    setup.progress.say(`stopping Odoo (process ${left.pid}), left behind by process ${lock.previous?.pid}`);
    await stopProcessGroup(left.pid);
  }
  return lock;
}

/**
 * Drops temporary databases whose owners were killed before they could do it.
 * @param {Setup} setup
 * @returns {Promise<void>}
 */
export async function dropAbandonedDatabases(setup) {
  const folder = path.dirname(lockFile(setup, "any"));
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const owner = name.endsWith(".lock") ? readOwner(path.join(folder, name)) : undefined;
    if (!owner?.temporary || isAlive(owner)) {
      continue;
    }
    const database = name.slice(0, -".lock".length);
    const { lock } = tryLock(path.join(folder, name), { temporary: true });
    if (lock) {
      if (lock.previous?.server && isAlive(lock.previous.server)) {
        await stopProcessGroup(lock.previous.server.pid);
      }
      await dropDatabase(setup, database);
      lock.release();
    }
  }
}

/**
 * What was installed into a database, remembered outside of it.
 * @param {Setup} setup
 * @param {string} database
 * @returns {{ installed: () => Promise<string>, remember: (what: string) => Promise<void> }} `installed` is "" for a
 *   database that is not the one we made
 */
export function installedState(setup, database) {
  const file = path.join(setup.cache.state, `${database}.json`);
  return {
    async installed() {
      const state = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
      return state.identity === (await databaseIdentity(setup, database)) ? state.what ?? "" : "";
    },
    async remember(what) {
      fs.writeFileSync(file, JSON.stringify({ what, identity: await databaseIdentity(setup, database) }));
    },
  };
}

/**
 * @param {Setup} setup
 * @param {string} database
 * @param {string[]} modules
 * @returns {Promise<{ present: string[], absent: string[] }>}
 */
export async function splitByInstalled(setup, database, modules) {
  const names = modules.map(literal).join(", ") || "''";
  const rows = await execute(setup, database, `select name from ir_module_module where state = 'installed' and name in (${names})`);
  const installed = new Set(rows.split("\n"));
  return { present: modules.filter((name) => installed.has(name)), absent: modules.filter((name) => !installed.has(name)) };
}
