import type {
    BusEvent,
    Draft,
    HubMessage,
    ServerNotification,
    TabId,
    TabState,
} from "../core/messages";
import { RelayLog } from "../core/sequence";

type Post = (message: Draft<HubMessage>) => void;

/** Relays events to the tabs, numbered, and repeats to each what it lacks for as long as it is kept. */
export class Relay {
    readonly #log = new RelayLog<BusEvent>();
    readonly #post: Post;

    constructor(post: Post) {
        this.#post = post;
    }

    /** Number of the latest item. */
    get sequence(): number {
        return this.#log.sequence;
    }

    send(event: BusEvent): void {
        const first = this.#log.append(event);
        this.#post({ kind: "relay", first, items: [event] });
    }

    /** Fills a hole; false when that is not possible any more. */
    fill(tab: TabId, from: number, to: number): boolean {
        const items = this.#log.range(from, to);
        this.#post(items ? { kind: "relay", tab, first: from, items } : { kind: "gap", tab, to });
        return items !== null;
    }

    /** What was relayed is void. */
    startOver(): void {
        this.#log.forget();
    }

    /**
     * Where the tab is to begin, and what it gets beside that.
     *
     * @param start what it lacks was relayed after this number
     */
    placeOf({ memory, settledId }: TabState, start: number) {
        const { sequence } = this.#log;
        // A page just loaded has no part in the events before; the notifications it may lack.
        return memory === "none"
            ? { first: sequence + 1, sequence, missed: this.#after(settledId || Infinity, start) }
            : { first: start + 1, sequence, missed: [] };
    }

    /** Whether more may have come since the page was loaded than what is still kept. */
    mayHaveForgotten({ memory, settledId }: TabState): boolean {
        return (
            memory === "none" &&
            settledId > 0 &&
            this.#log.isCut(0) &&
            this.#after(settledId).length === this.#after(0).length
        );
    }

    /** The notifications with a higher id than this, of what was relayed after the start. */
    #after(id: number, start = 0): ServerNotification[] {
        return this.#log
            .since(start)
            .flatMap((event) => (event.type === "BUS:NOTIFICATION" ? event.data : []))
            .filter((notification) => notification.id > id);
    }
}
