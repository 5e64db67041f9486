/** One Odoo for all files of the run: they are bundled apart, so it is kept with the process. */
import path from "node:path";
import QUnit from "qunit";
import { JsonRpcClient } from "../../tools/json_rpc.mjs";
import { type Odoo, type OdooOptions, startOdoo } from "../../tools/odoo.mjs";

/** Notifications that the probe sends. */
export const PROBE_TYPE = "bus_quiet_test";
const PROBE_MODEL = "bus.quiet.test";

// The first test waits until Odoo is set up, which takes minutes on a machine without any.
QUnit.config.testTimeout = 300_000;

export interface ServerCounts {
    sockets: { uid: number | false; channels: number }[];
    /** Requests that are held for the bus. */
    polls: number;
    /** Websockets opened since the server's start. */
    opens: number;
    /** Frames received since the server's start, by the name of their event. */
    frames: Record<string, number>;
    /** Calls of `channel_fetched` since the server's start. */
    fetched: number;
}

/** What a websocket did, as the server saw it. */
export interface SocketEvent {
    /** Wall clock, ms. */
    at: number;
    /** Number of the websocket. */
    socket: number;
    /** The name that the test gave to the browser. */
    browser: string;
    /** "open", "close" by the server, "end" by whomever, or the name of the frame that came. */
    event: string;
    /** Whose session it had. */
    uid: number | false;
    database: string;
    /** Of a frame: the server did what it asks for. */
    isServed?: boolean;
    /** Of "subscribe". */
    scope?: string;
    last?: number;
    /** Of "close". */
    code?: number;
}

/** A running Odoo with the probe: a small addon that counts at the server, and sends. */
export class ProbedOdoo {
    readonly #partners = new Map<string, number>();

    constructor(readonly odoo: Odoo) {}

    get baseURL(): string {
        return this.odoo.baseURL;
    }

    counts(): Promise<ServerCounts> {
        return this.#probe("counts");
    }

    async socketCount(): Promise<number> {
        return (await this.counts()).sockets.length;
    }

    /** What websockets did since this time, the latest last. */
    journal(since: number): Promise<SocketEvent[]> {
        return this.#probe("journal", since);
    }

    /** Ends all websockets, and held requests, as a broken network does. */
    async cutConnections(): Promise<void> {
        await this.#probe("cut_connections");
    }

    /** Waits until this many websockets are open. */
    waitForSockets(count: number, timeout = 10_000): Promise<void> {
        return waitUntil(`${count} sockets at the server`, timeout, async () => {
            const { sockets } = await this.counts();
            return sockets.length === count || JSON.stringify(sockets);
        });
    }

    /** Waits until this many websockets are subscribed, or requests held. */
    waitForServed(count: number, timeout = 20_000): Promise<void> {
        return waitUntil(`${count} served at the server`, timeout, async () => {
            const { sockets, polls } = await this.counts();
            const served = sockets.filter(({ channels }) => channels > 0).length + polls;
            return served === count || JSON.stringify({ sockets, polls });
        });
    }

    /** Waits until there is this many websockets, all of them subscribed. */
    waitForSubscribed(count: number, timeout = 15_000): Promise<void> {
        return waitUntil(`${count} subscribed sockets`, timeout, async () => {
            const { sockets } = await this.counts();
            const isReady = sockets.length === count && sockets.every((it) => it.channels > 0);
            return isReady || JSON.stringify(sockets);
        });
    }

    async partnerOf(login: string): Promise<number> {
        if (!this.#partners.has(login)) {
            const [{ partner_id }] = await this.odoo.callKw("admin", "res.users", "search_read", [
                [["login", "=", login]],
                ["partner_id"],
            ]);
            this.#partners.set(login, partner_id[0]);
        }
        return this.#partners.get(login)!;
    }

    /** Sends `count` notifications to the user, numbered from `first`, each in a transaction. */
    async send(login: string, count: number, first = 0): Promise<void> {
        await this.#probe("send", await this.partnerOf(login), count, first);
    }

    /** Sends a notification to everybody. */
    async broadcast(number: number): Promise<void> {
        await this.#probe("broadcast", number);
    }

    /** Sends in the background, one notification each `interval` ms. */
    async sendSteadily(login: string, count: number, interval: number): Promise<void> {
        await this.#probe("send_steadily", await this.partnerOf(login), count, interval / 1000);
    }

    /** Inserts a notification now, which is committed `delay` ms later. */
    async sendLate(login: string, number: number, delay: number): Promise<void> {
        await this.#probe("send_late", await this.partnerOf(login), number, delay / 1000);
    }

    /** Sends the user a notification of any type. */
    async notify(login: string, type: string, payload: unknown): Promise<void> {
        await this.#probe("notify_user", await this.partnerOf(login), type, payload);
    }

    /** Has the user write messages to a chat, all in one transaction. */
    async post(login: string, chat: number, count = 1): Promise<void> {
        await this.#probe("post", login, chat, count);
    }

    setParameter(key: string, value: string | false): Promise<unknown> {
        return this.odoo.callKw("admin", "ir.config_parameter", "set_param", [key, value]);
    }

    #probe(method: string, ...args: unknown[]): Promise<any> {
        return this.odoo.callKw("admin", PROBE_MODEL, method, args);
    }
}

/** Brings up an Odoo of one's own. */
export async function startProbedOdoo(options: OdooOptions = {}): Promise<ProbedOdoo> {
    return new ProbedOdoo(
        await startOdoo({
            modules: ["bus_quiet", "bus_quiet_test"],
            addonsFolders: [path.resolve("tests/e2e/addons")],
            quiet: false,
            warm: true,
            ...options,
        })
    );
}

/**
 * Brings up one server with two databases, both copies of the same: what is in them, users and all,
 * has the same ids.
 */
export async function startTwoDatabases(): Promise<{
    databases: [ProbedOdoo, ProbedOdoo];
    stop: () => Promise<void>;
}> {
    const { odoo: first } = await startProbedOdoo({ quiet: true, warm: false });
    try {
        await first.stopServer();
        // Their names differ in the number at the end.
        const filter = `^${first.database.replace(/\d+$/, "\\d+")}$`;
        const second = await startProbedOdoo({
            quiet: true,
            // With bus for all, /websocket/health needs no database.
            extraArguments: [`--db-filter=${filter}`, "--load=base,rpc,web,bus"],
        });
        const { baseURL } = second;
        const rpc = new JsonRpcClient(baseURL, first.database);
        const callKw = rpc.callKw.bind(rpc);
        return {
            databases: [new ProbedOdoo({ ...first, baseURL, rpc, callKw }), second],
            stop: async () => {
                await second.odoo.stop();
                await first.stop();
            },
        };
    } catch (error) {
        await first.stop();
        throw error;
    }
}

const shared = globalThis as { quietBusOdoo?: Promise<ProbedOdoo> };

/** The Odoo of this run; started at the first call and stopped at the end of the run. */
export function sharedOdoo(): Promise<ProbedOdoo> {
    if (!shared.quietBusOdoo) {
        shared.quietBusOdoo = startProbedOdoo();
        QUnit.done(async () => (await shared.quietBusOdoo)?.odoo.stop());
    }
    return shared.quietBusOdoo;
}

/**
 * Waits until the condition gives true.
 *
 * @param condition gives true, or what there is instead: a word for the error
 */
export async function waitUntil(
    what: string,
    timeout: number,
    condition: () => Promise<unknown>
): Promise<void> {
    const end = Date.now() + timeout;
    for (;;) {
        const outcome = await condition();
        if (outcome === true) {
            return;
        }
        if (Date.now() > end) {
            throw new Error(`not within ${timeout} ms: ${what}; instead: ${String(outcome)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
