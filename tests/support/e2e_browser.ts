/** Chromium, driven as a user drives it: profiles with a session, each with any number of tabs. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import {
    type Browser,
    type BrowserContext,
    type CDPSession,
    chromium,
    type Page,
} from "playwright-core";
import QUnit from "qunit";
import { CHROMIUM, INSECURE_HOST } from "./chromium";
import { type ProbedOdoo, waitUntil } from "./e2e_odoo";

const ARTIFACTS = path.resolve("artifacts/e2e");
const ARGUMENTS = [
    `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
];
/** A beep needs no click. */
const AUTOPLAY = "--autoplay-policy=no-user-gesture-required";

/** The probe reads it; see `ProfileOptions.name`. */
const BROWSER_COOKIE = "bus_quiet_test_browser";

/** What a tab received: the numbers of the probe's notifications, and when. */
export interface Received {
    numbers: number[];
    times: number[];
    /** Numbers of what had been sent before the tab began to collect. */
    stale: number[];
    /** The `BUS:*` events with their data, in order. */
    events: string[];
}

declare global {
    interface Window {
        services: Record<string, any>;
        received: Received;
    }
}

const shared = globalThis as { quietBusBrowsers?: Map<boolean, Promise<Browser>> };

/** @param mayMute whether it mutes pages that were not clicked, as it does by itself */
function sharedBrowser(mayMute: boolean): Promise<Browser> {
    shared.quietBusBrowsers ??= new Map();
    let browser = shared.quietBusBrowsers.get(mayMute);
    if (!browser) {
        const args = mayMute ? ARGUMENTS : [...ARGUMENTS, AUTOPLAY];
        browser = chromium.launch({ executablePath: CHROMIUM, args });
        shared.quietBusBrowsers.set(mayMute, browser);
        QUnit.done(async () => (await browser)?.close());
    }
    return browser;
}

/** A tab in which Odoo is open. */
export class Tab {
    /** Errors that the page threw. */
    readonly errors: string[] = [];
    #session: Promise<CDPSession> | null = null;

    constructor(readonly page: Page) {
        page.on("pageerror", (error) => this.errors.push(error.message));
    }

    /** Waits until Odoo runs; `window.services` are its services from then on. */
    async ready(): Promise<void> {
        await this.page.waitForFunction(() => {
            const services = (globalThis as any).odoo?.__WOWL_DEBUG__?.root?.env?.services;
            // Stock's chain of services starts step by step.
            if (services?.bus_service && services["bus.monitoring_service"]) {
                window.services = services;
                return true;
            }
            return false;
        });
    }

    async goto(url: string): Promise<void> {
        await this.page.goto(url);
        await this.ready();
    }

    async reload(): Promise<void> {
        await this.page.reload();
        await this.ready();
    }

    /** Collects, from now on, the probe's notifications and the bus events. */
    collect(type: string): Promise<void> {
        return this.page.evaluate((notificationType) => {
            const received: Received = { numbers: [], times: [], stale: [], events: [] };
            window.received = received;
            const { bus_service } = window.services;
            const since = Date.now();
            const take = ({ number, sent }: { number: number; sent: number }) => {
                if (sent < since) {
                    received.stale.push(number);
                    return;
                }
                received.numbers.push(number);
                received.times.push(Date.now());
            };
            bus_service.subscribe(notificationType, take);
            for (const name of ["CONNECT", "DISCONNECT", "RECONNECT", "RECONNECTING"]) {
                bus_service.addEventListener(`BUS:${name}`, () => received.events.push(name));
            }
            bus_service.addEventListener(
                "BUS:WORKER_STATE_UPDATED",
                ({ detail }: { detail: string }) => received.events.push(detail)
            );
        }, type);
    }

    received(): Promise<Received> {
        return this.page.evaluate(() => window.received);
    }

    /** Waits until this many of the collected notifications have come. */
    async waitForCount(count: number, timeout = 10_000): Promise<void> {
        await waitUntil(`${count} notifications in a tab`, timeout, async () => {
            const { numbers } = await this.received();
            return numbers.length >= count || `${numbers.length}: ${numbers.join(" ")}`;
        });
    }

    waitForConnected(): Promise<void> {
        return this.waitForState("CONNECTED");
    }

    async waitForState(state: string, timeout = 15_000): Promise<void> {
        await this.page.waitForFunction(
            (wanted) => window.services.bus_service.workerState === wanted,
            state,
            { timeout }
        );
    }

    isHost(): Promise<boolean> {
        return this.page.evaluate(() => Boolean(window.services.worker_service.link?.isHost));
    }

    isOnMainTab(): Promise<boolean> {
        return this.page.evaluate(() => window.services.multi_tab.isOnMainTab());
    }

    isStock(): Promise<boolean> {
        return this.page.evaluate(() => window.services.worker_service.link === undefined);
    }

    /**
     * Evaluates JavaScript. The browser takes what Playwright's `evaluate` does for the user's doing, and
     * lets the page be heard from then on; this it does not.
     */
    async peek<T>(expression: string): Promise<T> {
        const session = (this.#session ??= this.devTools());
        const { result } = await (await session).send("Runtime.evaluate", {
            expression,
            awaitPromise: true,
            returnByValue: true,
        });
        return result.value;
    }

    devTools(): Promise<CDPSession> {
        return this.page.context().newCDPSession(this.page);
    }

    /** Ends the tab's renderer at once, as a crash does. */
    async crash(): Promise<void> {
        const session = await this.devTools();
        const crashed = this.page.waitForEvent("crash");
        // There is nobody left to answer.
        session.send("Page.crash").catch(() => {});
        await crashed;
    }

    async screenshot(name: string): Promise<void> {
        mkdirSync(ARTIFACTS, { recursive: true });
        await this.page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });
    }
}

export interface ProfileOptions {
    /** Adds `?bus=stock`: stock's bus serves the tabs. */
    stock?: boolean;
    /** As in browsers without SharedWorker. */
    withoutSharedWorker?: boolean;
    /** As where SharedWorker is there, and does not start. */
    failingSharedWorker?: boolean;
    /** Plain http: a context that is not secure. */
    isInsecure?: boolean;
    /** The browser lets no page be heard that was not clicked. */
    mayMute?: boolean;
    /** By this name the server's journal tells it from others. */
    name?: string;
}

/** How browsers differ in what stock's bus, and ours, build on. */
export const SET_UPS: Record<string, ProfileOptions> = {
    "as usual": {},
    "without SharedWorker": { withoutSharedWorker: true },
    "where SharedWorker fails to start": { failingSharedWorker: true },
    "on plain http": { isInsecure: true },
};

/** A browser profile: cookies and storage of its own. */
export class Profile {
    readonly #context: BrowserContext;
    readonly #server: ProbedOdoo;
    readonly #options: ProfileOptions;

    constructor(context: BrowserContext, server: ProbedOdoo, options: ProfileOptions) {
        this.#context = context;
        this.#server = server;
        this.#options = options;
    }

    static async open(server: ProbedOdoo, options: ProfileOptions = {}): Promise<Profile> {
        const browser = await sharedBrowser(options.mayMute ?? false);
        const context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
        context.setDefaultTimeout(60_000);
        if (options.name) {
            const { baseURL: url } = server;
            await context.addCookies([{ name: BROWSER_COOKIE, value: options.name, url }]);
        }
        if (options.withoutSharedWorker) {
            await context.addInitScript(() => delete (globalThis as any).SharedWorker);
        }
        if (options.failingSharedWorker) {
            await context.addInitScript(failToStart);
        }
        return new Profile(context, server, options);
    }

    /** Begins a session in the profile, without any page. */
    async login(user: string): Promise<void> {
        const response = await this.#context.request.post(
            `${this.#server.baseURL}/web/session/authenticate`,
            {
                data: {
                    jsonrpc: "2.0",
                    params: { db: this.#server.odoo.database, login: user, password: user },
                },
            }
        );
        const { error } = await response.json();
        if (error) {
            throw new Error(`${user} can't log in: ${error.data?.message}`);
        }
        if (this.#options.isInsecure) {
            // Only pages find the insecure host.
            const cookies = await this.#context.cookies();
            await this.#context.addCookies(
                cookies.map((cookie) => ({ ...cookie, domain: INSECURE_HOST }))
            );
        }
    }

    /** Ends the session at the server; the browser does not learn of it. */
    async expire(): Promise<void> {
        const cookies = await this.#context.cookies();
        await fetch(`${this.#server.baseURL}/web/session/destroy`, {
            method: "POST",
            headers: {
                "content-type": "application/json",
                cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
            },
            body: JSON.stringify({ jsonrpc: "2.0", params: {} }),
        });
    }

    async logout(): Promise<void> {
        await this.#context.request.post(`${this.#server.baseURL}/web/session/destroy`, {
            data: { jsonrpc: "2.0", params: {} },
        });
    }

    async openTab(address = "/odoo"): Promise<Tab> {
        const tab = await this.emptyTab();
        await tab.goto(this.url(address));
        return tab;
    }

    /** A tab that has not loaded anything. */
    async emptyTab(): Promise<Tab> {
        return new Tab(await this.#context.newPage());
    }

    async openTabs(count: number, address?: string): Promise<Tab[]> {
        // The first fills the cache for the others.
        const first = await this.openTab(address);
        const others = range(count - 1).map(() => this.openTab(address));
        return [first, ...(await Promise.all(others))];
    }

    get context(): BrowserContext {
        return this.#context;
    }

    get #baseURL(): string {
        const { baseURL } = this.#server;
        return this.#options.isInsecure ? baseURL.replace(/127\.0\.0\.1|localhost/, INSECURE_HOST) : baseURL;
    }

    url(address: string): string {
        const url = new URL(address, this.#baseURL);
        if (this.#options.stock) {
            url.searchParams.set("bus", "stock");
        }
        return url.href;
    }

    close(): Promise<void> {
        return this.#context.close();
    }
}

/** The constructor works; then comes the browser's own `error` event. */
function failToStart(): void {
    const { SharedWorker } = globalThis;
    globalThis.SharedWorker = class extends SharedWorker {
        constructor(_url: string | URL, options?: string | WorkerOptions) {
            super("/bus_quiet_test/no_such_script.js", options);
        }
    };
}

/** Opens a profile, with the user's session. */
export async function profileOf(
    user: string,
    server: ProbedOdoo,
    options: ProfileOptions = {}
): Promise<Profile> {
    const profile = await Profile.open(server, options);
    await profile.login(user);
    return profile;
}

/** The tab that hosts the hub. */
export async function hostOf(tabs: Tab[]): Promise<Tab> {
    let host: Tab | undefined;
    await waitUntil("one host tab", 5_000, async () => {
        const flags = await Promise.all(tabs.map((tab) => tab.isHost()));
        host = tabs[flags.indexOf(true)];
        return flags.filter(Boolean).length === 1 || JSON.stringify(flags);
    });
    return host!;
}

/** The tab that is the main one. */
export async function masterOf(tabs: Tab[]): Promise<Tab> {
    let master: Tab | undefined;
    await waitUntil("one master tab", 10_000, async () => {
        const answers = await Promise.all(tabs.map((tab) => tab.isOnMainTab()));
        master = tabs[answers.indexOf(true)];
        return answers.filter(Boolean).length === 1 || JSON.stringify(answers);
    });
    return master!;
}

export function range(count: number, first = 0): number[] {
    return Array.from({ length: count }, (_, index) => first + index);
}
