import type { Random } from "../core/back_off";
import type { Clock } from "../core/clock";
import { lifeLineName } from "../core/life_line";
import {
    type BusEvent,
    type BusMessage,
    type OpenChannel,
    scopeName,
} from "../core/messages";
import type { Election, ElectionListener } from "../host/election";
import { Hosting } from "../host/hosting";
import { HubWatch } from "../host/hub_watch";
import type { HubRunner } from "../host/hub_worker";
import type { HasMissed } from "./absence";
import type { ClaimStore } from "./claim_store";
import { Claims } from "./claims";
import { Feed } from "./feed";
import { HubListener } from "./hub_listener";
import { Inquiry, type Report } from "./inquiry";
import { type Identity, Introduction } from "./introduction";
import { LifeLine } from "./life_line";
import { Mastership } from "./mastership";
import { Outbox } from "./outbox";
import { ReleaseWatch } from "./release_watch";
import type { TransportStore } from "./transport_store";
import { Usage } from "./usage";
import { Voice } from "./voice";
import type { WindowStore } from "./window_store";

export interface TabOptions extends Identity {
    scope: string;
    /** Which build of Quiet Bus the page runs. */
    build: string;
    clock: Clock;
    random: Random;
    /** Undefined in a context that is not secure. */
    locks: LockManager | undefined;
    openChannel: OpenChannel;
    makeElection: (listener: ElectionListener) => Election;
    hubRunner: HubRunner;
    store: WindowStore;
    transportStore: TransportStore;
    claimStore: ClaimStore;
    /** How long the browser is hidden, in milliseconds, before it counts as dormant. */
    dormantAfter: number;
    /** How long, in milliseconds, one beep makes others superfluous. */
    beepInterval: number;
    /** Name of this browser, where only the user's browser that was used last beeps; else null. */
    browser: string | null;
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

    /** How the user uses the page. */
    readonly usage: Usage;
    /** What is to be done once per browser. */
    readonly claims: Claims;
    readonly #mastership: Mastership;
    readonly #voice: Voice;
    readonly #hosting: Hosting;
    readonly #watch: HubWatch;
    readonly #releases: ReleaseWatch;
    readonly #feed: Feed;
    readonly #listener: HubListener;
    readonly #lifeLine: LifeLine;
    #isRetired = false;
    readonly #outbox = new Outbox();
    readonly #introduction: Introduction;
    readonly #inquiry: Inquiry;

    readonly #options: TabOptions;

    constructor(options: TabOptions) {
        this.#options = options;
        const { build, clock, id, openChannel, random, scope, startedAt, transportStore } = options;
        const { beepInterval, browser, dormantAfter } = options;
        this.#feed = new Feed({
            ...options,
            isHost: () => this.isHost,
            onEvent: (event) => this.onEvent(event),
        });
        this.usage = new Usage(clock, browser !== null, () => this.isInside && this.#voice.announce());
        this.#lifeLine = new LifeLine(options.locks);
        this.#mastership = new Mastership(clock, (isMaster) => {
            if (isMaster) {
                this.#lifeLine.hold(lifeLineName(this.#hosting.channel, id));
            } else {
                this.#lifeLine.release();
            }
            this.onMasterChange(isMaster);
        });
        this.#hosting = new Hosting({
            ...options,
            channel: `${scopeName(scope)}.${build}`,
            describe: () => {
                this.#feed.endSilence(this.#listener.silence);
                const transports = transportStore.load();
                const hello = this.#introduction.hello(true);
                return { scope, dormantAfter, beepInterval, browser, transports, hello };
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
            () => this.#listener.term,
            (isNew) => this.#introduction.hello(isNew)
        );
        this.claims = new Claims(
            id,
            clock,
            options.claimStore,
            () => this.#mastership.isCandidate,
            (message) => this.#voice.post(message)
        );
        this.#introduction = new Introduction(options, {
            claims: this.claims,
            feed: this.#feed,
            mastership: this.#mastership,
            outbox: this.#outbox,
            usage: this.usage,
        });
        this.#inquiry = new Inquiry(clock, () => this.#voice.post({ kind: "inquire", tab: id }));
        this.#listener = new HubListener(id, clock, {
            claims: this.claims,
            feed: this.#feed,
            hosting: this.#hosting,
            inquiry: this.#inquiry,
            lifeLine: this.#lifeLine,
            mastership: this.#mastership,
            outbox: this.#outbox,
            transportStore,
            voice: this.#voice,
            watch: this.#watch,
            onLog: (event, details) => this.onLog(event, details),
        });
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
        this.#introduction.channels = [];
        this.#voice.announce();
    }

    addChannel(channel: string): void {
        this.#introduction.channels.push(channel);
        this.start();
    }

    deleteChannel(channel: string): void {
        const { channels } = this.#introduction;
        const index = channels.indexOf(channel);
        if (index >= 0) {
            channels.splice(index, 1);
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
        this.#introduction.isLogging = isEnabled;
        this.#voice.post({ kind: "logging", isEnabled });
    }

    /** Whether this is the master tab, as far as it knows. */
    get isMasterTab(): boolean {
        return this.#mastership.isMaster;
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
    inquire(): Promise<Report | null> {
        return this.#inquiry.make();
    }

    /** The page goes away or to sleep, perhaps for good: others must not wait for it. */
    suspend(): void {
        if (!this.isInside) {
            return;
        }
        this.#feed.suspend();
        this.#mastership.leave();
        this.claims.leave();
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
            this.#introduction.isLogging = message.isEnabled;
        }
        this.claims.overhear(message);
        this.#listener.receive(message);
    }
}
