import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { tryCommand } from "./command.mjs";
import { Problem } from "./problem.mjs";

/** Longest path of a unix socket in Linux, without the final zero byte. */
const LONGEST_SOCKET_PATH = 107;

/**
 * @typedef {object} Cache
 * @property {string} folder
 * @property {string} debs downloaded Debian packages
 * @property {string} odooTree unpacked Odoo
 * @property {string} data Odoo's data folder (filestore, sessions)
 * @property {string} configuration empty configuration, so that the user's own ~/.odoorc is not read
 * @property {string} logs
 * @property {string} locks
 * @property {string} addons one folder a checkout, with a link to it
 * @property {string} state what was installed into which database
 */

/** @returns {boolean} */
export function isRoot() {
  return process.getuid?.() === 0;
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string} the cache folder's path
 */
export function cacheFolderPath(environment) {
  if (environment.QUIET_BUS_CACHE) {
    return path.resolve(environment.QUIET_BUS_CACHE);
  }
  // below root's home PostgreSQL, which doesn't run as root, could not reach it
  return isRoot() ? "/var/cache/quiet-bus" : path.join(os.homedir(), ".cache/quiet-bus");
}

/**
 * @param {string} clusterFolder folder with the private PostgreSQL's socket
 * @throws {Problem} if the path of the socket is too long
 */
export function assertSocketPathFits(clusterFolder) {
  const socket = path.join(clusterFolder, ".s.PGSQL.5432");
  const bytes = Buffer.byteLength(socket);
  if (bytes > LONGEST_SOCKET_PATH) {
    throw new Problem(`the cache folder's path is too long: PostgreSQL's socket ${socket} has ${bytes} bytes, `
      + `at most ${LONGEST_SOCKET_PATH} are possible; set QUIET_BUS_CACHE to a shorter path`);
  }
}

/**
 * Makes the cache folder and the folders in it.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Cache}
 */
export function openCache(environment) {
  const folder = cacheFolderPath(environment);
  const inside = (/** @type {string} */ name) => path.join(folder, name);
  const cache = {
    folder,
    debs: inside("debs"),
    odooTree: inside("odoo-19"),
    data: inside("data"),
    configuration: inside("odoo.conf"),
    logs: inside("logs"),
    locks: inside("locks"),
    addons: inside("addons"),
    state: inside("state"),
  };
  try {
    for (const name of [cache.debs, cache.data, cache.logs, cache.locks, cache.addons, cache.state]) {
      fs.mkdirSync(name, { recursive: true });
    }
    fs.writeFileSync(cache.configuration, "[options]\n");
  } catch (error) {
    throw new Problem(`can't write to the cache folder ${folder} (${/** @type {NodeJS.ErrnoException} */ (error).code}); `
      + "set QUIET_BUS_CACHE to a folder of yours");
  }
  return cache;
}

/**
 * @param {Cache} cache
 * @returns {Promise<void>}
 * @throws {Problem} if PostgreSQL's own user can't reach the folder
 */
export async function assertPostgresCanReach(cache) {
  if (isRoot() && (await tryCommand("runuser", ["-u", "postgres", "--", "test", "-x", cache.folder], { cwd: "/" })).status !== 0) {
    throw new Problem(`the user "postgres" can't reach the cache folder ${cache.folder}; `
      + "set QUIET_BUS_CACHE to a folder that everybody may enter, not one below a private home");
  }
}
