import type { Tab } from "./tab";

/**
 * Makes the tab leave when its page is closed, frozen or put into the back/forward cache, where it
 * would keep the office and the other tabs would starve; and join again when the page comes back.
 */
export function followPage(tab: Tab): void {
    let isAway = false;
    const leave = () => {
        isAway ||= tab.isInside;
        tab.suspend();
    };
    const comeBack = () => {
        if (isAway) {
            isAway = false;
            tab.join();
        }
    };
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", comeBack);
    document.addEventListener("freeze", leave);
    document.addEventListener("resume", comeBack);
}
