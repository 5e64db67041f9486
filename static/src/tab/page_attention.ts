import type { TabAttention } from "../core/attention";
import { Alarm, type Clock } from "../core/clock";
import type { Usage } from "./usage";

/** How often, in milliseconds, it is looked whether the call in a hidden tab goes on. */
const CALL_CHECK_INTERVAL = 10_000;

/**
 * Notices how much the user attends to the page.
 *
 * @param isInCall a page with a call is attended to, wherever the user looks
 */
export function followAttention(usage: Usage, clock: Clock, isInCall: () => boolean): void {
    const look = () => {
        const isCalling = document.hidden && isInCall();
        usage.setAttention(isCalling ? "focused" : pageAttention());
        if (isCalling) {
            check.set(CALL_CHECK_INTERVAL);
        }
    };
    const check = new Alarm(clock, look);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    look();
}

function pageAttention(): TabAttention {
    if (document.hidden) {
        return "hidden";
    }
    return document.hasFocus() ? "focused" : "visible";
}
