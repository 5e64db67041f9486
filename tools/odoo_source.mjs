import fs from "node:fs";
import path from "node:path";
import { DEBIAN_PYTHON } from "./debian_host.mjs";
import { Problem } from "./problem.mjs";

/**
 * @typedef {object} OdooSource
 * @property {string} python
 * @property {string} script the start script; never `python -m odoo`: the evented process re-executes the script's
 *   name and would die in an endless loop
 * @property {string[]} addons Odoo's own addons folders
 * @property {string} [pythonPath] what PYTHONPATH has to be
 * @property {string} identity changes when Odoo changes
 */

/**
 * @param {string} file odoo/release.py
 * @returns {string} for instance "19.0"
 */
export function releaseSeries(file) {
  const match = /version_info\s*=\s*\(\s*['"]?([^,'"]+)['"]?\s*,\s*(\d+)/.exec(fs.readFileSync(file, "utf8"));
  return match ? `${match[1]?.trim()}.${match[2]}` : "unknown";
}

/**
 * The layout of Debian's package below a folder.
 * @param {string} folder
 * @param {string} python
 * @returns {OdooSource & { release: string }}
 */
function debianLayout(folder, python) {
  const pythonPath = path.join(folder, "lib/python3/dist-packages");
  return {
    python,
    script: path.join(folder, "bin/odoo"),
    addons: [path.join(pythonPath, "odoo/addons")],
    pythonPath,
    identity: folder,
    release: path.join(pythonPath, "odoo/release.py"),
  };
}

/**
 * Odoo as unpacked by odoo_download.mjs.
 * @param {import("./cache_folder.mjs").Cache} cache
 * @param {import("./odoo_download.mjs").TreeStamp} stamp
 * @returns {OdooSource}
 */
export function unpackedSource(cache, stamp) {
  return { ...debianLayout(path.join(cache.odooTree, "usr"), DEBIAN_PYTHON), identity: `${stamp.sha256} ${stamp.recipe}` };
}

/**
 * An existing Odoo 19: a checkout (with odoo-bin) or a folder with Debian's layout.
 * @param {string} home value of ODOO_HOME
 * @param {string} [python] value of ODOO_PYTHON
 * @returns {OdooSource}
 * @throws {Problem} if there is none, or another series
 */
export function existingSource(home, python = "python3") {
  const folder = path.resolve(home);
  const candidates = [
    {
      python,
      script: path.join(folder, "odoo-bin"),
      addons: [path.join(folder, "odoo/addons"), path.join(folder, "addons")].filter((name) => fs.existsSync(name)),
      identity: folder,
      release: path.join(folder, "odoo/release.py"),
    },
    debianLayout(folder, python),
    debianLayout(path.join(folder, "usr"), python),
  ];
  const found = candidates.find(({ script, release }) => fs.existsSync(script) && fs.existsSync(release));
  if (!found) {
    throw new Problem(`ODOO_HOME is ${home}, but there is no Odoo in it (neither odoo-bin nor bin/odoo with odoo/release.py)`);
  }
  const series = releaseSeries(found.release);
  if (series !== "19.0") {
    throw new Problem(`ODOO_HOME is ${home} with Odoo ${series}; Quiet Bus needs Odoo 19.0`);
  }
  return found;
}
