import { asCleanUp, stopRunningCommands } from "./command.mjs";
import { Problem } from "./problem.mjs";

/** @type {Set<() => Promise<void>>} */
const steps = new Set();
let installed = false;
let stopping = false;
/** @type {number | undefined} */
let exitCodeOnSignal;

/**
 * Sets the exit code after Ctrl-C or SIGTERM. Without it: 128 plus the signal's number, as a shell reports it.
 * @param {number} code
 */
export function setExitCodeOnSignal(code) {
  exitCodeOnSignal = code;
  install();
}

/**
 * Registers what has to be done before the process ends by Ctrl-C or SIGTERM, latest first, and gives a function that
 * does it now. It is done once, even if the signal comes while the caller does it: both then wait for the same work.
 * @param {() => Promise<void> | void} work
 * @returns {() => Promise<void>}
 */
export function registerCleanUp(work) {
  install();
  /** @type {Promise<void> | undefined} */
  let result;
  function step() {
    result ??= asCleanUp(async () => {
      try {
        await work();
      } finally {
        steps.delete(step);
      }
    });
    return result;
  }
  steps.add(step);
  return step;
}

/** @returns {boolean} whether the process is about to end because of a signal */
export function isShuttingDown() {
  return stopping;
}

/**
 * To be called between long pieces of work, so that no new one starts after Ctrl-C.
 * @throws {Problem} if the process is about to end
 */
export function throwIfShuttingDown() {
  if (stopping) {
    throw new Problem("stopped");
  }
}

/**
 * Stops running commands and runs all registered steps, latest first. A failing step does not keep the others from running.
 * @returns {Promise<void>}
 */
export async function runShutdownSteps() {
  stopping = true;
  await stopRunningCommands();
  for (const step of [...steps].reverse()) {
    try {
      await step();
    } catch (error) {
      console.error(error);
    }
  }
}

function install() {
  if (installed) {
    return;
  }
  installed = true;
  for (const [name, number] of /** @type {const} */ ([["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]])) {
    // `on`, not `once`: a second Ctrl-C must not kill us in the middle of the clean-up (npm passes each one on twice)
    process.on(name, async () => {
      if (!stopping) {
        await runShutdownSteps();
        process.exit(exitCodeOnSignal ?? 128 + number);
      }
    });
  }
}
