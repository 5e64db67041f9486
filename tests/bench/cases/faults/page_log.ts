/** What the pages note of themselves while a fault is played. */
import type { Page } from "playwright-core";
import { PROBE_TYPE } from "../../../support/e2e_odoo";
import type { Tab } from "../../../support/e2e_browser";

/** How long what was on its way may still come, in milliseconds. */
const LATE_ARRIVAL = 500;

/** A notification that came. */
export interface Arrival {
    /** As the server knows it. */
    id: number;
    at: number;
    /** Of the hub that brought it; 0 with stock. */
    term: number;
}

/** Something that the browser told the page about its life, or the first word of a hub. */
export interface PageEvent {
    /** As the browser names it, or "hub". */
    type: string;
    at: number;
    /** Of "pagehide" and "pageshow": the page is kept in the back/forward cache, or comes from it. */
    isPersisted: boolean;
}

export interface PageLog {
    arrivals: Arrival[];
    events: PageEvent[];
}

declare global {
    interface Window {
        pageLog: PageLog & { term: number };
    }
}

/** Init script of a page: begins its log, which tells also which hub is being listened to. */
export function beginLog(): void {
    const log = (window.pageLog = { arrivals: [], events: [], term: 0 } as Window["pageLog"]);
    const types = ["pagehide", "pageshow", "freeze", "resume", "visibilitychange", "offline", "online"];
    for (const type of types) {
        const note = (event: Event) => {
            const { persisted: isPersisted = false } = event as PageTransitionEvent;
            log.events.push({ type, at: Date.now(), isPersisted });
            if (type === "pagehide") {
                sessionStorage.setItem("leftAt", String(Date.now()));
            }
        };
        // Some are told to the window, some to the document; all pass the former first.
        window.addEventListener(type, note, { capture: true });
    }
    window.BroadcastChannel = class extends BroadcastChannel {
        constructor(name: string) {
            super(name);
            // Before the tab's own listener: it says who brings what that one delivers.
            this.addEventListener("message", ({ data }) => {
                if (data?.isHub && data.term > log.term) {
                    log.term = data.term;
                    log.events.push({ type: "hub", at: Date.now(), isPersisted: false });
                }
            });
        }
    };
}

/** Notes, from now on, all notifications of the probe that the tab gets. */
export function logArrivals({ page }: Tab): Promise<void> {
    return page.evaluate((type) => {
        const { arrivals } = window.pageLog;
        const note = (_payload: unknown, { id }: { id: number }) =>
            arrivals.push({ id, at: Date.now(), term: window.pageLog.term });
        window.services.bus_service.subscribe(type, note);
    }, PROBE_TYPE);
}

export function readLog(page: Page): Promise<PageLog> {
    return page.evaluate(() => window.pageLog);
}

/** How many of the notifications after this id have come, each counted once. */
export function arrivedAfter({ page }: Tab, id: number): Promise<number> {
    return page.evaluate(
        (last) => new Set(window.pageLog.arrivals.map((it) => it.id).filter((it) => it > last)).size,
        id
    );
}

/** When the tab last left a page, which may not have been kept. */
export function leftAt({ page }: Tab): Promise<number> {
    return page.evaluate(() => Number(sessionStorage.getItem("leftAt")));
}

/** Why the browser did not keep the page when the tab left it. */
export function reasonsForReload({ page }: Tab): Promise<string[]> {
    return page.evaluate(() => {
        const [entry] = performance.getEntriesByType("navigation");
        const { notRestoredReasons: reasons } = entry as unknown as {
            notRestoredReasons: { reasons: { reason: string }[] } | null;
        };
        return (reasons?.reasons ?? []).map(({ reason }) => reason);
    });
}

/** The last event of this type since a moment; undefined when there was none. */
export async function eventSince(
    { page }: Tab,
    type: string,
    since: number
): Promise<PageEvent | undefined> {
    const { events } = await readLog(page);
    return events.findLast((event) => event.type === type && event.at >= since);
}

/** Throws if the tab got something meanwhile; what was on its way may still have come. */
export async function checkStill({ page }: Tab, from: number, to: number): Promise<void> {
    const { arrivals } = await readLog(page);
    if (arrivals.some(({ at }) => at > from + LATE_ARRIVAL && at < to)) {
        throw new Error("a tab that was to stand still did not");
    }
}
