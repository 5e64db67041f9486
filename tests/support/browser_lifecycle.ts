/**
 * Hides and freezes tabs as Chromium does it with those that nobody looks at. Playwright makes it take
 * each page for visible and focused, and what is visible is never frozen: Chromium then ignores the
 * wish without a word. So each step here checks that the page noticed it.
 */
import type { BrowserContext, Page } from "playwright-core";
import { until } from "./browser_wait";

/** What has a page: a tab of any of our test suites. */
export interface PageHolder {
    readonly page: Page;
}

type LifecycleEvent = "freeze" | "resume";

interface LifecycleEntry {
    event: LifecycleEvent;
    /** Wall-clock time in milliseconds. */
    at: number;
}

declare global {
    interface Window {
        /** When the page was frozen and thawed, in order. */
        lifecycle?: LifecycleEntry[];
    }
}

/** How long, in milliseconds, the page may take to notice; it mostly takes less than 30. */
const TIMEOUT = 5_000;

/** Playwright's end of its own debugging session with a page. */
interface Session {
    send(method: string, parameters: object): Promise<unknown>;
}

/** What we need of Playwright's insides. */
interface Insides {
    _connection?: {
        toImpl?(page: Page): { delegate?: { _mainFrameSession?: { _client?: Session } } };
    };
}

/** An empty tab in each window, for the foreground. */
const covers = new WeakMap<BrowserContext, Promise<Page>>();

/** Makes the tab one in the background, until `show`. */
export async function hide({ page }: PageHolder): Promise<void> {
    await emulateFocus(page, false);
    const cover = await coverOf(page.context());
    await cover.bringToFront();
    await until(
        "visibilityState hidden, in a tab behind another",
        async () => (await visibility(page)) === "hidden",
        TIMEOUT
    );
}

/** Makes the tab visible again, as all are for Playwright; if it is frozen, Chromium thaws it. */
export async function show(tab: PageHolder): Promise<void> {
    const { page } = tab;
    await emulateFocus(page, true);
    await page.bringToFront();
    await until(
        "visibilityState visible, in a tab that is brought to the front, and no frozen page",
        async () => (await visibility(page)) === "visible" && !(await isFrozen(tab)),
        TIMEOUT
    );
}

/**
 * Hides the tab and freezes it: neither its timers nor its Workers run any more, until `thaw` or `show`.
 * It can still be asked with `evaluate`.
 *
 * @returns wall-clock time of the `freeze` event, in milliseconds
 */
export async function freeze(tab: PageHolder): Promise<number> {
    await hide(tab);
    await recordLifecycle(tab.page);
    return setLifecycle(tab.page, "frozen", "freeze");
}

/**
 * Lets a frozen tab run again; it stays hidden.
 *
 * @returns wall-clock time of the `resume` event, in milliseconds
 */
export async function thaw(tab: PageHolder): Promise<number> {
    if (!(await isFrozen(tab))) {
        throw new Error("A tab is to be thawed that is not frozen.");
    }
    return setLifecycle(tab.page, "active", "resume");
}

/** Whether the tab is frozen, if it was `freeze` that froze it. */
export async function isFrozen({ page }: PageHolder): Promise<boolean> {
    return (await lastEntry(page))?.event === "freeze";
}

async function setLifecycle(
    page: Page,
    state: "frozen" | "active",
    event: LifecycleEvent
): Promise<number> {
    await ownSession(page).send("Page.setWebLifecycleState", { state });
    let entry: LifecycleEntry | undefined;
    await until(
        `the event "${event}" in a tab that Chromium was told to make ${state}`,
        async () => {
            entry = await lastEntry(page);
            return entry?.event === event;
        },
        TIMEOUT
    );
    return entry!.at;
}

/** Listens on the way down to the document: a test may stop the event there. */
function recordLifecycle(page: Page): Promise<void> {
    return page.evaluate(() => {
        if (window.lifecycle) {
            return;
        }
        const entries: LifecycleEntry[] = (window.lifecycle = []);
        for (const event of ["freeze", "resume"] as const) {
            const note = () => entries.push({ event, at: Date.now() });
            window.addEventListener(event, note, { capture: true });
        }
    });
}

function lastEntry(page: Page): Promise<LifecycleEntry | undefined> {
    return page.evaluate(() => window.lifecycle?.at(-1));
}

function visibility(page: Page): Promise<DocumentVisibilityState> {
    return page.evaluate(() => document.visibilityState);
}

function coverOf(context: BrowserContext): Promise<Page> {
    let cover = covers.get(context);
    if (!cover) {
        cover = context.newPage();
        covers.set(context, cover);
    }
    return cover;
}

/** Whether Chromium shall take the page for visible and focused wherever it is. */
async function emulateFocus(page: Page, enabled: boolean): Promise<void> {
    await ownSession(page).send("Emulation.setFocusEmulationEnabled", { enabled });
}

/**
 * Playwright's own session with the page. Each session has a say of its own in whether a page counts as
 * visible; what Playwright asked for in its own can't be taken back in one of ours.
 */
function ownSession(page: Page): Session {
    const { _connection: connection } = page as unknown as Insides;
    const session = connection?.toImpl?.(page).delegate?._mainFrameSession?._client;
    if (!session) {
        throw new Error("In this Playwright its own session with a page is not found.");
    }
    return session;
}
