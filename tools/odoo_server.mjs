import { spawn } from "node:child_process";
import fs from "node:fs";
import { odooArguments, odooEnvironment, logTail } from "./odoo_command.mjs";
import { processStarted } from "./lock_file.mjs";
import { Problem } from "./problem.mjs";

const HEALTHY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 20_000;

/**
 * @typedef {object} ServerOptions
 * @property {string} database
 * @property {number} workers
 * @property {number} httpPort
 * @property {number} eventedPort
 * @property {string} log path of the log file; it is appended to
 * @property {string[]} extraArguments
 */

/**
 * @typedef {object} Server
 * @property {number} pid
 * @property {string} started
 * @property {Promise<number | null>} ended resolves with the exit status
 * @property {() => Promise<void>} stop
 * @property {() => void} kill at once, with everything that it started
 */

const sleep = (/** @type {number} */ milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Sends a signal to a process group.
 * @param {number} leader
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether anybody is in it
 */
function signalGroup(leader, signal) {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a server with everything that it started: gently first.
 * @param {number} leader
 * @returns {Promise<void>}
 */
export async function stopProcessGroup(leader) {
  const end = Date.now() + STOPPED_WITHIN_MS;
  try {
    // the leader alone: it ends its workers, and a second signal would make it skip the orderly end
    process.kill(leader, "SIGTERM");
  } catch {
    // gone already
  }
  while (signalGroup(leader, 0)) {
    if (Date.now() > end || processStarted(leader) === "") {
      signalGroup(leader, "SIGKILL");
    }
    await sleep(50);
  }
}

/**
 * Starts Odoo as a server.
 * @param {import("./odoo_command.mjs").Setup} setup
 * @param {ServerOptions} options
 * @returns {Server}
 */
export function spawnServer(setup, { database, workers, httpPort, eventedPort, log, extraArguments }) {
  const file = fs.openSync(log, "a");
  const child = spawn(setup.source.python, odooArguments(setup, database, [
    `--db-filter=^${database}$`,
    "--http-interface=127.0.0.1",
    `--http-port=${httpPort}`,
    `--gevent-port=${eventedPort}`,
    `--workers=${workers}`,
    "--max-cron-threads=1",
    ...(workers > 0 ? ["--proxy-mode"] : []),
    ...extraArguments,
    // a group of its own: Ctrl-C reaches only us, and what is left of it can be ended as a whole
  ]), { env: odooEnvironment(setup), stdio: ["ignore", file, file], detached: true });
  fs.closeSync(file);
  const pid = child.pid;
  if (pid === undefined) {
    throw new Problem(`can't start ${setup.source.python}`);
  }
  const kill = () => void signalGroup(pid, "SIGKILL");
  process.on("exit", kill);
  const ended = new Promise((/** @type {(status: number | null) => void} */ resolve) => child.on("exit", resolve));
  return {
    pid,
    started: processStarted(pid),
    ended,
    kill,
    async stop() {
      await stopProcessGroup(pid);
      await ended;
      process.off("exit", kill);
    },
  };
}

/**
 * Waits until Odoo answers: with its database, with a page, and for the bus.
 * @param {Server} server
 * @param {ServerOptions} options
 * @returns {Promise<void>}
 * @throws {Problem} if it ends or takes too long
 */
export async function waitUntilHealthy(server, { httpPort, eventedPort, workers, log }) {
  const end = Date.now() + HEALTHY_WITHIN_MS;
  /** @type {{ status: number | null } | undefined} */
  let exit;
  server.ended.then((status) => (exit = { status }));
  const urls = [
    `http://127.0.0.1:${httpPort}/web/health?db_server_status=1`,
    `http://127.0.0.1:${httpPort}/web/login`,
    // /web/health says nothing about the evented process
    `http://127.0.0.1:${workers > 0 ? eventedPort : httpPort}/websocket/health`,
  ];
  for (const url of urls) {
    for (;;) {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => {});
      if (response?.ok) {
        break;
      }
      if (exit || Date.now() > end) {
        const what = exit ? `Odoo ended (${exit.status ?? "by a signal"})` : `Odoo does not answer ${url} (${response?.status ?? "no connection"})`;
        throw new Problem(`${what}; the end of ${log}:\n${logTail(fs.readFileSync(log, "utf8"))}`);
      }
      await sleep(150);
    }
  }
}

/**
 * Fetches the first page and its scripts and styles once, as a user would, so that nobody waits for them to be made.
 * @param {import("./json_rpc.mjs").JsonRpcClient} client
 * @returns {Promise<number>} how many files the page has
 */
export async function warmFirstPage(client) {
  const headers = { cookie: await client.login("admin") };
  const page = await (await fetch(`${client.baseURL}/odoo`, { headers })).text();
  const assets = [...new Set([...page.matchAll(/(?:src|href)="(\/web\/assets\/[^"]+)"/g)].map((match) => match[1]))];
  for (const asset of assets) {
    await (await fetch(client.baseURL + asset, { headers })).arrayBuffer();
  }
  return assets.length;
}
