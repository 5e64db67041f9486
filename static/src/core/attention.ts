/** How much the user attends to a tab; the highest first. A frozen one has taken its leave. */
export const TAB_ATTENTION = ["focused", "visible", "hidden"] as const;
export type TabAttention = (typeof TAB_ATTENTION)[number];

/**
 * Whether the browser lets the tab make a sound. Most let one that the user has clicked or typed in, and
 * some others, of which only an attempt can tell.
 */
export type Audibility = "heard" | "untried" | "muted";

/**
 * How much the user attends to the browser: as much as to the tab that has most of it; `dormant` when all
 * have been hidden for long.
 */
export type Attention = TabAttention | "dormant";
