import type { TabId } from "../core/messages";
import type { Roster } from "./roster";

/** Silence, in milliseconds, after which another tab becomes master. It answers each heartbeat. */
export const MASTER_TIMEOUT = 3_000;

/**
 * Who is to be master: the present one while it answers; after a change of hub the one that was it
 * before; else the host tab, else any that gave a sign of life lately. With null the heartbeat asks
 * all candidates for one, so a frozen tab can't be appointed.
 *
 * @param isSettled whether those that come first have had the time to speak
 */
export function appointMaster(
    roster: Roster,
    present: TabId | null,
    hostTab: TabId,
    now: number,
    isSettled: boolean
): TabId | null {
    const fit = roster.tabs.filter(
        (tab) => roster.state(tab)!.candidate && roster.heardWithin(tab, MASTER_TIMEOUT, now)
    );
    return (
        fit.find((tab) => tab === present) ??
        fit.find((tab) => roster.state(tab)!.master) ??
        (isSettled ? (fit.find((tab) => tab === hostTab) ?? fit[0]) : null) ??
        null
    );
}
