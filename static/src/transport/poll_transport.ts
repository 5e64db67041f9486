import type { Attention } from "../core/attention";
import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import { type Greeting, type Line, PollFailure } from "./poll_answer";
import { PollCursor } from "./poll_cursor";
import { ask, type Fetch, type Poll } from "./poll_exchange";
import {
    ATTENTION_EVENT,
    CloseCode,
    type Closure,
    type OpenTransport,
    type Subscribe,
    type Transport,
    type TransportListener,
} from "./transport";

/** Where the server is asked: a right proxy leads the first to a process that holds requests, one from
 * before Odoo 16.0 the second. */
const PATHS = ["/websocket/quiet/poll", "/longpolling/poll"] as const;
/** How long, in milliseconds, the first line of a stream may take: else something keeps it back. */
export const FIRST_LINE_TIME = 2_000;
/** Silence, in milliseconds, after which a request is given up: the server gives signs of life each 15 s. */
export const LONGEST_SILENCE = 45_000;
/** Least time, in milliseconds, from one request to the next. */
export const LEAST_INTERVAL = 250;
/** How long, in milliseconds, to wait at most after an answer that broke off. */
const LONGEST_PAUSE = 1_000;
/** How long, in milliseconds, more that is to be said is waited for. */
const GATHERING_TIME = 20;

export interface PollOptions {
    clock: Clock;
    random: Random;
    fetch: Fetch;
    /** - `stream`: one answer for as long as it lasts
     *  - `once`: an answer each time that there is something, where streams are kept back */
    hold: Poll["hold"];
}

/**
 * The bus over plain requests, one at a time.
 *
 * - `idle`: the server has not been told any channels yet
 * - `asking`: a request is under way, and the server has not said yet that it took it
 * - `holding`: it was taken; what comes is received
 * - `resting`: the next request is due later
 * - `closed`: nothing more comes
 */
export class PollTransport implements Transport {
    #phase: "idle" | "asking" | "holding" | "resting" | "closed" = "asking";
    #path: string = PATHS[0];
    #subscription: Subscribe | null = null;
    /** The server was not told the channels yet. */
    #isNew = false;
    #attention: Attention = "visible";
    #events: NonNullable<Poll["events"]> = [];
    #cursor: PollCursor;
    /** There is something to say. */
    #isHurried = false;
    #askedAt = -Infinity;
    #request = new AbortController();
    /** How the answer under way began. */
    #greeting: Greeting | null = null;
    /** The server has said all that it had. */
    #isDone = false;
    readonly #client: string;
    readonly #next: Alarm;
    readonly #firstLine: Alarm;
    readonly #silence: Alarm;

    readonly #url: URL;
    readonly #listener: TransportListener;
    readonly #options: PollOptions;

    constructor(url: string, listener: TransportListener, options: PollOptions) {
        this.#url = new URL(url.replace(/^ws/, "http"));
        this.#listener = listener;
        this.#options = options;
        const { clock, random } = options;
        this.#client = random().toString(36).slice(2);
        this.#cursor = new PollCursor(clock, 0);
        this.#next = new Alarm(clock, () => void this.#ask());
        this.#firstLine = new Alarm(clock, () =>
            this.#end({ code: CloseCode.BUFFERED, reason: "no first line" })
        );
        this.#silence = new Alarm(clock, () =>
            this.#end({ code: CloseCode.ABNORMAL, reason: "the answer stopped" })
        );
        void this.#open();
    }

    send(event: string, data: unknown): void {
        if (event === "subscribe") {
            const subscription = data as Subscribe;
            // As over a websocket: where to begin is said once.
            if (!this.#subscription) {
                this.#cursor = new PollCursor(this.#options.clock, subscription.last);
            }
            this.#subscription = subscription;
            this.#attention = subscription.attention;
            this.#isNew = true;
        } else if (event === ATTENTION_EVENT) {
            this.#attention = (data as { level: Attention }).level;
        } else {
            this.#events.push({ event_name: event, data });
        }
        this.#hurry();
    }

    close(): void {
        this.#phase = "closed";
        [this.#next, this.#firstLine, this.#silence].forEach((alarm) => alarm.clear());
        this.#request.abort();
    }

    /** Finds out whether the server is there, and where it holds requests. */
    async #open(): Promise<void> {
        await this.#attempt(async () => {
            const isHeld = await this.#greet(PATHS[0]);
            if (!isHeld && (await this.#greet(PATHS[1]).catch(() => false))) {
                this.#path = PATHS[1];
            }
            if (this.#phase !== "closed") {
                this.#phase = "idle";
                this.#listener.opened();
            }
        });
    }

    async #greet(path: string): Promise<boolean> {
        await this.#exchange(path, { channels: null });
        return this.#greeting?.hold ?? false;
    }

    /** Says soon what there is to say; what is on its way is not taken back. */
    #hurry(): void {
        this.#isHurried = true;
        if (this.#phase !== "closed" && this.#phase !== "asking" && this.#subscription) {
            this.#schedule(GATHERING_TIME);
        }
    }

    /** @param delay until the next request, in milliseconds */
    #schedule(delay: number): void {
        const earliest = this.#askedAt + LEAST_INTERVAL - this.#options.clock.now();
        this.#next.set(Math.max(delay, earliest));
    }

    async #ask(): Promise<void> {
        const { clock, random } = this.#options;
        // One that is held is given up for this one.
        this.#request.abort();
        const events = this.#events.splice(0);
        const { channels, scope } = this.#subscription!;
        const is_new = this.#isNew;
        this.#isNew = this.#isHurried = false;
        this.#phase = "asking";
        this.#askedAt = clock.now();
        if (this.#options.hold === "stream") {
            this.#firstLine.set(FIRST_LINE_TIME);
        }
        await this.#attempt(async () => {
            const { position } = this.#cursor;
            await this.#exchange(this.#path, { channels, scope, is_new, events, ...position });
            // What is held ends with a last look, unless somebody else ended it.
            this.#cursor.settle(this.#isDone ? clock.now() : this.#askedAt);
            const wait = (this.#greeting?.wait ?? 0) * 1_000;
            this.#phase = "resting";
            this.#schedule(this.#isHurried ? GATHERING_TIME : wait * (0.9 + random() / 5));
        });
    }

    /** Runs a part of the exchange; a failure ends the transport, unless it was ours to break it off. */
    async #attempt(part: () => Promise<void>): Promise<void> {
        const request = (this.#request = new AbortController());
        try {
            await part();
        } catch (error) {
            if (!request.signal.aborted) {
                this.#fail(error);
            }
        }
    }

    #fail(error: unknown): void {
        if (error instanceof PollFailure) {
            this.#end(error.closure);
        } else if (this.#phase === "holding") {
            // A proxy may allow an answer less time than we do: only what fails anew is lost.
            this.#schedule(this.#options.random() * LONGEST_PAUSE);
        } else {
            this.#end({ code: CloseCode.ABNORMAL, reason: String(error) });
        }
    }

    async #exchange(path: string, values: Omit<Poll, "client" | "hold" | "attention">): Promise<void> {
        const { fetch, hold } = this.#options;
        const url = new URL(path + this.#url.search, this.#url).href;
        const poll = { client: this.#client, hold, attention: this.#attention, ...values };
        this.#greeting = null;
        this.#isDone = false;
        this.#silence.set(LONGEST_SILENCE);
        for await (const line of ask(fetch, url, poll, this.#request.signal)) {
            this.#silence.set(LONGEST_SILENCE);
            this.#take(line);
        }
        this.#silence.clear();
    }

    #take(line: Line): void {
        if (line?.kind === "greeting") {
            this.#begin(line.greeting);
        } else if (line?.kind === "done") {
            this.#isDone = true;
        } else if (line?.kind === "notifications") {
            const { notifications } = line;
            this.#cursor.receive(notifications.map(({ id }) => id));
            if (notifications.length) {
                this.#listener.received(notifications);
            }
        }
    }

    #begin(greeting: Greeting): void {
        this.#greeting = greeting;
        this.#firstLine.clear();
        if (!this.#subscription) {
            return;
        }
        this.#cursor.mark(greeting.latest);
        this.#phase = "holding";
        // The server serves us, whether or not there is anything.
        this.#listener.received([]);
        if (this.#isHurried && greeting.hold) {
            this.#hurry();
        }
    }

    #end(closure: Closure): void {
        if (this.#phase !== "closed") {
            this.close();
            this.#listener.closed(closure);
        }
    }
}

export function pollTransport(options: PollOptions): OpenTransport {
    return (url, listener) => new PollTransport(url, listener, options);
}
