import type { Clock } from "../core/clock";
import type { BusMessage, HubMessage, TabId, Term } from "../core/messages";
import type { Hole } from "../core/sequence";
import type { Hosting } from "../host/hosting";
import type { HubWatch } from "../host/hub_watch";
import type { Claims } from "./claims";
import type { Feed } from "./feed";
import type { Inquiry } from "./inquiry";
import type { LifeLine } from "./life_line";
import type { Mastership } from "./mastership";
import type { Outbox } from "./outbox";
import type { TransportStore } from "./transport_store";
import type { Voice } from "./voice";

/** How often, in milliseconds, a tab that has nothing to say tells that it is there. */
export const SIGN_OF_LIFE_INTERVAL = 60_000;

/** The parts of a tab that want to know what a hub says. */
export interface Listeners {
    claims: Claims;
    feed: Feed;
    hosting: Hosting;
    inquiry: Inquiry;
    lifeLine: LifeLine;
    mastership: Mastership;
    outbox: Outbox;
    transportStore: TransportStore;
    voice: Voice;
    watch: HubWatch;
    onLog: (event: string, details: unknown) => void;
}

/** Listens to the latest hub, and to no other. */
export class HubListener {
    /** The latest of which the tab has heard. */
    term: Term = 0;
    #heardAt = -Infinity;

    readonly #id: TabId;
    readonly #clock: Clock;
    readonly #parts: Listeners;

    constructor(id: TabId, clock: Clock, parts: Listeners) {
        this.#id = id;
        this.#clock = clock;
        this.#parts = parts;
    }

    /** How long no hub was heard, in milliseconds. */
    get silence(): number {
        return this.#clock.now() - this.#heardAt;
    }

    receive(message: BusMessage): void {
        if (!("isHub" in message) || message.term < this.term) {
            // Of a lower term: from a host that was thought dead.
            return;
        }
        const { feed, hosting, voice, watch } = this.#parts;
        feed.hear(message.at);
        if (message.term > this.term) {
            this.term = message.term;
            hosting.follow(message.term);
            // Its first heartbeat comes when it has heard the tabs; it must not be replaced until then.
            watch.hear();
            feed.endSilence(this.silence);
            feed.changeHub();
            voice.sayHello(true);
        }
        this.#heardAt = this.#clock.now();
        if (!("tab" in message) || message.tab === this.#id) {
            this.#handle(message);
        }
    }

    #handle(message: HubMessage): void {
        const { claims, feed, hosting, inquiry, onLog, outbox, transportStore, voice } = this.#parts;
        switch (message.kind) {
            case "beat":
                return this.#answerBeat(message);
            case "relay":
                return this.#ask(feed.take(message.first, message.items));
            case "welcome":
                return this.#ask(feed.begin(message));
            case "gap":
                feed.skip(message.to);
                return voice.sayHello();
            case "grant":
                return claims.grant(message.key, message.holder, message.until);
            case "settled":
                return claims.settle(message.key, message.beepedAt);
            case "receipt":
                return outbox.acknowledge(message.number);
            case "report":
                return inquiry.answer(message.report);
            case "transports":
                if (hosting.isHost) {
                    transportStore.save(message.memory);
                }
                return;
            case "log":
                if (hosting.isHost) {
                    onLog(message.event, message.details);
                }
        }
    }

    #answerBeat({ number, master, challenger, tabs, sequence }: HubMessage & { kind: "beat" }): void {
        const { feed, lifeLine, mastership, voice, watch } = this.#parts;
        const isKnown = tabs.includes(this.#id);
        watch.hear();
        if (!isKnown) {
            feed.pause();
        }
        if (!isKnown || feed.isWaiting) {
            voice.repeatHello();
        }
        if (!isKnown) {
            if (master !== null) {
                // A hub that does not know the tab, and another tab better.
                mastership.hear(false);
            }
            return;
        }
        const wasMaster = mastership.isMaster;
        mastership.hear(master === null ? null : master === this.#id);
        this.#ask(feed.check(sequence));
        const isAsked = master === null || [master, challenger].includes(this.#id);
        const hasLeft = wasMaster && !mastership.isMaster;
        if ((isAsked && mastership.isCandidate) || hasLeft || voice.silence >= SIGN_OF_LIFE_INTERVAL) {
            const holdsLifeLine = lifeLine.isHeld;
            voice.post({ kind: "here", tab: this.#id, beat: number, holdsLifeLine });
        }
    }

    #ask(hole: Hole | null): void {
        if (hole) {
            this.#parts.voice.post({ kind: "hole", tab: this.#id, ...hole });
        }
    }
}
