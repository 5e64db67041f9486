import { createHash } from "node:crypto";
import fs from "node:fs";
import { addonHash, addonsFolderHash } from "./addon.mjs";
import { cloneDatabase, databaseIdentity, dropDatabase, execute, filestore, literal, makeTemplate } from "./database.mjs";
import { runOdooOnce, runOdooShell } from "./odoo_command.mjs";
import { throwIfShuttingDown } from "./shutdown.mjs";

/** @typedef {import("./odoo_command.mjs").Setup} Setup */

const BASE_MODULES = ["base", "web", "bus", "mail"];
const DEMO_DATA = new URL("demo_data.py", import.meta.url);

/**
 * The scripts and styles of the login page and the web client. Without them the first page of each fresh database
 * takes five seconds; all bundles together would take eighteen here.
 */
const MAKE_ASSET_BUNDLES = `
for name in ("web.assets_web", "web.assets_frontend_minimal", "web.assets_frontend_lazy"):
    env["ir.qweb"]._get_asset_bundle(name, css=False, js=True).js()
for name in ("web.assets_web", "web.assets_web_print", "web.assets_frontend"):
    env["ir.qweb"]._get_asset_bundle(name, css=True, js=False).css()
env.cr.commit()
`;

/**
 * @param {...string} parts
 * @returns {string}
 */
function shortHash(...parts) {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 10);
}

/**
 * @param {Setup} setup
 * @param {string} template
 * @returns {Promise<boolean>} whether the template is there, with its files
 */
async function templateExists(setup, template) {
  return fs.existsSync(filestore(setup, template)) && (await databaseIdentity(setup, template)) !== "";
}

/**
 * Makes room for a template: drops older ones of its kind and unfinished work.
 * @param {Setup} setup
 * @param {string} prefix
 * @param {string} template
 */
async function dropOutdated(setup, prefix, template) {
  // a given server may also hold the templates of another cache folder
  const names = setup.postgres.isPrivate
    ? await execute(setup, "postgres", `select datname from pg_database where starts_with(datname, ${literal(prefix)})`)
    : "";
  for (const name of new Set([...names.split("\n").filter(Boolean), template])) {
    await dropDatabase(setup, name);
  }
}

/**
 * Makes the database from which the others are cloned: Odoo with mail, and a few users who chat.
 * The caller holds the set-up lock.
 * @param {Setup} setup
 * @returns {Promise<string>} name of the template
 */
async function ensureBaseTemplate(setup) {
  const demoData = fs.readFileSync(DEMO_DATA, "utf8");
  const prefix = "quiet_bus_base_";
  const template = prefix + shortHash(setup.source.identity, demoData, ...BASE_MODULES);
  if (await templateExists(setup, template)) {
    return template;
  }
  throwIfShuttingDown();
  await dropOutdated(setup, prefix, template);
  const unfinished = `${template}_new`;
  await setup.progress.step(`making the template database (${BASE_MODULES.join(", ")})`, async (detail) => {
    await dropDatabase(setup, unfinished);
    await runOdooOnce(setup, unfinished, ["-i", BASE_MODULES.join(","), "--without-demo"], detail);
    detail("users and chats");
    await runOdooShell(setup, unfinished, demoData);
  });
  await makeTemplate(setup, unfinished, template);
  return template;
}

/**
 * Makes a template with some modules installed and the asset bundles made, so that a fresh database costs a copy.
 * The caller holds the set-up lock.
 * @param {Setup} setup
 * @param {string[]} modules
 * @returns {Promise<string>} name of the template
 */
export async function ensureTemplate(setup, modules) {
  const base = await ensureBaseTemplate(setup);
  if (modules.length === 0) {
    return base;
  }
  const otherFolders = setup.addonsFolders.filter((folder) => folder !== setup.addon.folder);
  const prefix = `quiet_bus_with_${shortHash(setup.addon.source, ...setup.addonsFolders, ...modules)}_`;
  const template = prefix + shortHash(base, addonHash(setup.addon), ...otherFolders.map(addonsFolderHash));
  if (await templateExists(setup, template)) {
    return template;
  }
  throwIfShuttingDown();
  await dropOutdated(setup, prefix, template);
  const unfinished = `${template}_new`;
  await setup.progress.step(`installing ${modules.join(", ")}`, async (detail) => {
    await cloneDatabase(setup, base, unfinished);
    await runOdooOnce(setup, unfinished, ["-i", modules.join(",")], detail);
    detail("asset bundles");
    await runOdooShell(setup, unfinished, MAKE_ASSET_BUNDLES);
  });
  await makeTemplate(setup, unfinished, template);
  return template;
}
