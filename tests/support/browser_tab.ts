import type { Page } from "playwright-core";
import type { Arrival } from "./browser_page_api";
import { until } from "./browser_wait";

/** A tab of the browser with the bus in it, seen from the test. */
export class BrowserTab {
    /** Warnings and errors on the console, those of its Worker included. */
    readonly complaints: string[] = [];

    readonly page: Page;

    constructor(page: Page) {
        this.page = page;
        page.on("console", (message) => {
            if (["warning", "error"].includes(message.type())) {
                this.complaints.push(message.text());
            }
        });
        page.on("pageerror", (error) => this.complaints.push(String(error)));
    }

    arrivals(): Promise<Arrival[]> {
        return this.page.evaluate(() => window.busPage.arrivals);
    }

    async ids(): Promise<number[]> {
        return (await this.arrivals()).map(({ id }) => id);
    }

    /** Events but notifications, as `type` or `type data`, without `BUS:`. */
    async events(): Promise<string[]> {
        const events = await this.page.evaluate(() => window.busPage.events);
        return events.map(({ type, data }) => {
            const name = type.replace("BUS:", "").replace("WORKER_STATE_UPDATED", "STATE");
            const { code, closeCode = code } = (data ?? {}) as Record<string, unknown>;
            return [name, typeof data === "string" ? data : closeCode].filter(Boolean).join(" ");
        });
    }

    async lastEvent(): Promise<string | undefined> {
        return (await this.events()).at(-1);
    }

    async state(): Promise<string | undefined> {
        return (await this.events()).findLast((event) => event.startsWith("STATE "))?.slice(6);
    }

    isHost(): Promise<boolean> {
        return this.page.evaluate(() => window.busPage.tab.isHost);
    }

    isMaster(): Promise<boolean> {
        return this.page.evaluate(() => window.busPage.tab.isMaster());
    }

    async untilArrived(id: number, timeout?: number): Promise<void> {
        const hasArrived = (wanted: number) =>
            window.busPage.arrivals.some((arrival) => arrival.id === wanted);
        await until(
            `notification ${id} in a tab`,
            () => this.page.evaluate(hasArrived, id),
            timeout
        );
    }

    /** Kills the tab's process. */
    async crash(): Promise<void> {
        const crashed = this.page.waitForEvent("crash");
        const session = await this.page.context().newCDPSession(this.page);
        // The answer never comes: who would give it is gone.
        session.send("Page.crash").catch(() => {});
        await crashed;
    }
}
