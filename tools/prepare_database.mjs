import { ADDON_NAME, addonHash } from "./addon.mjs";
import { cloneDatabase, databaseIdentity, dropDatabase } from "./database.mjs";
import { installedState, splitByInstalled } from "./database_lock.mjs";
import { runOdooOnce } from "./odoo_command.mjs";
import { withSetupLock } from "./provision.mjs";
import { ensureTemplate } from "./template.mjs";

/**
 * Brings a database to the state that is asked for: there, with the modules installed and up to date.
 * The caller holds the database's lock.
 * @param {import("./odoo_command.mjs").Setup} setup
 * @param {{ database: string, modules: string[], fresh: boolean }} options
 * @returns {Promise<void>}
 */
export async function prepareDatabase(setup, { database, modules, fresh }) {
  const state = installedState(setup, database);
  const wanted = addonHash(setup.addon);
  if (fresh) {
    await dropDatabase(setup, database);
  }
  if (!(await databaseIdentity(setup, database))) {
    await withSetupLock(setup, async () => {
      const template = await ensureTemplate(setup, modules);
      await cloneDatabase(setup, template, database);
    });
    setup.progress.say(`database ${database}: new`);
    await state.remember(wanted);
    return;
  }
  const { present, absent } = await splitByInstalled(setup, database, modules);
  const updates = (await state.installed()) === wanted ? [] : present.filter((name) => name === ADDON_NAME);
  if (absent.length === 0 && updates.length === 0) {
    setup.progress.say(`database ${database}: up to date`);
    return;
  }
  await setup.progress.step(`updating the database ${database} (${[...absent, ...updates].join(", ")})`, (detail) =>
    runOdooOnce(setup, database, [
      ...(absent.length > 0 ? ["-i", absent.join(",")] : []),
      ...(updates.length > 0 ? ["-u", updates.join(",")] : []),
    ], detail));
  await state.remember(wanted);
}
