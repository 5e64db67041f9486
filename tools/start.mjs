#!/usr/bin/env node
// What `npm start` runs. Everything that is imported here must work before any npm package is installed.
import { REPOSITORY } from "./addon.mjs";
import { assertPortIsFree } from "./ports.mjs";
import { ensureNpmPackages } from "./npm_packages.mjs";
import { startOdoo } from "./odoo.mjs";
import { HELP, parseStartOptions } from "./options.mjs";
import { Problem } from "./problem.mjs";
import { createProgress } from "./progress.mjs";
import { isShuttingDown, runShutdownSteps, setExitCodeOnSignal } from "./shutdown.mjs";

/**
 * @param {string} address
 * @param {import("./options.mjs").StartOptions} options
 * @returns {string}
 */
function welcome(address, { workers, database }) {
  return `
  Odoo 19 with Quiet Bus:  ${address}/odoo
  Users (login/password):  admin/admin   marc/marc   julia/julia
  Database ${database}, ${workers > 0 ? `${workers} HTTP worker${workers > 1 ? "s" : ""} and an evented process behind a front proxy` : "one threaded process"}

  Try it: open five tabs as admin. In another browser (or a private window) log in as marc and write to admin:
  the message appears in all five tabs, over one connection.

  Ctrl-C stops everything.
`;
}

/** @param {import("./options.mjs").StartOptions} options */
async function main(options) {
  const progress = createProgress();
  setExitCodeOnSignal(0);
  await assertPortIsFree(options.port);
  await ensureNpmPackages(REPOSITORY, progress);
  const odoo = await startOdoo({
    database: options.database,
    fresh: options.fresh,
    workers: options.workers,
    port: options.port,
    warm: true,
    progress,
  });
  progress.say("ready");
  console.log(welcome(odoo.baseURL, options));
  const status = await odoo.ended();
  if (!isShuttingDown()) {
    throw new Problem(`Odoo ended by itself (${status ?? "by a signal"}); the end of its log:\n${odoo.logText().split("\n").slice(-15).join("\n")}`);
  }
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
  } else {
    await main(options);
  }
} catch (error) {
  // after Ctrl-C the rest is done by the shutdown steps, and what fails on the way there is of no interest
  if (!isShuttingDown()) {
    await runShutdownSteps();
    console.error(error instanceof Problem ? `quiet bus: ${error.message}` : error);
    process.exit(error instanceof Problem ? error.exitCode : 1);
  }
}
