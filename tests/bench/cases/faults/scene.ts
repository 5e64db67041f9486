/** A browser in which a fault is played. */
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { JsonRpcClient } from "../../../../tools/json_rpc.mjs";
import { ARGUMENTS, CHROMIUM, INSECURE_HOST } from "../../../support/chromium";
import { hostOf, Profile, type Tab } from "../../../support/e2e_browser";
import { ProbedOdoo, waitUntil } from "../../../support/e2e_odoo";
import type { Side } from "../../bench";
import { USER } from "../../probe";
import { FaultyProxy } from "./faulty_proxy";
import { arrivedAfter, beginLog, logArrivals } from "./page_log";
import { processOfSharedWorker, processOfTab } from "./processes";

/** Whether the pages are a secure context: those of plain http are not. */
export type Origin = "secure" | "http";
export const ORIGINS: readonly Origin[] = ["secure", "http"];

const TABS = 4;
const SECURE_HOST = "127.0.0.1";
/** The pages are still busy with their start. */
const SETTLING = 5_000;

/** The tabs of one side's browser at one kind of origin, with the one that shall suffer. */
export class Scene {
    tabs: Tab[] = [];
    /** The tab in whose process the shared part of the bus runs. */
    victim!: Tab;
    victimProcess = 0;

    private constructor(
        readonly side: Side,
        readonly origin: Origin,
        readonly browser: Browser,
        readonly context: BrowserContext,
        readonly proxy: FaultyProxy,
        readonly profile: Profile
    ) {}

    static async open(
        { odoo }: ProbedOdoo,
        side: Side,
        origin: Origin,
        isProxied = false
    ): Promise<Scene> {
        const proxy = await FaultyProxy.start(odoo.httpPort);
        const port = isProxied ? proxy.port : odoo.httpPort;
        const baseURL = `http://${origin === "secure" ? SECURE_HOST : INSECURE_HOST}:${port}`;
        const browser = await chromium.launch({
            executablePath: CHROMIUM,
            args: ARGUMENTS,
            // Playwright switches it off; users have it.
            ignoreDefaultArgs: ["--disable-back-forward-cache"],
        });
        const context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
        context.setDefaultTimeout(20_000);
        await context.addInitScript(beginLog);
        // Only the browser can resolve the name: the login takes the direct way.
        const session = await new JsonRpcClient(odoo.baseURL, odoo.database).login(USER);
        const [name, value] = session.split("=") as [string, string];
        await context.addCookies([{ name, value, url: baseURL, httpOnly: true }]);
        const server = new ProbedOdoo({ ...odoo, baseURL });
        const profile = new Profile(context, server, { stock: side === "stock" });
        return new Scene(side, origin, browser, context, proxy, profile);
    }

    get name(): string {
        return `${this.side}, ${this.origin}`;
    }

    /** The tabs that are not struck. */
    get others(): Tab[] {
        return this.tabs.filter((tab) => tab !== this.victim);
    }

    async openTabs(): Promise<void> {
        this.tabs = await this.profile.openTabs(TABS);
        await Promise.all(this.tabs.map((tab) => tab.waitForConnected()));
        await this.#checkKind();
        await Promise.all(this.tabs.map(logArrivals));
        await new Promise((resolve) => setTimeout(resolve, SETTLING));
    }

    async closeTabs(): Promise<void> {
        await Promise.all(this.context.pages().map((page) => page.close()));
        this.tabs = [];
    }

    /** Finds the tab that shall suffer, and makes sure that the shared part is there. */
    async chooseVictim(): Promise<void> {
        // Stock's SharedWorker runs in the process of the tab that was there first.
        this.victim = this.side === "stock" ? this.tabs[0]! : await hostOf(this.tabs);
        this.victimProcess = await processOfTab(this.browser, this.victim);
        if (this.side === "stock") {
            const process = await processOfSharedWorker(this.browser);
            if (process !== this.victimProcess) {
                throw new Error(`the SharedWorker is in ${process}, not ${this.victimProcess}`);
            }
        }
    }

    /** Waits until each tab has got some of what was sent after this id. */
    async waitForFlow(id: number, count: number): Promise<void> {
        await waitUntil(`${count} notifications in each tab (${this.name})`, 15_000, async () => {
            const counts = await Promise.all(this.tabs.map((tab) => arrivedAfter(tab, id)));
            return Math.min(...counts) >= count || JSON.stringify(counts);
        });
    }

    async close(): Promise<void> {
        await this.browser.close();
        await this.proxy.close();
    }

    async #checkKind(): Promise<void> {
        const isSecure = await this.tabs[0]!.page.evaluate(() => isSecureContext);
        const isStock = await this.tabs[0]!.isStock();
        if (isSecure !== (this.origin === "secure") || isStock !== (this.side === "stock")) {
            throw new Error(`${this.name}: secure ${isSecure}, stock ${isStock}`);
        }
    }
}
