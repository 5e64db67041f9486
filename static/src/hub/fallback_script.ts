import { systemClock } from "../core/clock";
import type { PollOptions } from "../transport/poll_transport";
import type { OpenTransport } from "../transport/transport";

declare global {
    /** Set by the script of the fallback transports. */
    var busQuietPollTransport: ((options: PollOptions) => OpenTransport) | undefined;
    function importScripts(url: string): void;
}

/** Address of the script that is running, in a Worker or in a page. */
const OWN_URL =
    typeof document === "undefined"
        ? location.href
        : (document.currentScript as HTMLScriptElement).src;

/**
 * Gets a transport for where no websocket gets through; few browsers need the code.
 *
 * @throws where it can't be loaded
 */
export async function loadFallback(hold: PollOptions["hold"]): Promise<OpenTransport> {
    if (!globalThis.busQuietPollTransport) {
        const url = OWN_URL.replace("hub.js", "fallback.js");
        await (typeof document === "undefined" ? loadIntoWorker : loadIntoPage)(url);
    }
    return globalThis.busQuietPollTransport!({
        clock: systemClock,
        random: Math.random,
        fetch: (url, init) => fetch(url, init),
        hold,
    });
}

async function loadIntoWorker(url: string): Promise<void> {
    // The Worker stands still while it imports: so the script has to be in the browser's cache.
    await (await fetch(url)).text();
    importScripts(url);
}

function loadIntoPage(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(`${url} can't be loaded`));
        document.head.append(script);
    });
}
