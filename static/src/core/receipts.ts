/** Tells the server of a chat one thing at a time: what comes meanwhile is told once, after it. */
export class Receipts {
    /** The chats of which something is being told, and whether there is more to tell. */
    readonly #underWay = new Map<number, boolean>();

    async tell(chat: number, tell: () => Promise<void>): Promise<void> {
        if (this.#underWay.has(chat)) {
            this.#underWay.set(chat, true);
            return;
        }
        try {
            do {
                this.#underWay.set(chat, false);
                await tell();
            } while (this.#underWay.get(chat));
        } finally {
            this.#underWay.delete(chat);
        }
    }
}
