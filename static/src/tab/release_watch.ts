import type { Channel, OpenChannel } from "../core/messages";

/** What a page says of itself. Pages of all releases say it: it must never change. */
export interface Release {
    kind: "release";
    /** Which build of Quiet Bus the page runs. */
    build: string;
    /** When the page was loaded (wall clock, ms). */
    startedAt: number;
}

/**
 * Pages of two releases, as after an upgrade, don't talk to each other: the names of their channels
 * differ. On one more channel they hear of each other. The page that was loaded last knows best what the
 * server runs, so those before it of another release give way, also where an upgrade was taken back.
 */
export class ReleaseWatch {
    readonly #own: Release;
    readonly #openChannel: OpenChannel;
    readonly #onReplaced: () => void;
    #channel: Channel<Release> | null = null;

    /** @param onReplaced called when this page is to give way */
    constructor(own: Release, openChannel: OpenChannel, onReplaced: () => void) {
        this.#own = own;
        this.#openChannel = openChannel;
        this.#onReplaced = onReplaced;
    }

    open(name: string): void {
        this.#channel = this.#openChannel<Release>(name, (other) => this.#compare(other));
        this.#channel.post(this.#own);
    }

    close(): void {
        this.#channel?.close();
        this.#channel = null;
    }

    #compare(other: Release): void {
        if (other.build === this.#own.build) {
            return;
        }
        if (isLater(other, this.#own)) {
            this.#onReplaced();
        } else {
            this.#channel?.post(this.#own);
        }
    }
}

function isLater(one: Release, other: Release): boolean {
    return one.startedAt === other.startedAt
        ? one.build > other.build
        : one.startedAt > other.startedAt;
}
