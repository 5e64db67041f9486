import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { hostDebianMirror } from "./apt_sources.mjs";
import { runCommand } from "./command.mjs";
import { CODENAME } from "./debian_host.mjs";
import { Problem } from "./problem.mjs";
import { registerCleanUp } from "./shutdown.mjs";

/** The only Debian suite with Odoo 19. */
const SUITE = "sid";
const PINNED_VERSION = "19.0.0+dfsg-1";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Raise it when the tree has to be made in another way: older trees are then replaced. */
const RECIPE = 1;

/**
 * Without jquery's file every page is an HTTP 500: Odoo's package has a link to it, listed in the asset bundles.
 */
const LINKED_PACKAGES = ["libjs-jquery", "libjs-jquery-form", "libjs-underscore"];

/** @typedef {{ version: string, sha256: string, recipe: number }} TreeStamp */

/**
 * @param {import("./cache_folder.mjs").Cache} cache
 * @returns {TreeStamp | undefined} what the unpacked tree is, undefined if there is none that can be used
 */
export function readTreeStamp(cache) {
  const file = path.join(cache.odooTree, ".stamp.json");
  const stamp = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined;
  return stamp?.recipe === RECIPE ? stamp : undefined;
}

/**
 * A private apt state for another suite; the machine's own stays as it is, but its settings and mirror are used.
 * @param {string} folder
 * @returns {{ prefix: string[] }} options for apt-get and apt-cache
 */
function preparePrivateApt(folder) {
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  }
  fs.writeFileSync(path.join(folder, "sources.list"), `deb [signed-by=${KEYRING}] ${hostDebianMirror(CODENAME)} ${SUITE} main\n`);
  return {
    prefix: [
      `Dir::Etc::sourcelist=${folder}/sources.list`, "Dir::Etc::sourceparts=-", `Dir::State::lists=${folder}/lists`,
      `Dir::Cache=${folder}/cache`, "APT::Sandbox::User=", "Acquire::Languages=none",
      "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
    ].flatMap((option) => ["-o", option]),
  };
}

/**
 * @param {string} file
 * @returns {string}
 */
function sha256(file) {
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

/**
 * Downloads one package, unless the same one is there already.
 * @param {string} name
 * @param {{ apt: string, prefix: string[], debs: string, detail: (text: string) => void }} where
 * @returns {Promise<{ file: string, version: string, sha256: string }>}
 */
async function download(name, { apt, prefix, debs, detail }) {
  const record = await runCommand("apt-cache", [...prefix, "show", "--no-all-versions", name]).catch(() => "");
  const field = (/** @type {string} */ key) => new RegExp(`^${key}: (.*)$`, "m").exec(record)?.[1] ?? "";
  const wanted = { version: field("Version"), sha256: field("SHA256") };
  if (!wanted.sha256) {
    throw new Problem(`the Debian mirror no longer has ${name} in ${SUITE}; use ODOO_HOME or compose.yaml, see docs/running.md`);
  }
  const file = path.join(debs, `${name}.deb`);
  if (!fs.existsSync(file) || sha256(file) !== wanted.sha256) {
    const folder = fs.mkdtempSync(path.join(apt, "download-"));
    const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
    const timer = setInterval(() => {
      const bytes = fs.readdirSync(folder).reduce((sum, entry) => sum + fs.statSync(path.join(folder, entry)).size, 0);
      detail(`${name}, ${megabytes(bytes)} of ${megabytes(Number(field("Size")))} MB`);
    }, 1000);
    try {
      await runCommand("apt-get", [...prefix, "download", "-qq", name], { cwd: folder });
    } finally {
      clearInterval(timer);
    }
    const downloaded = path.join(folder, fs.readdirSync(folder)[0] ?? "");
    // apt has checked it as well; this one keeps the check beside the use
    if (sha256(downloaded) !== wanted.sha256) {
      throw new Problem(`${name}: the downloaded file is not the one in the signed index`);
    }
    fs.renameSync(downloaded, file);
  }
  return { file, ...wanted };
}

/**
 * Makes an unpacked tree usable without the packages around it.
 * @param {string} tree
 */
async function repairTree(tree) {
  // Odoo's asset search reads the time of each file and fails on a dangling link (fonts of packages that are not here)
  const dangling = await runCommand("find", [tree, "-xtype", "l", "-print0"]);
  dangling.split("\0").filter(Boolean).forEach((link) => fs.unlinkSync(link));
  // Debian leaves this file out, but mail's manifest lists it: each page would log an error
  const stub = path.join(tree, "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js");
  if (!fs.existsSync(stub)) {
    fs.mkdirSync(path.dirname(stub), { recursive: true });
    fs.writeFileSync(stub, "/* not shipped by Debian */\n");
  }
}

/**
 * Downloads and unpacks Odoo 19 into the cache, if it isn't there. The caller holds the set-up lock.
 * @param {import("./cache_folder.mjs").Cache} cache
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<TreeStamp>}
 */
export async function ensureOdooTree(cache, progress) {
  const present = readTreeStamp(cache);
  if (present) {
    return present;
  }
  const apt = path.join(cache.folder, "apt");
  const unfinished = `${cache.odooTree}.unfinished`;
  // the index names the mirror
  const removeApt = registerCleanUp(() => fs.rmSync(apt, { recursive: true, force: true }));
  try {
    [apt, unfinished].forEach((folder) => fs.rmSync(folder, { recursive: true, force: true }));
    const { prefix } = preparePrivateApt(apt);
    await progress.step("reading the package index", () => runCommand("apt-get", [...prefix, "update", "-q"]));
    const where = { apt, prefix, debs: cache.debs };
    const { odoo, others } = await progress.step("downloading Odoo 19 (118 MB)", async (detail) => {
      const main = await download("odoo-19", { ...where, detail });
      const linked = [];
      for (const name of LINKED_PACKAGES) {
        linked.push(await download(name, { ...where, detail }));
      }
      return { odoo: main, others: linked };
    });
    await progress.step("unpacking Odoo 19", async () => {
      for (const { file } of [odoo, ...others]) {
        await runCommand("dpkg-deb", ["-x", file, unfinished]);
      }
      await repairTree(unfinished);
    });
    const stamp = { version: odoo.version, sha256: odoo.sha256, recipe: RECIPE };
    if (stamp.version !== PINNED_VERSION) {
      progress.say(`note: Odoo's package is ${stamp.version}; this project was tried with ${PINNED_VERSION}`);
    }
    fs.writeFileSync(path.join(unfinished, ".stamp.json"), JSON.stringify(stamp));
    fs.rmSync(cache.odooTree, { recursive: true, force: true });
    fs.renameSync(unfinished, cache.odooTree);
    return stamp;
  } finally {
    await removeApt();
  }
}
