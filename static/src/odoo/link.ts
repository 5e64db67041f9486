import { systemClock } from "../core/clock";
import { type BusEvent, broadcastChannel, scopeName } from "../core/messages";
import { browserElection } from "../host/browser_election";
import { storedTerms } from "../host/election";
import { WorkerRunner } from "../host/hub_worker";
import { followAttention } from "../tab/page_attention";
import { followPage } from "../tab/page_life";
import { followUse } from "../tab/page_use";
import { Tab } from "../tab/tab";
import { browserName } from "../tab/browser_name";
import { storedClaims } from "../tab/claim_store";
import type { Claims } from "../tab/claims";
import { storedTransports } from "../tab/transport_store";
import type { Usage } from "../tab/usage";
import { storedWindow } from "../tab/window_store";
import { Journal } from "./journal";
import { browser, rpc, session } from "./stock";

export interface LogReport {
    workerInfo: Record<string, unknown>;
    logs: unknown[];
}

/** What the services need of the bus; one per page. `Tab` documents it. */
export interface BusLink {
    onEvent: (event: BusEvent) => void;
    onMasterChange: (isMaster: boolean) => void;
    /** Whether this tab keeps what is stored once for the browser. */
    readonly isHost: boolean;
    readonly isMasterTab: boolean;
    readonly claims: Pick<Claims, "ask" | "refuse" | "spare">;
    readonly usage: Pick<Usage, "setAudibility">;
    join(): void | Promise<void>;
    start(): void | Promise<void>;
    stop(): void;
    addChannel(channel: string): void | Promise<void>;
    deleteChannel(channel: string): void;
    resubscribe(): void;
    send(event: string, data: unknown): void;
    setOnline(isOnline: boolean): void;
    setLogging(isEnabled: boolean): void;
    isMaster(): Promise<boolean>;
    resignMastership(): void;
    /** What the user downloads as bus log. */
    requestLogs(): Promise<LogReport>;
}

export interface LinkServices {
    "bus.parameters": { serverURL: string };
}

export interface LinkEnvironment {
    services: { "discuss.rtc"?: { state: { channel?: unknown } } };
}

type ServerInfo = NonNullable<typeof session.bus_quiet>;

/** The tab that an Odoo page is. */
class PageTab extends Tab implements BusLink {
    /** Whether the user takes part in a call on this page. */
    isInCall: () => boolean = () => false;
    readonly #journal: Journal;

    constructor(
        { scope, beep_interval, beep_last_used, dormant_after, settled_id, recent_ids }: ServerInfo,
        serverURL: string
    ) {
        const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
        const name = scopeName(scope);
        const storage = () => browser.localStorage;
        const socketURL = serverURL.replace("http", "ws");
        super({
            id,
            scope,
            build: BUILD,
            websocketURL: `${socketURL}/websocket?version=${session.websocket_worker_version}`,
            startedAt: Date.now(),
            snapshot: { settledId: settled_id, recentIds: recent_ids },
            clock: systemClock,
            random: Math.random,
            locks: navigator.locks,
            openChannel: broadcastChannel,
            makeElection: browserElection(name, storedTerms(storage, `${name}.term`)),
            hubRunner: new WorkerRunner(`${serverURL}/bus_quiet/static/lib/hub.js?v=${BUILD}`),
            store: storedWindow(storage, `${name}.window`),
            transportStore: storedTransports(storage, `${name}.transports`),
            claimStore: storedClaims(storage, `${name}.claims`),
            dormantAfter: dormant_after * 60_000,
            beepInterval: beep_interval,
            browser: beep_last_used
                ? browserName(storage, `${name}.browser`, Math.random)
                : null,
            hasMissed: (last_id) =>
                rpc("/bus_quiet/has_missed", { last_id }, { silent: true }) as Promise<boolean>,
        });
        this.#journal = new Journal(id);
        this.onLog = (event, details) => this.#journal.write(event, details);
        followPage(this);
        followAttention(this.usage, systemClock, () => this.isInCall());
        followUse(this.usage);
    }

    async requestLogs(): Promise<LogReport> {
        const [report, logs] = await Promise.all([this.inquire(), this.#journal.read()]);
        return { workerInfo: report ?? { error: "no hub answered" }, logs };
    }
}

let early: PageTab | null = null;

/**
 * Joins the other tabs while the page is still loading: the lock and the Worker then come before the
 * web client's start blocks the page. Only for pages that use the bus anyway; a visitor of the
 * website mostly doesn't.
 */
export function joinEarly(): void {
    if (!session.is_frontend && isAble()) {
        early = new PageTab(session.bus_quiet!, window.origin);
        early.join();
    }
}

function isAble(): boolean {
    return Boolean(globalThis.BroadcastChannel);
}

export const links = {
    /**
     * Makes the link of a page; null where the stock bus has to serve it: on pages of another origin
     * (live-chat embeds), and in browsers or contexts that lack what ours needs.
     */
    make(env: LinkEnvironment, services: LinkServices): BusLink | null {
        const { serverURL } = services["bus.parameters"];
        if (!session.bus_quiet || !isAble() || serverURL !== window.origin) {
            return null;
        }
        const tab = early ?? new PageTab(session.bus_quiet, serverURL);
        early = null;
        // Discuss starts after the bus.
        tab.isInCall = () => Boolean(env.services["discuss.rtc"]?.state.channel);
        return tab;
    },
};
