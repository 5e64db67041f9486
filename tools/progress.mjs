const SIGN_OF_LIFE_MS = 5000;

/**
 * @typedef {object} Progress
 * @property {(message: string) => void} say prints one line with the elapsed time
 * @property {<T>(label: string, work: (detail: (text: string) => void) => Promise<T>) => Promise<T>} step
 *   runs a long piece of work and shows every few seconds that it is alive
 */

/**
 * Progress lines with the time since the start.
 * @param {{ write?: (line: string) => void, signOfLifeMs?: number }} [options]
 * @returns {Progress}
 */
export function createProgress({ write = (line) => process.stderr.write(`${line}\n`), signOfLifeMs = SIGN_OF_LIFE_MS } = {}) {
  const begin = performance.now();
  const seconds = (/** @type {number} */ since) => ((performance.now() - since) / 1000).toFixed(1);
  const say = (/** @type {string} */ message) => write(`[${seconds(begin).padStart(6)} s] ${message}`);
  return {
    say,
    async step(label, work) {
      const stepBegin = performance.now();
      let detail = "";
      say(`${label} …`);
      const timer = setInterval(() => {
        say(`  still at it: ${label}, ${Math.round((performance.now() - stepBegin) / 1000)} s${detail && `: ${detail}`}`);
      }, signOfLifeMs);
      try {
        const result = await work((text) => {
          detail = text.trim().slice(0, 90);
        });
        say(`${label}: done in ${seconds(stepBegin)} s`);
        return result;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** @type {Progress} */
export const silentProgress = { say() {}, step: (_label, work) => work(() => {}) };
