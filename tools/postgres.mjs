import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { assertPostgresCanReach, assertSocketPathFits, isRoot } from "./cache_folder.mjs";
import { commandExists, runCommand, tryCommand } from "./command.mjs";
import { isAlive, processStarted, readOwner, withLock } from "./lock_file.mjs";
import { Problem } from "./problem.mjs";
import { registerCleanUp } from "./shutdown.mjs";

/**
 * @typedef {object} Postgres
 * @property {string} host folder of the socket, or a host's name
 * @property {string} port
 * @property {string} user
 * @property {boolean} isPrivate whether it is the cluster in the cache folder
 * @property {string} psql
 * @property {() => Promise<void>} release the last user of a private cluster stops it
 */

/** Safe for what can be made again at any time, and much faster. */
const SETTINGS = {
  listen_addresses: "''",
  max_connections: "400",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
};

/** @returns {string | undefined} folder with initdb and pg_ctl of the newest PostgreSQL */
function newestServerFolder() {
  const base = "/usr/lib/postgresql";
  const versions = fs.existsSync(base) ? fs.readdirSync(base).filter((name) => fs.existsSync(path.join(base, name, "bin/initdb"))) : [];
  const folders = [
    ...versions.sort((one, other) => Number(other) - Number(one)).map((version) => path.join(base, version, "bin")),
    ...(process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder && fs.existsSync(path.join(folder, "initdb"))),
  ];
  return folders[0];
}

/**
 * @param {{ cluster: boolean }} what whether a server is needed, or only a client
 * @returns {Promise<boolean>} whether PostgreSQL's programs are installed
 */
export async function hasPostgresPrograms({ cluster }) {
  return cluster ? newestServerFolder() !== undefined : commandExists("psql");
}

/**
 * The server that PGHOST names. It is never started or stopped by us.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Postgres>}
 */
async function existingPostgres(environment) {
  const postgres = {
    host: environment.PGHOST ?? "",
    port: environment.PGPORT || "5432",
    user: environment.PGUSER || os.userInfo().username,
    isPrivate: false,
    psql: "psql",
    async release() {},
  };
  if (postgres.user === "postgres") {
    throw new Problem('Odoo refuses to work as the database user "postgres"; set PGUSER to another one that may create databases');
  }
  const where = ["-h", postgres.host, "-p", postgres.port, "-U", postgres.user];
  const { status, errors } = await tryCommand("psql", ["-Xwq", ...where, "-d", "postgres", "-c", "select 1"]);
  if (status !== 0) {
    throw new Problem(`can't use the PostgreSQL of PGHOST=${postgres.host}: ${errors.trim()}`);
  }
  return postgres;
}

/**
 * @param {string} folder with one file for each process that uses the cluster
 * @returns {boolean} whether one of them lives; files of dead ones are removed
 */
function hasLivingUser(folder) {
  const living = fs.readdirSync(folder).filter((name) => {
    const owner = readOwner(path.join(folder, name));
    const lives = owner !== undefined && isAlive(owner);
    if (!lives) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
    return lives;
  });
  return living.length > 0;
}

/** How often this process has acquired the cluster and not yet released it. */
let uses = 0;

/**
 * The private cluster: reachable only through a socket in a folder of its owner, shared by all processes that use the
 * same cache folder.
 * @param {import("./cache_folder.mjs").Cache} cache
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<Postgres>}
 */
async function privatePostgres(cache, progress) {
  const programs = newestServerFolder();
  if (!programs) {
    throw new Problem("PostgreSQL's server is not installed here; install it, or set PGHOST to a running one");
  }
  const version = /(\d+)/.exec(await runCommand(path.join(programs, "postgres"), ["--version"]))?.[1];
  const folder = path.join(cache.folder, `pg${version}`);
  const data = path.join(folder, "data");
  const users = path.join(cache.locks, "postgres-users");
  assertSocketPathFits(folder);
  await assertPostgresCanReach(cache);

  const serverCommand = (/** @type {string} */ name, /** @type {string[]} */ ...rest) => isRoot()
    ? runCommand("runuser", ["-u", "postgres", "--", path.join(programs, name), ...rest], { cwd: "/", ownGroup: true })
    : runCommand(path.join(programs, name), rest, { ownGroup: true });
  const isUp = async () => (await tryCommand(path.join(programs, "pg_isready"), ["-h", folder, "-q"])).status === 0;
  const locked = (/** @type {() => Promise<void>} */ work) =>
    withLock(path.join(cache.locks, "postgres.lock"), { what: "starting or stopping PostgreSQL", say: progress.say }, work);
  const registration = path.join(users, `${process.pid}`);

  // before the start: a Ctrl-C while the server comes up must stop it as well
  const release = registerCleanUp(() => locked(async () => {
    uses -= 1;
    if (uses > 0) {
      return;
    }
    fs.rmSync(registration, { force: true });
    if (!hasLivingUser(users) && await isUp()) {
      await serverCommand("pg_ctl", "-D", data, "-w", "-s", "-m", "fast", "stop");
    }
  }));
  uses += 1;
  await locked(async () => {
    fs.mkdirSync(users, { recursive: true });
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isRoot()) {
      await runCommand("chown", ["postgres:", folder]);
    }
    if (!fs.existsSync(path.join(data, "PG_VERSION"))) {
      const unfinished = `${data}.unfinished`;
      fs.rmSync(unfinished, { recursive: true, force: true });
      await progress.step("making a private PostgreSQL cluster", () =>
        serverCommand("initdb", "-D", unfinished, "-U", "odoo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"));
      fs.renameSync(unfinished, data);
    }
    if (!(await isUp())) {
      const settings = Object.entries({ ...SETTINGS, unix_socket_directories: `'${folder}'` }).map(([name, value]) => `-c ${name}=${value}`);
      const log = path.join(folder, "log");
      await serverCommand("pg_ctl", "-D", data, "-w", "-s", "-l", log, "-o", settings.join(" "), "start").catch(() => {
        throw new Problem(`PostgreSQL does not start, see ${log}; if its data is damaged, delete ${folder}`);
      });
    }
    fs.writeFileSync(registration, JSON.stringify({ pid: process.pid, started: processStarted(process.pid) }));
  });

  return {
    host: folder,
    port: "5432",
    user: "odoo",
    isPrivate: true,
    psql: path.join(programs, "psql"),
    release,
  };
}

/**
 * @param {import("./cache_folder.mjs").Cache} cache
 * @param {import("./progress.mjs").Progress} progress
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Postgres>}
 */
export function acquirePostgres(cache, progress, environment) {
  return environment.PGHOST ? existingPostgres(environment) : privatePostgres(cache, progress);
}
