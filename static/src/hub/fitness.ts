import { type Audibility, TAB_ATTENTION } from "../core/attention";
import type { TabState } from "../core/messages";

const AUDIBILITY: Audibility[] = ["heard", "untried", "muted"];

/**
 * Compares how fit two tabs are for what happens once per browser: who can be heard, then to which the
 * user attends, then which was used last. Negative where the first is fitter.
 */
export function compareFitness(one: TabState, other: TabState): number {
    return (
        compareAudibility(one, other) || compareAttention(one, other) || other.usedAt - one.usedAt
    );
}

export function compareAudibility(one: TabState, other: TabState): number {
    return AUDIBILITY.indexOf(one.audibility) - AUDIBILITY.indexOf(other.audibility);
}

export function compareAttention(one: TabState, other: TabState): number {
    return TAB_ATTENTION.indexOf(one.attention) - TAB_ATTENTION.indexOf(other.attention);
}
