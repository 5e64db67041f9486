/** How notifications are sent while a fault is played. */

/** Milliseconds from one notification to the next: 20 in a second. */
export const INTERVAL = 50;
/** What each tab has got when the fault strikes. */
export const BEFORE = 30;
