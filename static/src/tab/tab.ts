import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import {
    type BusEvent,
    type BusMessage,
    type Hello,
    type HubMessage,
    type OpenChannel,
    scopeName,
    type TabId,
    type TabState,
    type Term,
} from "../core/messages";
import type { ServerSnapshot } from "../core/resume_window";
import type { Hole } from "../core/sequence";
import type { Election, ElectionListener } from "../host/election";
import { Hosting } from "../host/hosting";
import { HubWatch } from "../host/hub_watch";
import type { HubRunner } from "../host/hub_worker";
import type { HasMissed } from "./absence";
import { Feed } from "./feed";
import { Mastership } from "./mastership";
import { Outbox } from "./outbox";
import { ReleaseWatch } from "./release_watch";
import { Voice } from "./voice";
import type { WindowStore } from "./window_store";

/** How often, in milliseconds, a tab that has nothing to say tells that it is there. */
export const SIGN_OF_LIFE_INTERVAL = 60_000;
/** How long, in milliseconds, a hub may take to report on itself. */
export const REPORT_TIMEOUT = 1_000;

export interface TabOptions {
    id: TabId;
    scope: string;
    /** Which build of Quiet Bus the page runs. */
    build: string;
    websocketURL: string;
    startedAt: number;
    snapshot: ServerSnapshot;
    clock: Clock;
    random: Random;
    openChannel: OpenChannel;
    makeElection: (listener: ElectionListener) => Election;
    hubRunner: HubRunner;
    store: WindowStore;
    hasMissed: HasMissed;
}

/** A tab's end of the bus. It neither knows nor cares in which tab the hub runs. */
export class Tab {
    /** Takes the events of the bus, in order. */
    onEvent: (event: BusEvent) => void = () => {};
    /** Told when this tab becomes master tab, and when it is that no longer. */
    onMasterChange: (isMaster: boolean) => void = () => {};
    /** Takes what the hub logs while logging is enabled; called in the host tab only. */
    onLog: (event: string, details: unknown) => void = () => {};

    readonly #mastership: Mastership;
    readonly #voice: Voice;
    readonly #hosting: Hosting;
    readonly #watch: HubWatch;
    readonly #releases: ReleaseWatch;
    readonly #feed: Feed;
    #isRetired = false;
    #term: Term = 0;
    #heardAt = -Infinity;
    readonly #outbox = new Outbox();
    #channels: string[] = [];
    #logging = false;
    #awaitReport: ((report: Record<string, unknown> | null) => void) | null = null;

    readonly #options: TabOptions;

    constructor(options: TabOptions) {
        this.#options = options;
        const { build, clock, openChannel, random, scope, startedAt } = options;
        this.#feed = new Feed({
            ...options,
            isHost: () => this.isHost,
            onEvent: (event) => this.onEvent(event),
        });
        this.#mastership = new Mastership(clock, (isMaster) => this.onMasterChange(isMaster));
        this.#hosting = new Hosting({
            ...options,
            channel: `${scopeName(scope)}.${build}`,
            describe: () => {
                this.#feed.endSilence(clock.now() - this.#heardAt);
                return { scope, hello: this.#hello(true) };
            },
            onAlone: () => {
                this.#voice.close();
                this.#openVoice();
            },
        });
        this.#watch = new HubWatch(clock, random, () => this.#hosting.usurp());
        this.#releases = new ReleaseWatch({ kind: "release", build, startedAt }, openChannel, () =>
            this.#retire()
        );
        this.#voice = new Voice(
            clock,
            openChannel,
            () => this.#term,
            (withOutbox) => this.#hello(withOutbox)
        );
    }

    get isInside(): boolean {
        return this.#voice.isOpen;
    }

    /** Whether the hub runs here. */
    get isHost(): boolean {
        return this.#hosting.isHost;
    }

    /** Joins the tabs of the scope, without taking part in the bus yet. */
    join(): void {
        if (!this.isInside && !this.#isRetired) {
            this.#releases.open(`${scopeName(this.#options.scope)}.releases`);
            this.#openVoice();
            this.#hosting.campaign();
            this.#watch.hear();
        }
    }

    /** Takes part in the bus from now on; asks for a connection if there is none. */
    start(): void {
        this.#feed.open();
        if (this.#isRetired) {
            this.#feed.tellOutdated();
        }
        this.join();
        this.#voice.announce(true);
    }

    /** Takes no part in the bus any more. */
    stop(): void {
        this.#feed.close();
        this.#channels = [];
        this.#voice.announce();
    }

    addChannel(channel: string): void {
        this.#channels.push(channel);
        this.start();
    }

    deleteChannel(channel: string): void {
        const index = this.#channels.indexOf(channel);
        if (index >= 0) {
            this.#channels.splice(index, 1);
            this.#voice.announce();
        }
    }

    /** Subscribes again: the server may have other channels for us. */
    resubscribe(): void {
        this.#voice.post({ kind: "command", command: "resubscribe" });
    }

    /** Sends an event to the server; ignored before the tab joined, as stock does. */
    send(event: string, data: unknown): void {
        if (this.isInside) {
            const letter = this.#outbox.write(event, data);
            this.#voice.post({ kind: "send", tab: this.#options.id, letter });
        }
    }

    setOnline(isOnline: boolean): void {
        this.#voice.post({ kind: "command", command: isOnline ? "online" : "offline" });
    }

    /** Switches the hub's log on or off, for all tabs of the scope. */
    setLogging(isEnabled: boolean): void {
        this.#logging = isEnabled;
        this.#voice.post({ kind: "logging", isEnabled });
    }

    /** Whether this is the master tab; always settles. */
    isMaster(): Promise<boolean> {
        this.join();
        return this.#mastership.answer();
    }

    /** Gives up being, or becoming, master tab for good. */
    resignMastership(): void {
        this.#mastership.resign();
        this.#voice.announce();
    }

    /** What the hub says of itself; null when none answers in time. */
    inquire(): Promise<Record<string, unknown> | null> {
        return new Promise((resolve) => {
            const timeout = new Alarm(this.#options.clock, () => resolve(null));
            timeout.set(REPORT_TIMEOUT);
            this.#awaitReport = (report) => {
                timeout.clear();
                resolve(report);
            };
            this.#voice.post({ kind: "inquire", tab: this.#options.id });
        });
    }

    /** The page goes away or to sleep, perhaps for good: others must not wait for it. */
    suspend(): void {
        if (!this.isInside) {
            return;
        }
        this.#feed.suspend();
        this.#mastership.set(false);
        this.#voice.post({ kind: "goodbye", tab: this.#options.id });
        this.#hosting.resign();
        this.#watch.stop();
        this.#voice.close();
        this.#releases.close();
    }

    #openVoice(): void {
        this.#voice.open(this.#hosting.channel, (message) => this.#receive(message));
        this.#voice.sayHello(true);
    }

    /** A page of another release was loaded after this one: the two would not understand each other. */
    #retire(): void {
        this.suspend();
        this.#isRetired = true;
        this.#mastership.resign();
        this.#feed.tellOutdated();
    }

    #receive(message: BusMessage): void {
        if (message.kind === "logging") {
            this.#logging = message.isEnabled;
        }
        if (!("isHub" in message) || message.term < this.#term) {
            // Of a lower term: from a host that was thought dead.
            return;
        }
        const now = this.#options.clock.now();
        this.#feed.endAbsence();
        if (message.term > this.#term) {
            this.#term = message.term;
            this.#hosting.follow(message.term);
            this.#feed.endSilence(now - this.#heardAt);
            this.#feed.changeHub();
            this.#voice.sayHello(true);
        }
        this.#heardAt = now;
        if (!("tab" in message) || message.tab === this.#options.id) {
            this.#handle(message);
        }
    }

    #handle(message: HubMessage): void {
        switch (message.kind) {
            case "beat":
                return this.#answerBeat(message);
            case "relay":
                return this.#ask(this.#feed.take(message.first, message.items));
            case "welcome":
                return this.#ask(this.#feed.begin(message));
            case "gap":
                this.#feed.skip(message.to);
                return this.#voice.sayHello();
            case "receipt":
                return this.#outbox.acknowledge(message.number);
            case "report":
                return this.#awaitReport?.(message.report);
            case "log":
                if (this.isHost) {
                    this.onLog(message.event, message.details);
                }
        }
    }

    #answerBeat({ master, tabs, sequence }: HubMessage & { kind: "beat" }): void {
        const { id } = this.#options;
        this.#watch.hear();
        const isKnown = tabs.includes(id);
        if (!isKnown) {
            this.#feed.pause();
        }
        if (!isKnown || this.#feed.isWaiting) {
            this.#voice.repeatHello();
        }
        if (!isKnown) {
            return;
        }
        this.#mastership.set(master === id);
        if (master !== null) {
            this.#mastership.settle();
        }
        this.#ask(this.#feed.check(sequence));
        const isAsked = this.#mastership.isCandidate && (master === id || master === null);
        if (isAsked || this.#voice.silence >= SIGN_OF_LIFE_INTERVAL) {
            this.#voice.post({ kind: "here", tab: id });
        }
    }

    #ask(hole: Hole | null): void {
        if (hole) {
            this.#voice.post({ kind: "hole", tab: this.#options.id, ...hole });
        }
    }

    #hello(withOutbox: boolean): Hello {
        return {
            kind: "hello",
            tab: this.#options.id,
            state: this.#state(),
            window: this.#feed.window,
            outbox: withOutbox ? this.#outbox.letters : [],
            isWaiting: this.#feed.isWaiting,
            position: this.#feed.position,
        };
    }

    #state(): TabState {
        const { websocketURL, startedAt, snapshot } = this.#options;
        return {
            active: this.#feed.isOpen,
            candidate: this.#mastership.isCandidate,
            master: this.#mastership.isMaster,
            channels: this.#channels,
            websocketURL,
            startedAt,
            settledId: snapshot.settledId,
            memory: this.#feed.memory,
            logging: this.#logging,
        };
    }
}
