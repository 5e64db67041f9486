import fs from "node:fs";
import path from "node:path";
import { runCommand } from "./command.mjs";

/** PostgreSQL's mark, in place of a connection limit, for a database whose removal was interrupted. */
const INVALID = -2;

/** @typedef {{ postgres: import("./postgres.mjs").Postgres, cache: import("./cache_folder.mjs").Cache }} Place */

/**
 * @param {string} name
 * @returns {string} quoted for SQL
 */
function identifier(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * @param {string} text
 * @returns {string} quoted for SQL
 */
export function literal(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Runs SQL without caring for its result.
 * @param {Place} place
 * @param {string} database
 * @param {string} sql
 * @returns {Promise<string>} psql's output: one row a line, columns separated by "|"
 */
export async function execute({ postgres }, database, sql) {
  const where = ["-h", postgres.host, "-p", postgres.port, "-U", postgres.user, "-d", database];
  // standard input, not -c: a long statement would not fit into an argument
  const output = await runCommand(postgres.psql, ["-XAtqw", "-v", "ON_ERROR_STOP=1", ...where, "-f", "-"], { input: sql });
  return output.trim();
}

/**
 * Runs one statement.
 * @param {Place} place
 * @param {string} database
 * @param {string} sql a SELECT, a statement with RETURNING, or one without result
 * @returns {Promise<Record<string, any>[]>} its rows with typed values (numbers, booleans, null); [] without result
 */
export async function query(place, database, sql) {
  const statement = sql.trim().replace(/;+$/, "");
  const asJson = (/** @type {string} */ source) => `select coalesce(json_agg(result_row), '[]') from ${source}`;
  if (/^(select|values|table|with)\b/i.test(statement)) {
    return JSON.parse(await execute(place, database, asJson(`(${statement}\n) result_row`)));
  }
  if (/\breturning\b/i.test(statement)) {
    return JSON.parse(await execute(place, database, `with result_row as (${statement}\n) ${asJson("result_row")}`));
  }
  await execute(place, database, statement);
  return [];
}

/**
 * @param {Place} place
 * @param {string} name
 * @returns {Promise<string>} the database's object id, which changes when it is made again; "" if there is none that
 *   can be used
 */
export function databaseIdentity(place, name) {
  return execute(place, "postgres", `select oid from pg_database where datname = ${literal(name)} and datconnlimit <> ${INVALID}`);
}

/** @returns {string} folder of a database's files */
export function filestore(/** @type {Place} */ { cache }, /** @type {string} */ name) {
  return path.join(cache.data, "filestore", name);
}

/**
 * Drops a database and its files, if it exists. Connections to it are cut.
 * @param {Place} place
 * @param {string} name
 * @returns {Promise<void>}
 */
export async function dropDatabase(place, name) {
  const isTemplate = await execute(place, "postgres", `select datistemplate from pg_database where datname = ${literal(name)}`);
  if (isTemplate === "t") {
    await execute(place, "postgres", `alter database ${identifier(name)} is_template false`);
  }
  if (isTemplate !== "") {
    await execute(place, "postgres", `drop database ${identifier(name)} with (force)`);
  }
  fs.rmSync(filestore(place, name), { recursive: true, force: true });
}

/**
 * Makes a database and its files as a copy of another, to which nobody may be connected. One that is there is replaced.
 * @param {Place} place
 * @param {string} template
 * @param {string} name
 * @returns {Promise<void>}
 */
export async function cloneDatabase(place, template, name) {
  await dropDatabase(place, name);
  if (fs.existsSync(filestore(place, template))) {
    fs.cpSync(filestore(place, template), filestore(place, name), { recursive: true });
  }
  await execute(place, "postgres", `create database ${identifier(name)} template ${identifier(template)}`);
}

/**
 * Gives a finished database its final name and locks it as a template.
 * @param {Place} place
 * @param {string} name
 * @param {string} template
 * @returns {Promise<void>}
 */
export async function makeTemplate(place, name, template) {
  fs.rmSync(filestore(place, template), { recursive: true, force: true });
  // the folder is also the sign that the template belongs to this cache folder: make it even if there are no files
  fs.mkdirSync(filestore(place, name), { recursive: true });
  fs.renameSync(filestore(place, name), filestore(place, template));
  await execute(place, "postgres", `alter database ${identifier(name)} rename to ${identifier(template)};
    alter database ${identifier(template)} allow_connections false;
    alter database ${identifier(template)} is_template true`);
}
