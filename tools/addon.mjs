import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "./problem.mjs";

/** Technical name of the addon. */
export const ADDON_NAME = "bus_quiet";

/** The repository, whose root is the addon's root. */
export const REPOSITORY = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** What an installed addon is made from; tests, tools and sources of the client are not. */
const INSTALLED_PARTS = ["__manifest__.py", "__init__.py", "addon", "static/lib", "i18n", "data", "security", "views"];

/** @typedef {{ source: string, folder: string }} Addon the addon's root, and the addons folder with a link to it */

/**
 * Makes an addons folder with a link to the addon: Odoo finds an addon by the name of its folder, and a checkout may
 * have any name.
 * @param {import("./cache_folder.mjs").Cache} cache
 * @param {string} source
 * @returns {Addon}
 */
export function linkAddon(cache, source) {
  const root = fs.realpathSync(source);
  if (!fs.existsSync(path.join(root, "__manifest__.py"))) {
    throw new Problem(`there is no addon in ${root}: __manifest__.py is missing`);
  }
  const folder = path.join(cache.addons, createHash("sha256").update(root).digest("hex").slice(0, 12));
  const link = path.join(folder, ADDON_NAME);
  fs.mkdirSync(folder, { recursive: true });
  try {
    fs.symlinkSync(root, link);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") {
      throw error;
    }
  }
  return { source: root, folder };
}

/**
 * @param {string} file
 * @returns {string[]} the file, or all files in the folder, sorted; [] if there is none
 */
function filesIn(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    return stat && !file.endsWith(".pyc") ? [file] : [];
  }
  return fs.readdirSync(file).sort().flatMap((name) => filesIn(path.join(file, name)));
}

/**
 * @param {string} folder an addons folder
 * @returns {string} changes when a file of an addon in it changes
 */
export function addonsFolderHash(folder) {
  const hash = createHash("sha256").update(folder);
  // links lead to other people's folders, with who knows what in them
  const entries = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isSymbolicLink());
  for (const file of entries.flatMap((entry) => filesIn(path.join(folder, entry.name))).sort()) {
    hash.update(`\0${file}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {Addon} addon
 * @returns {string} changes when something changes that Odoo reads at an update of the addon
 */
export function addonHash({ source }) {
  const hash = createHash("sha256").update(source);
  for (const file of INSTALLED_PARTS.flatMap((part) => filesIn(path.join(source, part)))) {
    hash.update(`\0${path.relative(source, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}
