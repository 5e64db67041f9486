import fs from "node:fs";
import path from "node:path";
import { tryCommand } from "./command.mjs";
import { Problem } from "./problem.mjs";

/**
 * @typedef {object} Setup what every run of Odoo needs
 * @property {import("./cache_folder.mjs").Cache} cache
 * @property {import("./odoo_source.mjs").OdooSource} source
 * @property {import("./postgres.mjs").Postgres} postgres
 * @property {import("./progress.mjs").Progress} progress
 * @property {import("./addon.mjs").Addon} addon
 * @property {string[]} addonsFolders besides Odoo's own
 */

/**
 * @param {Setup} setup
 * @returns {NodeJS.ProcessEnv} the environment in which Odoo runs
 */
export function odooEnvironment({ source }) {
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, ...(source.pythonPath ? { PYTHONPATH: source.pythonPath } : {}) };
  // Odoo reads these as well, and they must not win over our arguments or add a second configuration
  for (const name of ["ODOO_RC", "PGDATABASE", "PGDATABASE_TEMPLATE", "PGAPPNAME"]) {
    delete environment[name];
  }
  return environment;
}

/**
 * @param {Setup} setup
 * @param {string} database
 * @param {string[]} [extra]
 * @param {string} [subcommand] for instance "shell"
 * @returns {string[]} arguments for Python: Odoo's script and its options
 */
export function odooArguments({ cache, source, postgres, addonsFolders }, database, extra = [], subcommand) {
  return [
    source.script,
    ...(subcommand ? [subcommand] : []),
    `--config=${cache.configuration}`,
    `--addons-path=${[...source.addons, ...addonsFolders].join(",")}`,
    `--data-dir=${cache.data}`,
    `--database=${database}`,
    `--db_host=${postgres.host}`,
    `--db_port=${postgres.port}`,
    `--db_user=${postgres.user}`,
    ...extra,
  ];
}

/**
 * @param {string} text
 * @param {number} [lines]
 * @returns {string} the end of a log
 */
export function logTail(text, lines = 15) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

/**
 * Runs Odoo without HTTP until it has installed or updated modules.
 * @param {Setup} setup
 * @param {string} database
 * @param {string[]} extra
 * @param {(detail: string) => void} [detail] told which module is being loaded
 * @returns {Promise<void>}
 * @throws {Problem} also if Odoo logs an error and goes on
 */
export async function runOdooOnce(setup, database, extra, detail = () => {}) {
  const showModule = (/** @type {string} */ line) => {
    const module = /Loading module .*/.exec(line);
    if (module) {
      detail(module[0]);
    }
  };
  const { status, output, errors } = await tryCommand(setup.source.python,
    odooArguments(setup, database, [...extra, "--no-http", "--stop-after-init", "--max-cron-threads=0"]),
    { env: odooEnvironment(setup), onLine: showModule });
  const text = output + errors;
  const log = path.join(setup.cache.logs, `${database}.install.log`);
  fs.writeFileSync(log, text);
  const complaint = text.split("\n").findIndex((line) => / (ERROR|CRITICAL) /.test(line));
  if (status !== 0 || complaint !== -1) {
    const excerpt = complaint === -1 ? logTail(text) : text.split("\n").slice(complaint, complaint + 25).join("\n");
    throw new Problem(`odoo ${extra.join(" ")} failed, see ${log}:\n${excerpt}`);
  }
}

/**
 * Runs Python code in `odoo shell`, with `env` and `self` defined. It has to commit by itself.
 * @param {Setup} setup
 * @param {string} database
 * @param {string} code
 * @returns {Promise<string>} what the code printed
 * @throws {Problem} with the traceback, if the code fails
 */
export async function runOdooShell(setup, database, code) {
  const { status, output, errors } = await tryCommand(setup.source.python,
    odooArguments(setup, database, ["--no-http", "--max-cron-threads=0", "--log-level=warn"], "shell"),
    { env: odooEnvironment(setup), input: code });
  if (status !== 0) {
    throw new Problem(`odoo shell failed:\n${logTail(errors || output, 40)}`);
  }
  return output;
}
