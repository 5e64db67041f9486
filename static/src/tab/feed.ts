import { Alarm, type Clock } from "../core/clock";
import type { BusEvent, ConnectionMemory, HubMessage } from "../core/messages";
import { ResumeWindow, type ServerSnapshot, type WindowState } from "../core/resume_window";
import type { Hole } from "../core/sequence";
import { CloseCode, OUTDATED_VERSION } from "../transport/transport";
import { Absence, type HasMissed } from "./absence";
import { ConnectionView } from "./connection_view";
import { Delivery } from "./delivery";
import { firstWindow, type WindowStore } from "./window_store";

/** Silence of the hubs, in milliseconds, after which their connection counts as lost. */
export const HUB_MEMORY = 30_000;
/** How often, in milliseconds, the host tab stores what was received. */
export const STORE_INTERVAL = 500;

/**
 * What an outdated page hears no more, though a newer one may bring the connection back: at each of
 * these stock asks the server what the page missed, and tells all tabs to reload, the new one too.
 */
const AFTER_OUTDATED: BusEvent["type"][] = ["BUS:OUTDATED", "BUS:CONNECT", "BUS:RECONNECT", "BUS:GAP"];

export interface FeedOptions {
    clock: Clock;
    snapshot: ServerSnapshot;
    store: WindowStore;
    hasMissed: HasMissed;
    /** Whether this tab keeps what is stored once for the browser. */
    isHost: () => boolean;
    /** Takes the events of the bus, in order. */
    onEvent: (event: BusEvent) => void;
}

/** What the tab gets of the bus, from whatever hub: in order, once, and with a word on what is lost. */
export class Feed {
    readonly #window: ResumeWindow;
    readonly #view = new ConnectionView();
    readonly #absence: Absence;
    readonly #storing: Alarm;
    /** When the hub had what it says. */
    #time: number;
    /** Null while the tab takes no part in the bus. */
    #delivery: Delivery | null = null;
    #isToldOutdated = false;

    readonly #options: FeedOptions;

    constructor(options: FeedOptions) {
        this.#options = options;
        const { clock, snapshot, store, hasMissed } = options;
        this.#time = clock.now();
        const window = firstWindow(snapshot, store, clock);
        this.#window = new ResumeWindow(clock, window, { now: () => this.#time });
        this.#absence = new Absence(clock, hasMissed, () => this.#deliver({ type: "BUS:GAP" }));
        this.#storing = new Alarm(clock, () => store.save(this.#window.state()));
    }

    get isOpen(): boolean {
        return this.#delivery !== null;
    }

    /** Does not know yet where to begin in what the hub relays. */
    get isWaiting(): boolean {
        return this.#delivery?.isWaiting ?? false;
    }

    /** Number of the latest item that was taken from the present hub. */
    get position(): number {
        return this.#delivery?.position ?? 0;
    }

    get memory(): ConnectionMemory {
        return this.#view.memory;
    }

    get window(): WindowState {
        return this.#window.state();
    }

    open(): void {
        this.#delivery ??= new Delivery(this.#window, (event) => this.#deliver(event));
    }

    close(): void {
        this.#delivery = null;
    }

    /**
     * A hub was heard, whatever it said.
     *
     * @param at when it had what it says
     */
    hear(at: number): void {
        this.#time = at;
        if (this.#delivery) {
            this.#absence.end(this.#window.resumePoint);
        }
    }

    /** Another hub begins to serve. */
    changeHub(): void {
        this.#delivery?.begin();
    }

    /** @param silence how long no hub was heard before the next one, in milliseconds */
    endSilence(silence: number): void {
        if (silence > HUB_MEMORY && this.#view.state === "CONNECTED") {
            // As after sleep: what stock consumers do about a lost connection has to be done.
            this.#disconnect({ code: CloseCode.ABNORMAL });
        }
    }

    /** Begins where the hub says; returns the hole before what is here, if any. */
    begin(welcome: HubMessage & { kind: "welcome" }): Hole | null {
        // There may be an answer to each of several hellos.
        if (!this.#delivery?.isWaiting) {
            return null;
        }
        this.#deliver({ type: "BUS:WORKER_STATE_UPDATED", data: welcome.state });
        if (welcome.isOutdated) {
            this.#deliver({ type: "BUS:OUTDATED" });
        }
        return this.#delivery.start(welcome.first, welcome.missed, welcome.sequence);
    }

    /** Takes relayed items; returns the hole before them, if any. */
    take(first: number, items: BusEvent[]): Hole | null {
        return this.#delivery?.take(first, items) ?? null;
    }

    /** Compares with the number of the latest item; returns what is missing, if anything. */
    check(sequence: number): Hole | null {
        return this.#delivery?.check(sequence) ?? null;
    }

    /** Goes on without what the hub no longer has. */
    skip(to: number): void {
        this.#delivery?.skip(to);
    }

    /** Does, once, as if the server had refused the version of the page. */
    tellOutdated(): void {
        if (this.#delivery && !this.#isToldOutdated) {
            this.#disconnect({ code: CloseCode.CLEAN, reason: OUTDATED_VERSION });
            this.#deliver({ type: "BUS:OUTDATED" });
        }
    }

    /** The page goes away or to sleep, perhaps for good. */
    suspend(): void {
        this.#storing.clear();
        if (this.#delivery) {
            this.#options.store.save(this.#window.state());
            // On its return it wants all that came meanwhile, if only since the page was made.
            this.#view.hasHistory = true;
            this.#delivery.pause();
        }
    }

    /** The hub does not know the tab, or no longer. */
    pause(): void {
        this.#delivery?.pause();
    }

    #disconnect(data: { code: number; reason?: string }): void {
        this.#deliver({ type: "BUS:WORKER_STATE_UPDATED", data: "DISCONNECTED" });
        this.#deliver({ type: "BUS:DISCONNECT", data });
    }

    #deliver(event: BusEvent): void {
        const { isHost, onEvent } = this.#options;
        if (!this.#delivery) {
            return;
        }
        if (event.type === "BUS:WORKER_STATE_UPDATED") {
            if (!this.#view.learn(event.data)) {
                return;
            }
        } else if (this.#isToldOutdated && AFTER_OUTDATED.includes(event.type)) {
            return;
        } else if (event.type === "BUS:OUTDATED") {
            this.#isToldOutdated = true;
        } else if (event.type === "BUS:NOTIFICATION" && isHost()) {
            this.#storing.ensure(STORE_INTERVAL);
        }
        try {
            onEvent(event);
        } catch (error) {
            // What a subscriber does must not stop the bus.
            console.error(error);
        }
    }
}
