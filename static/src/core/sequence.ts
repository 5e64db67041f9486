/** How many relayed items a hub keeps to fill the holes of tabs. */
export const RELAY_LOG_LENGTH = 1_000;

/** The hub's memory of what it relayed, numbered from 1. */
export class RelayLog<Item> {
    /** Those that are still kept. */
    items: Item[] = [];
    /** Number of the latest item. */
    sequence = 0;

    /** Appends an item and returns its number. */
    append(item: Item): number {
        this.items.push(item);
        if (this.items.length > RELAY_LOG_LENGTH) {
            this.items.shift();
        }
        return ++this.sequence;
    }

    /** The items numbered `from` to `to`, or null when some of them are no longer kept. */
    range(from: number, to: number): Item[] | null {
        const oldest = this.sequence - this.items.length + 1;
        return from < oldest || to > this.sequence || from > to
            ? null
            : this.items.slice(from - oldest, to - oldest + 1);
    }
}

export interface Hole {
    from: number;
    to: number;
}

/** A tab's place in the relay of one hub: hands items on in order and knows what is missing. */
export class RelayCursor<Item> {
    #early = new Map<number, Item>();

    #next: number;

    /** @param next number of the next item to hand on */
    constructor(next: number) {
        this.#next = next;
    }

    /** Takes numbered items; returns those that are in turn now. */
    take(first: number, items: Item[]): Item[] {
        items.forEach((item, index) => {
            if (first + index >= this.#next) {
                this.#early.set(first + index, item);
            }
        });
        return this.#inTurn();
    }

    /** The items missing before what is here, or before `latest`; null when there are none. */
    hole(latest = 0): Hole | null {
        const to = this.#early.size ? Math.min(...this.#early.keys()) - 1 : latest;
        return to >= this.#next ? { from: this.#next, to } : null;
    }

    /** Gives up waiting for what is missing up to `to`; returns the items that are in turn now. */
    skip(to: number): Item[] {
        this.#next = Math.max(this.#next, to + 1);
        return this.#inTurn();
    }

    #inTurn(): Item[] {
        const items: Item[] = [];
        for (let item; (item = this.#early.get(this.#next)) !== undefined; this.#next++) {
            this.#early.delete(this.#next);
            items.push(item);
        }
        return items;
    }
}
