/** Users who come and go in one browser, and what its tabs get meanwhile. */
import type { Tab } from "./e2e_browser";
import { type ProbedOdoo, type SocketEvent } from "./e2e_odoo";

/** All that a tab heard of the bus, whatever its type. */
export interface Witnessed {
    /** Ids of the notifications, in order. */
    ids: number[];
    /** Codes of the `BUS:DISCONNECT` events. */
    closeCodes: number[];
}

declare global {
    interface Window {
        witnessed: Witnessed;
    }
}

/** Ends the session as the user menu does; the tab then shows the login page. */
export async function logOut({ page }: Tab): Promise<void> {
    await page.goto(new URL("/web/session/logout", page.url()).href);
    await page.waitForURL(/\/web\/login/);
}

/**
 * Begins a session, through Odoo's own login page.
 *
 * @param address of that page
 */
export async function logIn(tab: Tab, user: string, address: string): Promise<void> {
    const { page } = tab;
    const url = new URL(address);
    // The page then does not ask which of its users it is.
    url.searchParams.set("login", user);
    await page.goto(url.href);
    await page.locator("#password").fill(user);
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/odoo/);
    await tab.ready();
}

/** Notes, from now on, all that the tab hears of the bus. */
export function witness({ page }: Tab): Promise<void> {
    return page.evaluate(async () => {
        const witnessed: Witnessed = (window.witnessed = { ids: [], closeCodes: [] });
        await window.services.worker_service.registerHandler(({ data: { type, data } }: any) => {
            if (type === "BUS:NOTIFICATION") {
                witnessed.ids.push(...data.map(({ id }: { id: number }) => id));
            } else if (type === "BUS:DISCONNECT") {
                witnessed.closeCodes.push(data.code);
            }
        });
    });
}

export function witnessed({ page }: Tab): Promise<Witnessed> {
    return page.evaluate(() => window.witnessed);
}

/** The channels of the notifications that the tab got, as the server names them. */
export async function channelsHeard(tab: Tab, { odoo }: ProbedOdoo): Promise<unknown[][]> {
    const { ids } = await witnessed(tab);
    const rows = await odoo.query(
        `select distinct channel from bus_bus where id in (${[0, ...ids].join(", ")})`
    );
    return rows.map(({ channel }) => JSON.parse(channel));
}

/** Tells whether a channel is the user's own, which nobody else may hear. */
export async function isPrivateTo(
    user: string,
    server: ProbedOdoo
): Promise<(channel: unknown[]) => boolean> {
    const own = JSON.stringify([server.odoo.database, "res.partner", await server.partnerOf(user)]);
    return (channel) => JSON.stringify(channel) === own;
}

/** How many times the page says that it is out of date. */
export function outdatedNotifications({ page }: Tab): Promise<number> {
    return page.locator(".o_notification", { hasText: "The page is out of date" }).count();
}

/** Makes all notifications older by a minute: no late one is expected before them now. */
export async function settle({ odoo }: ProbedOdoo): Promise<void> {
    await odoo.query("update bus_bus set create_date = create_date - interval '1 minute'");
}

/** Sends notifications to a user until it is stopped. */
export class Flow {
    readonly #first: number;
    readonly #ended: Promise<unknown>;
    #count = 0;
    #isStopped = false;

    /** @param first number of the first notification */
    constructor(server: ProbedOdoo, user: string, first: number, interval: number) {
        this.#first = first;
        this.#ended = this.#run(server, user, interval).catch((error: unknown) => error);
    }

    /** What has been sent up to now. */
    get numbers(): number[] {
        return Array.from({ length: this.#count }, (_, index) => this.#first + index);
    }

    /** Returns the numbers of all that was sent. */
    async stop(): Promise<number[]> {
        this.#isStopped = true;
        const error = await this.#ended;
        if (error) {
            throw error;
        }
        return this.numbers;
    }

    async #run(server: ProbedOdoo, user: string, interval: number): Promise<void> {
        while (!this.#isStopped) {
            await server.send(user, 1, this.#first + this.#count);
            this.#count++;
            await new Promise((resolve) => setTimeout(resolve, interval));
        }
    }
}

/** Attempts to connect. */
export interface Attempts {
    count: number;
    /** From each to the next, in milliseconds. */
    distances: number[];
}

/** The connections of a browser that came to nothing: no subscription on them was served. */
export function failedAttempts(journal: SocketEvent[], browser: string): Attempts {
    const own = journal.filter((event) => event.browser === browser);
    const served = new Set(
        own.filter((it) => it.event === "subscribe" && it.isServed).map(({ socket }) => socket)
    );
    const times = own
        .filter(({ event, socket }) => event === "open" && !served.has(socket))
        .map(({ at }) => at);
    return {
        count: times.length,
        distances: times.slice(1).map((time, index) => time - times[index]!),
    };
}

/** For whom the server made the page. */
export interface PageScope {
    scope: string;
    uid: number;
    settledId: number;
}

export function scopeOf({ page }: Tab): Promise<PageScope> {
    return page.evaluate(() => {
        const { modules } = (globalThis as any).odoo.loader;
        const { scope, settled_id } = modules.get("@web/session").session.bus_quiet;
        const { user } = modules.get("@web/core/user");
        return { scope, uid: user.userId, settledId: settled_id };
    });
}

/** Up to which id everything was received, by what is stored for this scope. */
export function storedPoint({ page }: Tab, scope: string): Promise<number> {
    return page.evaluate(
        (key) => JSON.parse(localStorage.getItem(key)!).point,
        `bus_quiet.${scope}.window`
    );
}
