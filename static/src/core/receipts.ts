/**
 * Tells the server of a chat one thing at a time, and rests after it: what comes meanwhile is told
 * once, after that. The first of a burst is told at once.
 */
export class Receipts {
    readonly #rest: () => Promise<void>;
    /** The chats of which something is being told, and whether there is more to tell. */
    readonly #underWay = new Map<number, boolean>();

    /** @param rest resolves when the next thing may be told of the same chat */
    constructor(rest: () => Promise<void>) {
        this.#rest = rest;
    }

    async tell(chat: number, tell: () => Promise<void>): Promise<void> {
        if (this.#underWay.has(chat)) {
            this.#underWay.set(chat, true);
            return;
        }
        try {
            do {
                this.#underWay.set(chat, false);
                await tell();
                await this.#rest();
            } while (this.#underWay.get(chat));
        } finally {
            this.#underWay.delete(chat);
        }
    }
}
