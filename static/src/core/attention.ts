/** How much the user attends to a tab; the highest first. A frozen one has taken its leave. */
export const TAB_ATTENTION = ["focused", "visible", "hidden"] as const;
export type TabAttention = (typeof TAB_ATTENTION)[number];

/** The same of the browser: the highest of its tabs; `dormant` when all have been hidden for long. */
export type Attention = TabAttention | "dormant";
