import type { Usage } from "./usage";

/** After which browsers let a page make sounds. */
const GESTURES = ["mousedown", "pointerup", "touchend", "keydown"];

/**
 * Notices that the user does something in the page: it may be heard from then on. The browser knows
 * better what counts, where it tells.
 */
export function followUse(usage: Usage): void {
    const look = () => {
        if (navigator.userActivation?.hasBeenActive) {
            usage.setAudibility("heard");
        }
    };
    const take = ({ isTrusted }: Event) => {
        usage.touch();
        if (navigator.userActivation) {
            look();
        } else if (isTrusted) {
            usage.setAudibility("heard");
        }
    };
    for (const gesture of GESTURES) {
        window.addEventListener(gesture, take, { capture: true, passive: true });
    }
    look();
}
