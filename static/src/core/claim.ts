import type { TabId } from "./messages";

/** Something that is to be done once per browser, by one of the tabs that have heard of it. */
export interface ClaimRequest {
    /** Name of it, the same in all tabs. */
    key: string;
    /** A sound: only a tab that can be heard may do it, and not too soon after another. */
    isSound: boolean;
    /** When a tab first asked (wall clock, ms). */
    askedAt: number;
}

/** The tab that may do it. */
export interface Grant {
    holder: TabId;
    /** Until when it may begin (wall clock, ms): then another may. */
    until: number;
    /** It has begun. */
    isTaken: boolean;
}

/** What became of a grant: it is done; it made no sound; or the user needs none of it. */
export type ClaimOutcome = "taken" | "refused" | "unneeded";

/** What a tab knows of claims; with it a new hub goes on where the one before stopped. */
export interface ClaimMemory {
    open: (ClaimRequest & { grant: Grant | null })[];
    /** Keys of what is done. */
    settled: string[];
    /** When a tab last made a sound (wall clock, ms); 0: never. */
    beepedAt: number;
}

export const NO_CLAIMS: ClaimMemory = { open: [], settled: [], beepedAt: 0 };
