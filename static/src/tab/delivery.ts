import type { BusEvent, ServerNotification } from "../core/messages";
import type { ResumeWindow } from "../core/resume_window";
import { type Hole, RelayCursor } from "../core/sequence";

/** Hands what hubs relay to the tab: in order, each notification once, over changes of hub. */
export class Delivery {
    #cursor = new RelayCursor<BusEvent>();

    readonly #window: ResumeWindow;
    readonly #deliver: (event: BusEvent) => void;

    constructor(
        window: ResumeWindow,
        deliver: (event: BusEvent) => void
    ) {
        this.#window = window;
        this.#deliver = deliver;
    }

    /** Does not know yet where to begin: what the hub relays waits until it says so. */
    get isWaiting(): boolean {
        return !this.#cursor.isStarted;
    }

    /** Number of the latest item that was taken from the present hub. */
    get position(): number {
        return this.#cursor.position;
    }

    /** The hub has, or will have, forgotten the tab: it has to say anew where to begin. */
    pause(): void {
        this.#cursor.pause();
    }

    /** Another hub begins to serve. */
    begin(): void {
        this.#cursor = new RelayCursor();
    }

    /**
     * The hub says where to begin.
     *
     * @param missed what a page that was just loaded lacks of what was relayed before
     * @param sequence number of the latest item
     */
    start(first: number, missed: ServerNotification[], sequence: number): Hole | null {
        this.handOn([{ type: "BUS:NOTIFICATION", data: missed }]);
        this.skip(first - 1);
        return this.check(sequence);
    }

    /** Takes relayed items; returns the hole before them, if any. */
    take(first: number, items: BusEvent[]): Hole | null {
        this.handOn(this.#cursor.take(first, items));
        return this.#cursor.hole();
    }

    /** Compares with the number of the latest item; returns what is missing, if anything. */
    check(sequence: number): Hole | null {
        return this.#cursor.hole(sequence);
    }

    /** Goes on without what the hub no longer has. */
    skip(to: number): void {
        this.handOn(this.#cursor.start(to + 1));
    }

    /** Hands events on that come beside the numbered ones. */
    handOn(events: BusEvent[]): void {
        for (const event of events) {
            if (event.type !== "BUS:NOTIFICATION") {
                this.#deliver(event);
                continue;
            }
            const fresh = event.data.filter(({ id }) => this.#window.accept(id));
            if (fresh.length) {
                this.#deliver({ ...event, data: fresh });
            }
        }
    }
}
