import fs from "node:fs";
import path from "node:path";
import { tryCommand } from "./command.mjs";
import { cloneDatabase, dropDatabase } from "./database.mjs";
import { dropAbandonedDatabases, lockDatabase, splitByInstalled, temporaryDatabaseName } from "./database_lock.mjs";
import { odooArguments, odooEnvironment, logTail } from "./odoo_command.mjs";
import { freePorts } from "./ports.mjs";
import { createProgress } from "./progress.mjs";
import { provision, withSetupLock } from "./provision.mjs";
import { Problem } from "./problem.mjs";
import { registerCleanUp } from "./shutdown.mjs";
import { ensureTemplate } from "./template.mjs";
import { isInterestingLine, parseTestLog } from "./test_log.mjs";

/**
 * @typedef {object} OdooTestOptions
 * @property {string} [tags] as for Odoo's --test-tags
 * @property {string[]} [modules] whose tests are loaded: they are installed, or updated if they are part of the template
 * @property {string} [database] without a name: a temporary one, dropped afterwards
 * @property {string[]} [extraArguments] for odoo
 * @property {string} [log] path of a file for the whole log
 * @property {(line: string) => void} [onLine] gets the interesting lines (default: printed)
 * @property {string} [addonSource] root of the addon (default: this repository)
 * @property {string[]} [addonsFolders] more folders with addons
 * @property {import("./progress.mjs").Progress} [progress]
 */

/**
 * Runs Odoo's Python tests in a new database.
 * @param {OdooTestOptions} [options]
 * @returns {Promise<import("./test_log.mjs").TestCounts & { text: string }>}
 * @throws {Problem} if no test ran
 */
export async function runOdooTests({
  tags = "/bus_quiet", modules = ["bus_quiet"], database: name, extraArguments = [], log, onLine = console.log,
  addonSource, addonsFolders, progress = createProgress(),
} = {}) {
  const database = name ?? temporaryDatabaseName();
  const setup = await provision({ progress, addonSource, addonsFolders });
  /** @type {import("./lock_file.mjs").Lock | undefined} */
  let lock;
  const cleanUp = registerCleanUp(async () => {
    if (lock && name === undefined) {
      await dropDatabase(setup, database);
    }
    lock?.release();
    await setup.postgres.release();
  });
  try {
    await dropAbandonedDatabases(setup);
    lock = await lockDatabase(setup, database, { temporary: name === undefined });
    await withSetupLock(setup, async () => {
      const template = await ensureTemplate(setup, []);
      await cloneDatabase(setup, template, database);
    });
    const { present, absent } = await splitByInstalled(setup, database, modules);
    const { httpPort, eventedPort } = await freePorts();
    const text = await progress.step(`running Odoo's tests ${tags}`, async () => {
      const { output, errors } = await tryCommand(setup.source.python, odooArguments(setup, database, [
        `--test-tags=${tags}`,
        ...(absent.length > 0 ? ["-i", absent.join(",")] : []),
        ...(present.length > 0 ? ["-u", present.join(",")] : []),
        "--stop-after-init",
        "--http-interface=127.0.0.1",
        `--http-port=${httpPort}`,
        `--gevent-port=${eventedPort}`,
        ...extraArguments,
      ]), { env: odooEnvironment(setup), onLine: (line) => isInterestingLine(line) && onLine(line) });
      return output + errors;
    });
    const file = log ?? path.join(setup.cache.logs, `${database}.test.log`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    try {
      return { ...parseTestLog(text, database), text };
    } catch (error) {
      throw new Problem(`${/** @type {Error} */ (error).message}; see ${file}:\n${logTail(text)}`);
    }
  } finally {
    await cleanUp();
  }
}
