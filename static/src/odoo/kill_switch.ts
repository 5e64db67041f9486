import { browser, session } from "./stock";

const KEY = "bus_quiet.bus";

/**
 * Whether Quiet Bus is to serve this page. The administrator can switch it off for all (the server
 * then leaves its part out of the session), and anybody for one tab: `?bus=stock` in the address, until
 * `?bus=quiet` or the tab is closed, for the web client soon drops the parameter.
 */
export function isQuietBusWanted(): boolean {
    let asked = new URLSearchParams(browser.location.search).get("bus");
    try {
        asked ??= browser.sessionStorage.getItem(KEY);
        browser.sessionStorage.setItem(KEY, asked ?? "quiet");
    } catch {
        // Storage is forbidden: the address alone counts.
    }
    return Boolean(session.bus_quiet) && asked !== "stock";
}
