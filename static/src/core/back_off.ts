/** Returns a number in [0, 1), as Math.random does. */
export type Random = () => number;

/** Delay of the first retry, before jitter, in milliseconds. */
export const FIRST_RETRY_DELAY = 1_000;
/** Longest delay between two attempts, in milliseconds (stock: 60 s). */
export const LONGEST_RETRY_DELAY = 60_000;
/** Longest delay, in milliseconds, while the server has not been out of reach for long. */
const LONGEST_EARLY_DELAY = 4_000;
/** Window over which browsers come back after the server itself closed, in milliseconds. */
export const SERVER_CLOSE_SPREAD = 10_000;

export interface RetryLimits {
    /** Least width of the window that the delay is drawn from, in milliseconds. */
    least?: number;
    /** Most width of it. */
    most?: number;
}

/**
 * Exponential back-off with full jitter: a uniformly random part of the delay, because a
 * fixed delay with a little noise keeps a herd of browsers together.
 *
 * @param attempt number of attempts that failed in a row; 0 for the first retry
 */
export function retryDelay(
    attempt: number,
    random: Random,
    { least = 0, most = LONGEST_RETRY_DELAY }: RetryLimits = {}
): number {
    const exponential = Math.min(FIRST_RETRY_DELAY * 2 ** attempt, LONGEST_RETRY_DELAY, most);
    return Math.round(random() * Math.max(exponential, least));
}

/**
 * Longest delay, in milliseconds, when the server has been out of reach for this time: a third of it.
 * Who was cut off for half a minute is not kept waiting for another one.
 */
export function longestDelayIn(outage: number): number {
    return Math.max(LONGEST_EARLY_DELAY, outage / 3);
}
