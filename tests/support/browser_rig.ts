import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from "playwright-core";
import QUnit from "qunit";
import { ADDRESS, FakeServer, type ServerOptions } from "./browser_server";
import { BrowserTab } from "./browser_tab";
import { until } from "./browser_wait";
import { ARGUMENTS, CHROMIUM, INSECURE_HOST } from "./chromium";

// The first test of a module waits for the browser as well.
QUnit.config.testTimeout = 60_000;

export interface TabInfo {
    scope?: string;
    uid?: number;
    channels?: string[];
    version?: string;
    build?: string;
}

export interface RigOptions extends ServerOptions {
    /** False: the pages come over plain http, as seen from another computer. */
    isSecure?: boolean;
}

const LAUNCH_OPTIONS: LaunchOptions = {
    executablePath: CHROMIUM,
    args: ARGUMENTS,
    // Playwright switches it off; users have it.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
};

/** A browser of its own whose profile is on disk, as that of a user. */
export interface Profile {
    /** What the user has set, by Chromium's names. */
    preferences: object;
}

export function launchBrowser(): Promise<Browser> {
    return chromium.launch(LAUNCH_OPTIONS);
}

async function useProfile(
    { preferences }: Profile,
    use: (context: BrowserContext) => Promise<void>
): Promise<void> {
    const folder = await mkdtemp(path.join(tmpdir(), "bus_quiet-"));
    try {
        await mkdir(path.join(folder, "Default"));
        const file = path.join(folder, "Default", "Preferences");
        await writeFile(file, JSON.stringify(preferences));
        await use(await chromium.launchPersistentContext(folder, LAUNCH_OPTIONS));
    } finally {
        // The last processes of the browser may still be writing.
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

/** A fake server and a browser profile of their own, with tabs. */
export class Rig {
    readonly tabs: BrowserTab[] = [];

    readonly server: FakeServer;
    readonly context: BrowserContext;
    readonly origin: string;

    private constructor(server: FakeServer, context: BrowserContext, isSecure: boolean) {
        this.server = server;
        this.context = context;
        this.origin = isSecure ? server.origin : server.origin.replace(ADDRESS, INSECURE_HOST);
    }

    /** Runs the test with a rig, and takes that down afterwards. */
    static async use(
        browser: Browser | Profile,
        test: (rig: Rig) => Promise<void>,
        { isSecure = true, ...options }: RigOptions = {}
    ): Promise<void> {
        if ("preferences" in browser) {
            return useProfile(browser, (own) => Rig.#run(own, test, isSecure, options));
        }
        await Rig.#run(await browser.newContext(), test, isSecure, options);
    }

    static async #run(
        context: BrowserContext,
        test: (rig: Rig) => Promise<void>,
        isSecure: boolean,
        options: ServerOptions
    ): Promise<void> {
        const rig = new Rig(await FakeServer.start(options), context, isSecure);
        try {
            await test(rig);
        } finally {
            await context.close();
            await rig.server.shutDown().catch(() => {});
        }
    }

    url({ scope = "main", uid = 1, channels = ["all"], version = "1", build = "1" }: TabInfo = {}): string {
        const parameters = { scope, uid: String(uid), channels: channels.join(","), version, build };
        return `${this.origin}/?${new URLSearchParams(parameters)}`;
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
