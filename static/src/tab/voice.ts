import type { Clock } from "../core/clock";
import type { BusMessage, Channel, Draft, Hello, OpenChannel, TabMessage, Term } from "../core/messages";

/** How long, in milliseconds, the hub may take to answer. */
const ANSWER_TIME = 500;

/** What the tab says to the hub, and when it said something last. */
export class Voice {
    readonly #clock: Clock;
    readonly #openChannel: OpenChannel;
    readonly #term: () => Term;
    readonly #hello: (isNew: boolean) => Hello;
    #channel: Channel<BusMessage> | null = null;
    #spokeAt = -Infinity;
    #greetedAt = -Infinity;
    #isAnnouncing = false;
    #isStartWanted = false;

    /**
     * @param term tells the latest that the tab has heard of
     * @param hello makes the message in which the tab says all of itself
     */
    constructor(
        clock: Clock,
        openChannel: OpenChannel,
        term: () => Term,
        hello: (isNew: boolean) => Hello
    ) {
        this.#clock = clock;
        this.#openChannel = openChannel;
        this.#term = term;
        this.#hello = hello;
    }

    get isOpen(): boolean {
        return this.#channel !== null;
    }

    /** How long the tab has said nothing, in milliseconds. */
    get silence(): number {
        return this.#clock.now() - this.#spokeAt;
    }

    open(channel: string, receive: (message: BusMessage) => void): void {
        this.#channel = this.#openChannel(channel, receive);
    }

    close(): void {
        this.#channel?.close();
        this.#channel = null;
    }

    /** Says something; nothing while it is closed. */
    post(message: Draft<TabMessage>): void {
        this.#spokeAt = this.#clock.now();
        this.#channel?.post({ ...message, term: this.#term() } as TabMessage);
    }

    /** Says hello again, unless the answer to the last one may still be on its way. */
    repeatHello(): void {
        if (this.#clock.now() - this.#greetedAt > ANSWER_TIME) {
            this.sayHello(true);
        }
    }

    /** @param isNew the hub has to know also what another hub may know already */
    sayHello(isNew = false): void {
        this.#greetedAt = this.#clock.now();
        this.post(this.#hello(isNew));
    }

    /**
     * Tells the hub what is new in this tab, once for all that changes in one go: a page adds its
     * channels one by one.
     *
     * @param isStartWanted also asks for a connection, if there is none
     */
    announce(isStartWanted = false): void {
        this.#isStartWanted ||= isStartWanted;
        if (!this.#isAnnouncing) {
            this.#isAnnouncing = true;
            queueMicrotask(() => {
                this.#isAnnouncing = false;
                this.sayHello();
                if (this.#isStartWanted) {
                    this.#isStartWanted = false;
                    this.post({ kind: "command", command: "start" });
                }
            });
        }
    }
}
