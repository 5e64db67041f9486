/** `localStorage` of one origin: it can be full, forbidden or damaged. */
export class FakeStorage implements Storage {
    isFull = false;
    isForbidden = false;
    writes = 0;
    readonly #items = new Map<string, string>();

    /** What `window.localStorage` gives: a forbidden one throws already here. */
    get(): Storage {
        if (this.isForbidden) {
            throw new DOMException("Access is denied for this document.", "SecurityError");
        }
        return this;
    }

    get length(): number {
        return this.#items.size;
    }

    key(index: number): string | null {
        return [...this.#items.keys()][index] ?? null;
    }

    getItem(key: string): string | null {
        return this.#items.get(key) ?? null;
    }

    setItem(key: string, value: string): void {
        if (this.isFull) {
            throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
        }
        this.writes++;
        this.#items.set(key, value);
    }

    removeItem(key: string): void {
        this.#items.delete(key);
    }

    clear(): void {
        this.#items.clear();
    }
}
