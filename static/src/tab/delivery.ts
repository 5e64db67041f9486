import type { BusEvent } from "../core/messages";
import type { ResumeWindow } from "../core/resume_window";
import { type Hole, RelayCursor } from "../core/sequence";

/** Hands what hubs relay to the tab: in order, each notification once, over changes of hub. */
export class Delivery {
    #cursor: RelayCursor<BusEvent> | null = null;

    readonly #window: ResumeWindow;
    readonly #deliver: (event: BusEvent) => void;

    constructor(
        window: ResumeWindow,
        deliver: (event: BusEvent) => void
    ) {
        this.#window = window;
        this.#deliver = deliver;
    }

    /**
     * Another hub begins to serve.
     *
     * @param known whether an earlier one served the tab: then it wants all that the new one relays,
     *     from the first item on, for it may lack any of it
     */
    begin(known: boolean): void {
        this.#cursor = known ? new RelayCursor(1) : null;
    }

    /** Takes relayed items; returns the hole before them, if any. */
    take(first: number, items: BusEvent[]): Hole | null {
        this.#cursor ??= new RelayCursor(first);
        this.handOn(this.#cursor.take(first, items));
        return this.#cursor.hole();
    }

    /** Compares with the number of the latest item; returns what is missing, if anything. */
    check(sequence: number): Hole | null {
        this.#cursor ??= new RelayCursor(sequence + 1);
        return this.#cursor.hole(sequence);
    }

    /** Goes on without what the hub no longer has. */
    skip(to: number): void {
        this.handOn(this.#cursor?.skip(to) ?? []);
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
