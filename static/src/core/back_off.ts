/** Returns a number in [0, 1), as Math.random does. */
export type Random = () => number;

/** Delay of the first retry, before jitter, in milliseconds. */
export const FIRST_RETRY_DELAY = 1_000;
/** Longest delay between two attempts, in milliseconds (stock: 60 s). */
export const LONGEST_RETRY_DELAY = 60_000;
/** Window over which browsers come back after the server itself closed, in milliseconds. */
export const SERVER_CLOSE_SPREAD = 10_000;

/**
 * Exponential back-off with full jitter: a uniformly random part of the delay, because a
 * fixed delay with a little noise keeps a herd of browsers together.
 *
 * @param attempt number of attempts that failed in a row; 0 for the first retry
 * @param spread least width of the window that the delay is drawn from, in milliseconds
 */
export function retryDelay(attempt: number, random: Random, spread = 0): number {
    const exponential = Math.min(FIRST_RETRY_DELAY * 2 ** attempt, LONGEST_RETRY_DELAY);
    return Math.round(random() * Math.max(exponential, spread));
}
