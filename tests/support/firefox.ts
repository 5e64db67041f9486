/** Firefox, driven by WebDriver BiDi: what of it the tests need. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { ensurePackages } from "../../tools/debian_host.mjs";
import { createProgress } from "../../tools/progress.mjs";
import { INSECURE_HOST } from "./chromium";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
/** Until it listens, and answers, in milliseconds. */
const TIMEOUT = 60_000;
/** It finds the insecure host here, and talks to nobody else. */
const PREFERENCES: Record<string, string | number | boolean> = {
    "network.dns.localDomains": INSECURE_HOST,
    "dom.security.https_first": false,
    "app.update.enabled": false,
    "browser.safebrowsing.malware.enabled": false,
    "browser.safebrowsing.phishing.enabled": false,
    "browser.shell.checkDefaultBrowser": false,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": false,
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": false,
};

interface Answer {
    id?: number;
    type: "success" | "error" | "event";
    result?: any;
    error?: string;
    message?: string;
    method?: string;
    params?: any;
}

/** A running Firefox. */
export class Firefox {
    #commands = 0;
    readonly #waiting = new Map<number, (answer: Answer) => void>();
    /** Told of the errors of each page. */
    readonly errors: { context: string; text: string }[] = [];

    readonly #process: ChildProcess;
    readonly #folder: string;
    readonly #socket: WebSocket;

    private constructor(process: ChildProcess, folder: string, socket: WebSocket) {
        this.#process = process;
        this.#folder = folder;
        this.#socket = socket;
        socket.on("message", (data) => this.#take(JSON.parse(String(data))));
    }

    static async launch(): Promise<Firefox> {
        if (!process.env.FIREFOX) {
            await ensurePackages(["firefox-esr"], createProgress());
        }
        const folder = mkdtempSync(path.join(os.tmpdir(), "quiet-bus-firefox-"));
        const lines = Object.entries(PREFERENCES).map(
            ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`
        );
        writeFileSync(path.join(folder, "user.js"), lines.join("\n"));
        const firefox = spawn(
            FIREFOX,
            ["--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0"],
            { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: folder } }
        );
        try {
            const socket = new WebSocket(`${await addressOf(firefox)}/session`);
            await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
            const started = new Firefox(firefox, folder, socket);
            await started.send("session.new", { capabilities: {} });
            await started.send("session.subscribe", { events: ["log.entryAdded"] });
            return started;
        } catch (error) {
            firefox.kill();
            throw error;
        }
    }

    send(method: string, params: object = {}): Promise<any> {
        const id = ++this.#commands;
        this.#socket.send(JSON.stringify({ id, method, params }));
        return new Promise((resolve, reject) => {
            const timeout = setTimeout(() => reject(new Error(`Firefox does not answer ${method}`)), TIMEOUT);
            this.#waiting.set(id, ({ type, result, error, message }) => {
                clearTimeout(timeout);
                if (type === "success") {
                    resolve(result);
                } else {
                    reject(new Error(`${method}: ${error}: ${message}`));
                }
            });
        });
    }

    async close(): Promise<void> {
        const ended = new Promise((resolve) => this.#process.once("exit", resolve));
        this.#socket.close();
        this.#process.kill();
        await ended;
        rmSync(this.#folder, { recursive: true, force: true });
    }

    #take(answer: Answer): void {
        if (answer.id !== undefined) {
            this.#waiting.get(answer.id)?.(answer);
            this.#waiting.delete(answer.id);
        } else if (answer.method === "log.entryAdded" && answer.params.type === "javascript") {
            this.errors.push({ context: answer.params.source.context, text: answer.params.text });
        }
    }
}

/** A page of Firefox, as far as the tests ask Playwright's `Page` for it. */
export class FirefoxPage {
    readonly #firefox: Firefox;
    readonly #context: string;

    constructor(firefox: Firefox, context: string) {
        this.#firefox = firefox;
        this.#context = context;
    }

    static async open(firefox: Firefox, userContext: string): Promise<FirefoxPage> {
        const { context } = await firefox.send("browsingContext.create", { type: "tab", userContext });
        return new FirefoxPage(firefox, context);
    }

    /** Errors come by `errors` of the browser. */
    on(): void {}

    get errors(): string[] {
        return this.#firefox.errors
            .filter(({ context }) => context === this.#context)
            .map(({ text }) => text);
    }

    async goto(url: string): Promise<void> {
        await this.#firefox.send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
    }

    async bringToFront(): Promise<void> {
        await this.#firefox.send("browsingContext.activate", { context: this.#context });
    }

    /** Evaluates a function in the page; it is no doing of the user's. */
    async evaluate<T>(pageFunction: (argument: any) => T, argument?: unknown): Promise<Awaited<T>> {
        const call = `(${String(pageFunction)})(${JSON.stringify(argument) ?? ""})`;
        const { type, result, exceptionDetails } = await this.#firefox.send("script.evaluate", {
            expression: `(async () => JSON.stringify(await ${call}))()`,
            target: { context: this.#context },
            awaitPromise: true,
        });
        if (type === "exception") {
            throw new Error(exceptionDetails.text);
        }
        return result.value === undefined ? (undefined as Awaited<T>) : JSON.parse(result.value);
    }

    async waitForFunction(
        pageFunction: (argument: any) => unknown,
        argument?: unknown,
        { timeout = TIMEOUT } = {}
    ): Promise<void> {
        const end = Date.now() + timeout;
        while (!(await this.evaluate(pageFunction, argument))) {
            if (Date.now() > end) {
                throw new Error(`not within ${timeout} ms: ${String(pageFunction)}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** Presses a mouse button in the page, and lets it go. */
    async click(x: number, y: number): Promise<void> {
        const actions = [
            { type: "pointerMove", x, y },
            { type: "pointerDown", button: 0 },
            { type: "pointerUp", button: 0 },
        ];
        await this.#firefox.send("input.performActions", {
            context: this.#context,
            actions: [{ type: "pointer", id: "mouse", actions }],
        });
    }

    async close(): Promise<void> {
        await this.#firefox.send("browsingContext.close", { context: this.#context });
    }
}

/** Where it listens; it says so when it does. */
async function addressOf(firefox: ChildProcess): Promise<string> {
    const lines = createInterface({ input: firefox.stderr! });
    return new Promise((resolve, reject) => {
        firefox.once("error", reject);
        firefox.once("exit", (status) => reject(new Error(`Firefox ended at once, with status ${status}`)));
        const timeout = setTimeout(() => reject(new Error("Firefox does not listen")), TIMEOUT);
        lines.on("line", (line) => {
            const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
            if (address) {
                clearTimeout(timeout);
                resolve(address);
            }
        });
    });
}
