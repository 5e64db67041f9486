/** Counts what a browser lets the user hear and see: beeps, rings and native notifications. */
import type { Profile, Tab } from "./e2e_browser";

export type AlertKind = "beep" | "ring" | "notice";

export interface Alert {
    kind: AlertKind;
    /** Name of the page. */
    page: string;
    /** Wall clock, ms. */
    at: number;
    /** False where the browser does not let it be heard. */
    isHeard: boolean;
}

type Report = Omit<Alert, "isHeard"> | { muted: AlertKind; page: string };

declare global {
    interface Window {
        /** Name of the page, in what it reports. */
        alertPage: string;
        alertReports: Report[];
    }
}

const CHANNEL = "bus_quiet_test.alerts";
/** A page without Odoo. */
export const OBSERVATORY = "/web/static/img/favicon.ico";

/** The alerts of all tabs of a profile, kept in a page of its own: no crash and no closing reaches them there. */
export class Alerts {
    readonly #observer: Tab;
    /** How many reports were dropped. */
    #dropped = 0;

    private constructor(observer: Tab) {
        this.#observer = observer;
    }

    /** Before any other tab is opened. */
    static async of(profile: Profile): Promise<Alerts> {
        const observer = await profile.emptyTab();
        await profile.context.addInitScript(record, CHANNEL);
        return Alerts.observe(observer, profile.url(OBSERVATORY), []);
    }

    /**
     * Where no script can be had to run in each page: those of pages that are loaded already.
     *
     * @param observer an empty tab
     * @param url of any page of the same origin without Odoo
     */
    static async observe(observer: Tab, url: string, tabs: Tab[]): Promise<Alerts> {
        await observer.page.goto(url);
        await observer.page.evaluate((channel) => {
            window.alertReports = [];
            new BroadcastChannel(channel).onmessage = ({ data }) => window.alertReports.push(data);
        }, CHANNEL);
        await Promise.all(tabs.map(({ page }) => page.evaluate(record, CHANNEL)));
        return new Alerts(observer);
    }

    /** What was heard, or seen, since the last `clear`. */
    async list(kind: AlertKind): Promise<Alert[]> {
        const all: Alert[] = [];
        for (const report of (await this.#reports()).slice(this.#dropped)) {
            if ("kind" in report) {
                all.push({ ...report, isHeard: true });
            } else {
                const muted = all.findLast((it) => it.kind === report.muted && it.page === report.page);
                muted!.isHeard = false;
            }
        }
        return all.filter((alert) => alert.kind === kind && alert.isHeard);
    }

    async count(kind: AlertKind): Promise<number> {
        return (await this.list(kind)).length;
    }

    async clear(): Promise<void> {
        this.#dropped = (await this.#reports()).length;
    }

    #reports(): Promise<Report[]> {
        return this.#observer.page.evaluate(() => window.alertReports);
    }
}

/** The name by which the tab reports alerts. */
export function alertPageOf(tab: Tab): Promise<string> {
    return tab.page.evaluate(() => window.alertPage);
}

/** Runs in each page, before its first alert. */
function record(name: string): void {
    const channel = new BroadcastChannel(name);
    window.alertPage = Math.random().toString(36).slice(2);
    const report = (kind: AlertKind) =>
        channel.postMessage({ kind, page: window.alertPage, at: Date.now() });
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
        const kind = this.src.includes("call-invitation") ? "ring" : "beep";
        const promise = play.call(this);
        report(kind);
        promise.catch((error: DOMException) => {
            if (error.name === "NotAllowedError") {
                channel.postMessage({ muted: kind, page: window.alertPage });
            }
        });
        return promise;
    };
    class RecordedNotification extends EventTarget {
        static permission = "granted";
        constructor() {
            super();
            report("notice");
        }
        close(): void {}
    }
    Object.assign(window, { Notification: RecordedNotification });
}
