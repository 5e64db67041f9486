/**
 * An error whose message is meant for the person at the keyboard: shown without a stack trace.
 */
export class Problem extends Error {
  /**
   * @param {string} message what is wrong and what to do about it
   * @param {number} [exitCode] 2 for wrong usage, 1 for everything else
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = "Problem";
    this.exitCode = exitCode;
  }
}
