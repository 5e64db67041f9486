import type { BusEvent, HubStart, WorkerState } from "../../static/src/core/messages";
import { DatabaseElection } from "../../static/src/host/database_election";
import { type Election, type ElectionListener, storedTerms } from "../../static/src/host/election";
import type { HubProcess, HubRunner } from "../../static/src/host/hub_worker";
import { LockElection } from "../../static/src/host/lock_election";
import { Hub } from "../../static/src/hub/hub";
import { adaptiveTransport } from "../../static/src/transport/adaptive_transport";
import { Lives } from "../../static/src/transport/lives";
import { pollTransport } from "../../static/src/transport/poll_transport";
import { storedClaims } from "../../static/src/tab/claim_store";
import { Tab } from "../../static/src/tab/tab";
import { storedTransports } from "../../static/src/tab/transport_store";
import { storedWindow } from "../../static/src/tab/window_store";
import { FakeServer } from "./fake_bus_server";
import { FakeChannels } from "./fake_channels";
import { FakeClock, Process } from "./fake_clock";
import { FakeDatabases } from "./fake_databases";
import { FakeLocks } from "./fake_locks";
import { FakeStorage } from "./fake_storage";

/** The scope of pages that are opened without one. */
export const SCOPE = "db.7";
/** How often timers run in a page that has been hidden for long, in milliseconds. */
const SLOW_TIMERS = 60_000;
/** How long a Worker takes to start, in milliseconds. */
const WORKER_START = 20;

export interface PageOptions {
    scope?: string;
    build?: string;
}

/** What a page did that is done once per browser. */
export interface Deed {
    kind: "event" | "beep";
    /** Of the notification that it is about. */
    id: number;
    page: Page;
    at: number;
}

type OpenedPage = PageOptions & { scope: string };

/** A page with a tab of the bus, and what its consumers were told. */
export class Page {
    readonly process: Process;
    readonly tab: Tab;
    readonly events: BusEvent[] = [];
    readonly masterChanges: boolean[] = [];
    /** The Worker that runs the hub, in the host tab. */
    hubProcess: Process | null = null;
    isSuspended = false;
    /** The user has clicked in it, or the browser makes no condition. */
    mayBeHeard = true;

    /** When it was frozen, or crashed. */
    readonly stops: number[] = [];
    /** Its process dies when it is next told to do what is done once per browser. */
    crashesAsItActs = false;

    /** Has a Worker ready for a hub. */
    isPrepared = false;
    readonly #hubRunner: HubRunner = {
        prepare: () => (this.isPrepared = true),
        discard: () => (this.isPrepared = false),
        start: (start) => this.#startHub(start),
    };

    readonly id: string;
    readonly scope: string;
    readonly #browser: Browser;

    constructor(browser: Browser, id: string, { scope, build = browser.build }: OpenedPage) {
        // A process that has died stores nothing any more, whatever it was about to do.
        const storage = () => (this.isAlive ? browser.storage : new FakeStorage()).get();
        this.#browser = browser;
        this.id = id;
        this.scope = scope;
        this.process = new Process(browser.clock);
        this.tab = new Tab({
            id,
            scope,
            build,
            websocketURL: browser.websocketURL,
            startedAt: browser.clock.now(),
            snapshot: browser.server.snapshot,
            clock: this.process,
            random: () => browser.random(),
            locks: browser.locksOf(this.process),
            openChannel: (name, receive) => browser.channels.open(this.process, name, receive),
            makeElection: (listener) => browser.election(this.process, `election.${scope}`, listener),
            hubRunner: this.#hubRunner,
            store: storedWindow(storage, `window.${scope}`),
            transportStore: storedTransports(storage, `transports.${scope}`),
            claimStore: storedClaims(storage, `claims.${scope}`),
            dormantAfter: 30 * 60_000,
            beepInterval: 1_000,
            browser: null,
            hasMissed: (lastId) => browser.server.hasMissed(lastId),
        });
        this.tab.onEvent = (event) => {
            this.events.push(event);
            if (event.type === "BUS:NOTIFICATION" && browser.isActedOn) {
                event.data.forEach(({ id }) => this.#act(id));
            }
        };
        this.tab.onMasterChange = (isMaster) => this.masterChanges.push(isMaster);
    }

    /** The ids of the notifications received, in order. */
    get ids(): number[] {
        return this.events.flatMap((event) =>
            event.type === "BUS:NOTIFICATION" ? event.data.map(({ id }) => id) : []
        );
    }

    get workerState(): WorkerState | undefined {
        const event = this.events.findLast(({ type }) => type === "BUS:WORKER_STATE_UPDATED");
        return event?.data as WorkerState | undefined;
    }

    /** The types of the events, notifications and states left out. */
    get changes(): string[] {
        const left = ["BUS:NOTIFICATION", "BUS:WORKER_STATE_UPDATED"];
        return this.events.map(({ type }) => type).filter((type) => !left.includes(type));
    }

    get isMaster(): boolean {
        return this.masterChanges.at(-1) ?? false;
    }

    get isAlive(): boolean {
        return this.process.isAlive;
    }

    /** The user closes it. */
    close(): void {
        this.tab.suspend();
        this.#kill();
    }

    /** Its process dies: nobody says goodbye. */
    crash(): void {
        this.stops.push(this.#browser.clock.now());
        this.#kill();
    }

    #kill(): void {
        this.hubProcess?.kill();
        this.process.kill();
    }

    /** The user looks at something else for so long that the browser slows the page's timers. */
    hide(): void {
        this.process.throttle(SLOW_TIMERS);
    }

    show(): void {
        this.process.throttle(0);
    }

    /** Told to reload: a page of another release was loaded after it. */
    get isOutdated(): boolean {
        return this.changes.includes("BUS:OUTDATED");
    }

    /** Into the back/forward cache. */
    suspend(): void {
        this.isSuspended = true;
        this.tab.suspend();
        this.process.freeze();
    }

    /** Back from the back/forward cache. */
    resume(): void {
        this.isSuspended = false;
        this.process.thaw();
        this.tab.join();
    }

    /** Stops it, and its Worker, without a word. */
    freeze(): void {
        this.stops.push(this.#browser.clock.now());
        this.process.freeze();
        this.hubProcess?.freeze();
    }

    thaw(): void {
        this.process.thaw();
        this.hubProcess?.thaw();
    }

    /** Does about a notification what is done once per browser. */
    #act(id: number): void {
        const note = (kind: Deed["kind"]) =>
            this.#browser.deeds.push({ kind, id, page: this, at: this.#browser.clock.now() });
        const mayAct = (isOurs: boolean): boolean => {
            if (isOurs && this.crashesAsItActs) {
                this.crash();
            }
            return isOurs && this.isAlive;
        };
        void this.tab.claims.ask(`event ${id}`, false).then((isOurs) => mayAct(isOurs) && note("event"));
        const beep = (isOurs: boolean): void => {
            if (!mayAct(isOurs)) {
                return;
            }
            if (this.mayBeHeard) {
                note("beep");
            } else {
                this.tab.usage.setAudibility("muted");
                void this.tab.claims.refuse(`sound ${id}`).then(beep);
            }
        };
        void this.tab.claims.ask(`sound ${id}`, true).then(beep);
    }

    /** The user clicks in it. */
    click(): void {
        this.mayBeHeard = true;
        this.tab.usage.touch();
        this.tab.usage.setAudibility("heard");
    }

    #startHub(start: HubStart): HubProcess {
        const { channels, clock, random, server } = this.#browser;
        const openPoll = (hold: "stream" | "once") =>
            pollTransport({
                clock: process,
                random,
                fetch: server.polls.fetch(process, start.scope),
                hold,
            });
        const process = new Process(clock);
        this.hubProcess = process;
        const delay = this.isPrepared ? 0 : WORKER_START;
        this.isPrepared = false;
        process.setTimeout(() => {
            const hub: Hub = new Hub({
                ...start,
                clock: process,
                random,
                locks: this.#browser.locksOf(process),
                openChannel: (name, receive) => channels.open(process, name, receive),
                openTransport: adaptiveTransport({
                    clock: process,
                    random,
                    lives: new Lives(process, start.transports, (memory) => hub.keep(memory)),
                    transports: {
                        websocket: server.transport(process, start.scope),
                        stream: openPoll("stream"),
                        poll: openPoll("once"),
                    },
                }),
            });
        }, delay);
        return { stop: () => process.kill() };
    }
}

/** A browser with its tabs, and the server that they talk to. */
export class Browser {
    readonly clock = new FakeClock();
    readonly server = new FakeServer(this.clock);
    readonly channels = new FakeChannels();
    readonly locks = new FakeLocks();
    readonly databases = new FakeDatabases();
    readonly storage = new FakeStorage();
    readonly pages: Page[] = [];
    /** Pages do about each notification what is done once per browser. */
    isActedOn = false;
    /** What they did, in order. */
    readonly deeds: Deed[] = [];
    readonly #startedAt = this.clock.now();
    random: () => number = () => 0.5;
    websocketURL = "ws://server/websocket?version=1";

    /** An insecure context has no locks. */
    isSecure = true;
    /** The build of Quiet Bus that the server gives to pages. */
    build = "build1";

    /** `navigator.locks` of a process. */
    locksOf(process: Process): LockManager | undefined {
        return this.isSecure ? this.locks.of(process) : undefined;
    }

    election(process: Process, name: string, listener: ElectionListener): Election {
        const terms = storedTerms(() => this.storage.get(), `${name}.term`);
        const openAccess = () => this.databases.access(process);
        return this.isSecure
            ? new LockElection(this.locks.of(process), name, terms, listener)
            : new DatabaseElection(openAccess, name, terms, listener);
    }

    /** Opens a page; its tab does nothing yet. */
    openPage(options: PageOptions = {}): Page {
        const scope = options.scope ?? this.server.session ?? SCOPE;
        const page = new Page(this, `tab${this.pages.length + 1}`, { ...options, scope });
        this.pages.push(page);
        return page;
    }

    /** Opens a page that listens to channels. */
    open(...channels: string[]): Page {
        const page = this.openPage();
        channels.forEach((channel) => page.tab.addChannel(channel));
        return page;
    }

    /** Opens pages that listen to the channel "all", and waits until all is set up. */
    async openAll(count: number): Promise<Page[]> {
        const pages = Array.from({ length: count }, () => this.open("all"));
        await this.settle();
        return pages;
    }

    get host(): Page {
        const host = this.pages.find(({ tab, isAlive }) => tab.isHost && isAlive);
        if (!host) {
            throw new Error("No tab is host.");
        }
        return host;
    }

    get masters(): Page[] {
        return this.pages.filter((page) => page.isMaster && page.isAlive && !page.isSuspended);
    }

    get living(): Page[] {
        return this.pages.filter((page) => page.isAlive && !page.process.isFrozen);
    }

    get frozen(): Page[] {
        return this.pages.filter(
            (page) => page.isAlive && page.process.isFrozen && !page.isSuspended
        );
    }

    get suspended(): Page[] {
        return this.pages.filter((page) => page.isAlive && page.isSuspended);
    }

    /** How long it runs, in milliseconds. */
    get age(): number {
        return this.clock.now() - this.#startedAt;
    }

    /** The network goes or comes; every page hears of it. */
    setOnline(isOnline: boolean): void {
        this.server.isReachable = isOnline;
        if (!isOnline) {
            this.server.drop();
        }
        this.living.forEach(({ tab }) => tab.setOnline(isOnline));
    }

    /** Long enough for elections, subscriptions and appointments. */
    settle(): Promise<void> {
        return this.pass(4_000);
    }

    pass(milliseconds: number): Promise<void> {
        return this.clock.pass(milliseconds);
    }
}
