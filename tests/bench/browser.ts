/** Browsers of the user, with or without what stock relies on. */
import type { Page } from "playwright-core";
import { Profile, profileOf, type Tab } from "../support/e2e_browser";
import type { Side } from "./bench";
import { type Probe, USER } from "./probe";

/** What the browser has of SharedWorker: all of it, nothing, or one that fails to start. */
export type SharedWorkers = "working" | "missing" | "failing";

export interface Situation {
    sharedWorkers?: SharedWorkers;
    tabs: number;
}

/** Opens tabs, waits until all are connected, and closes the browser after the measurement. */
export async function withTabs<T>(
    probe: Probe,
    side: Side,
    { sharedWorkers = "working", tabs: count }: Situation,
    measure: (tabs: Tab[], profile: Profile) => Promise<T>
): Promise<T> {
    const profile = await profileOf(USER, probe.server, {
        stock: side === "stock",
        withoutSharedWorker: sharedWorkers === "missing",
        failingSharedWorker: sharedWorkers === "failing",
    });
    const open = async () => {
        const tab = await profile.emptyTab();
        await tab.goto(profile.url("/odoo"));
        await tab.waitForConnected();
        return tab;
    };
    try {
        // The first fills the cache for the others.
        const first = await open();
        const others = await Promise.all(Array.from({ length: count - 1 }, open));
        const tabs = [first, ...others];
        if ((await first.isStock()) !== (side === "stock")) {
            throw new Error(`the bus of the tabs is not the one of ${side}`);
        }
        return await measure(tabs, profile);
    } finally {
        await profile.close();
    }
}

/** Whether each tab is the main one; undefined where no answer comes in time. */
export function mainTabAnswers(tabs: Tab[], timeout = 5_000): Promise<(boolean | undefined)[]> {
    return Promise.all(tabs.map(({ page }) => isMainTab(page, timeout)));
}

async function isMainTab(page: Page, timeout: number): Promise<boolean | undefined> {
    const answer = await page.evaluate(
        (limit) =>
            Promise.race([
                window.services.multi_tab.isOnMainTab() as Promise<boolean>,
                new Promise<null>((resolve) => setTimeout(() => resolve(null), limit)),
            ]),
        timeout
    );
    return answer ?? undefined;
}

/** "5 of 5 tabs, 1 main": how many of the answers came, and how many of them were yes. */
export function describeAnswers(answers: (boolean | undefined)[]): string {
    const given = answers.filter((answer) => answer !== undefined);
    const yes = given.filter(Boolean).length;
    return `${given.length} of ${answers.length} tabs answer, ${yes} say yes`;
}
