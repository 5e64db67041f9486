import fs from "node:fs";
import path from "node:path";
import { runCommand } from "./command.mjs";
import { withLock } from "./lock_file.mjs";

/**
 * @param {string} root the repository
 * @returns {boolean} whether node_modules is missing or older than package-lock.json
 */
export function npmPackagesAreStale(root) {
  const modified = (/** @type {string} */ name) => fs.statSync(path.join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // npm writes this file at the end of each installation
  return modified("node_modules/.package-lock.json") < modified("package-lock.json");
}

/**
 * Installs the npm packages if needed. Uses nothing that npm would have to install first.
 * @param {string} root the repository
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<boolean>} whether anything had to be installed
 */
export async function ensureNpmPackages(root, progress) {
  if (!npmPackagesAreStale(root)) {
    return false;
  }
  return withLock(path.join(root, ".cache/npm.lock"), { what: "installing npm packages", say: progress.say }, async () => {
    if (!npmPackagesAreStale(root)) {
      return false;
    }
    await progress.step("installing npm packages (npm ci)", (detail) =>
      runCommand("npm", ["ci", "--no-progress"], { cwd: root, onLine: detail }));
    const now = new Date();
    fs.utimesSync(path.join(root, "node_modules/.package-lock.json"), now, now);
    return true;
  });
}
