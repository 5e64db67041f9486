import { browser, session } from "./stock";

const KEY = "bus_quiet.bus";

/**
 * Whether Quiet Bus is to serve this page. The administrator can switch it off for all (the server
 * then leaves its part out of the session), and anybody for one tab: `?bus=stock` in the address, until
 * `?bus=quiet` or the tab is closed, for the web client soon drops the parameter.
 */
export function isQuietBusWanted(): boolean {
    const asked = new URLSearchParams(browser.location.search).get("bus");
    try {
        if (asked) {
            browser.sessionStorage.setItem(KEY, asked);
        }
        return Boolean(session.bus_quiet) && browser.sessionStorage.getItem(KEY) !== "stock";
    } catch {
        return Boolean(session.bus_quiet) && asked !== "stock";
    }
}
