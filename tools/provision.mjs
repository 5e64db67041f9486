import path from "node:path";
import { linkAddon, REPOSITORY } from "./addon.mjs";
import { openCache } from "./cache_folder.mjs";
import { assertSupportedDebian, ensurePackages, requiredPackages } from "./debian_host.mjs";
import { withLock } from "./lock_file.mjs";
import { ensureOdooTree } from "./odoo_download.mjs";
import { existingSource, unpackedSource } from "./odoo_source.mjs";
import { acquirePostgres, hasPostgresPrograms } from "./postgres.mjs";
import { throwIfShuttingDown } from "./shutdown.mjs";

/**
 * @typedef {object} ProvisionOptions
 * @property {import("./progress.mjs").Progress} progress
 * @property {string | undefined} [addonSource] root of the addon
 * @property {string[] | undefined} [addonsFolders] more folders with addons
 */

/**
 * Only one process at a time may install packages, unpack Odoo or make a template.
 * @template T
 * @param {Pick<import("./odoo_command.mjs").Setup, "cache" | "progress">} setup
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function withSetupLock({ cache, progress }, work) {
  return withLock(path.join(cache.locks, "setup.lock"), { what: "setting up Odoo", say: progress.say }, work);
}

/**
 * Makes this machine ready to run Odoo: packages, Odoo itself, PostgreSQL. Quick if all is there.
 * The caller has to call `postgres.release()` in the end.
 * @param {ProvisionOptions} options
 * @returns {Promise<import("./odoo_command.mjs").Setup>}
 */
export async function provision({ progress, addonSource = REPOSITORY, addonsFolders = [] }) {
  const environment = process.env;
  const given = environment.ODOO_HOME ? existingSource(environment.ODOO_HOME, environment.ODOO_PYTHON || undefined) : undefined;
  if (!given) {
    await assertSupportedDebian();
  }
  const cache = openCache(environment);
  const addon = linkAddon(cache, addonSource);
  const source = await withSetupLock({ cache, progress }, async () => {
    const cluster = !environment.PGHOST;
    const postgres = (await hasPostgresPrograms({ cluster })) ? undefined : cluster ? "server" : "client";
    await ensurePackages(requiredPackages({ odoo: !given, postgres }), progress);
    throwIfShuttingDown();
    return given ?? unpackedSource(cache, await ensureOdooTree(cache, progress));
  });
  throwIfShuttingDown();
  const postgres = await acquirePostgres(cache, progress, environment);
  return { cache, source, postgres, progress, addon, addonsFolders: [addon.folder, ...addonsFolders] };
}
