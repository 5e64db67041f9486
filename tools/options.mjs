import { parseArgs } from "node:util";
import { Problem } from "./problem.mjs";

/**
 * @typedef {object} StartOptions
 * @property {number} port port of the address that is printed
 * @property {number} workers 0: one threaded process; more: prefork, evented process and front proxy
 * @property {string} database name of the database
 * @property {boolean} fresh drop the database and clone it again
 * @property {boolean} help only print the help
 */

/** Text of `npm start -- --help`. */
export const HELP = `npm start -- [options]

Brings up Odoo 19 with Quiet Bus on this machine and prints its address.

  --workers N       N HTTP workers, an evented process and a front proxy (default 0: one process)
  --port N          port of the printed address (default 8069)
  --database NAME   name of the database (default quiet_bus)
  --fresh           drop the database first and make it again
  --help            this text

Environment: ODOO_HOME, ODOO_PYTHON, PGHOST, PGPORT, PGUSER, PGPASSWORD, QUIET_BUS_CACHE;
see docs/running.md.`;

/**
 * @param {string} name
 * @param {string} text
 * @param {number} lowest
 * @param {number} highest
 * @returns {number}
 */
function wholeNumber(name, text, lowest, highest) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new Problem(`--${name} must be a whole number from ${lowest} to ${highest}, not "${text}"`, 2);
  }
  return value;
}

/**
 * Reads the command line of `npm start`.
 * @param {string[]} commandLine arguments after the script's name
 * @returns {StartOptions}
 * @throws {Problem} with exit code 2, for an unknown option or a bad value
 */
export function parseStartOptions(commandLine) {
  let values;
  try {
    ({ values } = parseArgs({
      args: commandLine,
      options: {
        workers: { type: "string", default: "0" },
        port: { type: "string", default: "8069" },
        database: { type: "string", default: "quiet_bus" },
        fresh: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    const firstSentence = /** @type {Error} */ (error).message.split(/[.\n](?:\s|$)/)[0];
    throw new Problem(`${firstSentence}. See npm start -- --help`, 2);
  }
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(values.database)) {
    throw new Problem(`--database must be lower-case letters, digits and "_", not "${values.database}"`, 2);
  }
  return {
    port: wholeNumber("port", values.port, 1, 65535),
    workers: wholeNumber("workers", values.workers, 0, 32),
    database: values.database,
    fresh: values.fresh,
    help: values.help,
  };
}
