import fs from "node:fs";
import path from "node:path";
import { dropDatabase, query } from "./database.mjs";
import { dropAbandonedDatabases, lockDatabase, temporaryDatabaseName } from "./database_lock.mjs";
import { startFrontProxy } from "./front_proxy.mjs";
import { JsonRpcClient } from "./json_rpc.mjs";
import { runOdooShell } from "./odoo_command.mjs";
import { spawnServer, waitUntilHealthy, warmFirstPage } from "./odoo_server.mjs";
import { freePorts } from "./ports.mjs";
import { prepareDatabase } from "./prepare_database.mjs";
import { createProgress, silentProgress } from "./progress.mjs";
import { provision } from "./provision.mjs";
import { registerCleanUp, throwIfShuttingDown } from "./shutdown.mjs";

export { runOdooTests } from "./odoo_tests.mjs";

/**
 * @typedef {object} OdooOptions
 * @property {string} [database] without a name: a temporary one, dropped by stop()
 * @property {string[]} [modules] besides base, web, bus and mail
 * @property {number} [workers] 0: one threaded process; more: prefork, evented process and front proxy
 * @property {number} [port] port of baseURL, 0 for a free one
 * @property {boolean} [fresh] make the database anew (default true)
 * @property {boolean} [warm] fetch the first page once before returning
 * @property {string[]} [extraArguments] for odoo
 * @property {string} [log] path of the log file, which is emptied first; the default one of a temporary database is
 *   removed by stop()
 * @property {boolean} [quiet] no progress lines (default true)
 * @property {string} [addonSource] root of the addon (default: this repository)
 * @property {string[]} [addonsFolders] more folders with addons
 * @property {import("./progress.mjs").Progress} [progress]
 */

/**
 * @typedef {object} OdooNode another server with the same database, and the same sessions
 * @property {string} baseURL
 * @property {number} httpPort
 * @property {number} eventedPort
 * @property {JsonRpcClient} rpc
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Odoo a running server
 * @property {string} baseURL the address for a browser
 * @property {number} httpPort Odoo's own HTTP port
 * @property {number} eventedPort where /websocket is answered; the same as httpPort without workers
 * @property {string} database
 * @property {(sql: string) => Promise<Record<string, any>[]>} query runs one SQL statement, gives rows as objects
 * @property {(user: string | import("./json_rpc.mjs").Credentials, model: string, method: string, args?: any[], kwargs?: Record<string, any>) => Promise<any>} callKw
 *   calls a model's method through HTTP; the password is the login unless given
 * @property {JsonRpcClient} rpc for other routes, and for session cookies
 * @property {() => string} logText
 * @property {(code: string) => Promise<string>} shell runs Python in `odoo shell`; the code commits by itself
 * @property {(modules: string[]) => Promise<void>} installModules on the running server, as a user would
 * @property {(module: string) => Promise<void>} uninstallModule likewise
 * @property {() => Promise<void>} stopServer stops Odoo only; baseURL stays reserved if there is a front proxy
 * @property {() => Promise<void>} startServer starts it again on the same ports
 * @property {() => Promise<OdooNode>} startNode starts another server with the same database
 * @property {() => Promise<void>} killServer ends Odoo at once: it can tell nobody
 * @property {() => Promise<void>} restart both
 * @property {() => Promise<number | null>} ended resolves when the present server process ends
 * @property {() => Promise<void>} stop stops everything, and drops a temporary database
 */

/** A chosen port can be taken by somebody else before Odoo listens. */
const ATTEMPTS = 3;

/**
 * Brings up a real Odoo.
 * @param {OdooOptions} [options]
 * @returns {Promise<Odoo>}
 */
export async function startOdoo({
  database: name, modules = ["bus_quiet"], workers = 0, port = 0, fresh = true, warm = false, extraArguments = [],
  log: logPath, quiet = true, addonSource, addonsFolders, progress = quiet ? silentProgress : createProgress(),
} = {}) {
  const database = name ?? temporaryDatabaseName();
  /** @type {(() => Promise<void> | void)[]} what stop() has to do, latest first */
  const undo = [];
  const setup = await provision({ progress, addonSource, addonsFolders });
  undo.push(setup.postgres.release);
  const stop = registerCleanUp(async () => {
    while (undo.length > 0) {
      await undo.pop()?.();
    }
  });
  try {
    await dropAbandonedDatabases(setup);
    const lock = await lockDatabase(setup, database, { temporary: name === undefined });
    undo.push(lock.release);
    if (name === undefined) {
      undo.push(() => dropDatabase(setup, database));
    }
    throwIfShuttingDown();
    await prepareDatabase(setup, { database, modules, fresh });

    const log = logPath ?? path.join(setup.cache.logs, `${database}.log`);
    if (name === undefined && logPath === undefined) {
      undo.push(() => fs.rmSync(log, { force: true }));
    }
    fs.mkdirSync(path.dirname(log), { recursive: true });
    /** @type {import("./odoo_server.mjs").ServerOptions} */
    const serverOptions = { database, workers, httpPort: 0, eventedPort: 0, log, extraArguments };
    /** @type {import("./odoo_server.mjs").Server | undefined} */
    let server;
    const stopServer = async () => {
      await server?.stop();
      server = undefined;
    };
    undo.push(stopServer);
    const killServer = async () => {
      server?.kill();
      await server?.ended;
      server = undefined;
    };
    const startServer = async () => {
      throwIfShuttingDown();
      server = spawnServer(setup, serverOptions);
      lock.update({ server: { pid: server.pid, started: server.started } });
      await waitUntilHealthy(server, serverOptions);
    };
    await progress.step("starting Odoo", async () => {
      for (let attempt = 1; ; attempt++) {
        fs.writeFileSync(log, "");
        Object.assign(serverOptions, await freePorts());
        if (workers === 0 && port !== 0) {
          serverOptions.httpPort = port;
        }
        try {
          return await startServer();
        } catch (error) {
          await stopServer();
          if (attempt === ATTEMPTS || !/Address already in use|Port \d+ is in use/i.test(fs.readFileSync(log, "utf8"))) {
            throw error;
          }
        }
      }
    });
    const { httpPort } = serverOptions;
    const eventedPort = workers > 0 ? serverOptions.eventedPort : httpPort;
    let address = httpPort;
    if (workers > 0) {
      throwIfShuttingDown();
      const proxy = await startFrontProxy({ port, httpPort, eventedPort });
      undo.push(proxy.close);
      address = proxy.port;
    }
    const baseURL = `http://127.0.0.1:${address}`;
    const rpc = new JsonRpcClient(baseURL, database);
    if (warm) {
      await progress.step("fetching the first page once", () => warmFirstPage(rpc));
    }

    const callKw = rpc.callKw.bind(rpc);
    const moduleIds = async (/** @type {string[]} */ names) => {
      await callKw("admin", "ir.module.module", "update_list");
      const ids = await callKw("admin", "ir.module.module", "search", [[["name", "in", names]]]);
      if (ids.length !== names.length) {
        throw new Error(`not all of these modules exist: ${names.join(", ")}`);
      }
      return ids;
    };
    return {
      baseURL, httpPort, eventedPort, database, rpc, callKw, stop, stopServer, startServer, killServer,
      async startNode() {
        const options = { ...serverOptions, workers: 0, ...(await freePorts()) };
        const node = spawnServer(setup, options);
        undo.push(node.stop);
        await waitUntilHealthy(node, options);
        const nodeURL = `http://127.0.0.1:${options.httpPort}`;
        return {
          baseURL: nodeURL, httpPort: options.httpPort, eventedPort: options.httpPort,
          rpc: new JsonRpcClient(nodeURL, database), stop: node.stop,
        };
      },
      query: (sql) => query(setup, database, sql),
      logText: () => fs.readFileSync(log, "utf8"),
      shell: (code) => runOdooShell(setup, database, code),
      ended: async () => server?.ended ?? null,
      async restart() {
        await stopServer();
        await startServer();
      },
      async installModules(names) {
        await callKw("admin", "ir.module.module", "button_immediate_install", [await moduleIds(names)]);
      },
      async uninstallModule(module) {
        await callKw("admin", "ir.module.module", "button_immediate_uninstall", [await moduleIds([module])]);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
