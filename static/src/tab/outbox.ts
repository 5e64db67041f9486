import type { Letter } from "../core/messages";

/** Messages for the server that no hub has acknowledged yet. */
export class Outbox {
    #pending = new Map<number, Letter>();
    #latest = 0;

    get letters(): Letter[] {
        return [...this.#pending.values()];
    }

    write(event: string, data: unknown): Letter {
        if (event === "update_presence") {
            // A newer report of the same tab says it all.
            for (const letter of this.letters) {
                if (letter.event === event) {
                    this.#pending.delete(letter.number);
                }
            }
        }
        const letter = { number: ++this.#latest, event, data };
        this.#pending.set(letter.number, letter);
        return letter;
    }

    acknowledge(number: number): void {
        this.#pending.delete(number);
    }
}
