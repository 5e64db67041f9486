/** A small generator of random numbers that a seed determines (mulberry32). */
export class Prng {
    #state: number;

    constructor(seed: number) {
        this.#state = seed | 0;
    }

    /** A number in [0, 1). */
    next = (): number => {
        this.#state = (this.#state + 0x6d2b79f5) | 0;
        let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
        bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
        return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    };

    /** A whole number from 0 up to, and without, `end`. */
    below(end: number): number {
        return Math.floor(this.next() * end);
    }

    pick<Item>(items: Item[]): Item | undefined {
        return items[this.below(items.length)];
    }
}
