/** How many relayed items a hub keeps to fill the holes of tabs. */
export const RELAY_LOG_LENGTH = 1_000;

/** The hub's memory of what it relayed, numbered from 1. */
export class RelayLog<Item> {
    /** Those that are still kept. */
    #items: Item[] = [];
    /** Number of the latest item. */
    sequence = 0;

    /** Appends an item and returns its number. */
    append(item: Item): number {
        this.#items.push(item);
        if (this.#items.length > RELAY_LOG_LENGTH) {
            this.#items.shift();
        }
        return ++this.sequence;
    }

    /** The items numbered `from` to `to`, or null when some of them are no longer kept. */
    range(from: number, to: number): Item[] | null {
        const oldest = this.#forgotten + 1;
        return from < oldest || to > this.sequence || from > to
            ? null
            : this.#items.slice(from - oldest, to - oldest + 1);
    }

    /** Whether some of the items after this number are no longer kept. */
    isCut(number: number): boolean {
        return number < this.#forgotten;
    }

    /** The items after this number that are still kept. */
    since(number: number): Item[] {
        return this.#items.slice(Math.max(0, number - this.#forgotten));
    }

    /** Keeps none of them. */
    forget(): void {
        this.#items = [];
    }

    get #forgotten(): number {
        return this.sequence - this.#items.length;
    }
}

export interface Hole {
    from: number;
    to: number;
}

/** A tab's place in the relay of one hub: hands items on in order and knows what is missing. */
export class RelayCursor<Item> {
    #early = new Map<number, Item>();
    /** Number of the next item to hand on. */
    #next = 1;
    /** False before `start` and after `pause`: everything waits. */
    isStarted = false;

    /** Number of the latest item that was handed on. */
    get position(): number {
        return this.#next - 1;
    }

    /** Hands nothing on until `start`. */
    pause(): void {
        this.isStarted = false;
        this.#early.clear();
    }

    /** Goes on with this number at the earliest; returns the items that are in turn now. */
    start(next: number): Item[] {
        this.isStarted = true;
        this.#next = Math.max(this.#next, next);
        for (const number of this.#early.keys()) {
            if (number < this.#next) {
                this.#early.delete(number);
            }
        }
        return this.#inTurn();
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
        if (!this.isStarted) {
            return null;
        }
        const to = this.#early.size ? Math.min(...this.#early.keys()) - 1 : latest;
        return to >= this.#next ? { from: this.#next, to } : null;
    }

    #inTurn(): Item[] {
        const items: Item[] = [];
        if (!this.isStarted) {
            return items;
        }
        for (let item; (item = this.#early.get(this.#next)) !== undefined; this.#next++) {
            this.#early.delete(this.#next);
            items.push(item);
        }
        return items;
    }
}
