import type { Browser } from "./fake_browser";

const INTERVAL = 50;

/** Publishes on the channel "all" for a while, 20 notifications a second; returns their ids. */
export async function publishFor(browser: Browser, milliseconds: number): Promise<number[]> {
    const ids: number[] = [];
    for (let passed = 0; passed < milliseconds; passed += INTERVAL) {
        ids.push(browser.server.publish("all"));
        await browser.pass(INTERVAL);
    }
    return ids;
}

/** The terms of all hubs that began to serve. */
export function termsOf(browser: Browser): number[] {
    return [...new Set(browser.channels.ofKind("up").map(({ term }) => term))];
}
