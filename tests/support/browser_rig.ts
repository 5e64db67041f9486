import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { FakeServer, type ServerOptions } from "./browser_server";
import { BrowserTab } from "./browser_tab";
import { until } from "./browser_wait";

const EXECUTABLE = "/usr/bin/chromium";
const ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
];

export interface TabInfo {
    scope?: string;
    uid?: number;
    channels?: string[];
    version?: string;
    build?: string;
}

export function launchBrowser(): Promise<Browser> {
    return chromium.launch({
        executablePath: EXECUTABLE,
        args: ARGUMENTS,
        // Playwright switches it off; users have it.
        ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
}

/** A fake server and a browser profile of their own, with tabs. */
export class Rig {
    readonly tabs: BrowserTab[] = [];

    readonly server: FakeServer;
    readonly context: BrowserContext;

    private constructor(server: FakeServer, context: BrowserContext) {
        this.server = server;
        this.context = context;
    }

    /** Runs the test with a rig, and takes that down afterwards. */
    static async use(
        browser: Browser,
        test: (rig: Rig) => Promise<void>,
        options: ServerOptions = {}
    ): Promise<void> {
        const rig = new Rig(await FakeServer.start(options), await browser.newContext());
        try {
            await test(rig);
        } finally {
            await rig.context.close();
            await rig.server.shutDown().catch(() => {});
        }
    }

    url({ scope = "main", uid = 1, channels = ["all"], version = "1", build = "1" }: TabInfo = {}): string {
        const parameters = { scope, uid: String(uid), channels: channels.join(","), version, build };
        return `${this.server.origin}/?${new URLSearchParams(parameters)}`;
    }

    async openTab(info: TabInfo = {}): Promise<BrowserTab> {
        const tab = new BrowserTab(await this.context.newPage());
        this.tabs.push(tab);
        await tab.page.goto(this.url(info));
        return tab;
    }

    /** Opens tabs at the same time. */
    openTabs(count: number, info: TabInfo = {}): Promise<BrowserTab[]> {
        return Promise.all(Array.from({ length: count }, () => this.openTab(info)));
    }

    /** Opens tabs, and waits until each of them gets what is published. */
    async openConnectedTabs(count: number, info: TabInfo = {}): Promise<BrowserTab[]> {
        const tabs = await this.openTabs(count, info);
        await Promise.all(tabs.map((tab) => this.untilConnected(tab)));
        const [channel = "all"] = info.channels ?? [];
        await until("a subscription", () => this.server.isHeard(channel));
        return tabs;
    }

    async untilConnected(tab: BrowserTab, timeout?: number): Promise<void> {
        await until("CONNECTED", async () => (await tab.state()) === "CONNECTED", timeout);
    }

    /** Waits until one of the tabs hosts the hub. */
    async host(tabs: BrowserTab[]): Promise<BrowserTab> {
        let host: BrowserTab | undefined;
        await until("a host tab", async () => {
            const answers = await Promise.all(tabs.map((tab) => tab.isHost()));
            host = tabs[answers.indexOf(true)];
            return host !== undefined;
        });
        return host!;
    }
}
