import type { ServerNotification } from "../../static/src/core/messages";
import type { Fetch } from "../../static/src/transport/poll_exchange";
import { settlePromises } from "./fake_clock";

/** What a request said. */
export interface PollBody {
    client: string;
    hold: string;
    attention: string;
    channels: string[] | null;
    scope?: string;
    is_new?: boolean;
    last: number;
    seen: number[];
    events: { event_name: string; data: unknown }[];
}

/** A request, and the answer that the test gives piece by piece. */
export class PollExchange {
    isAborted = false;
    #body!: ReadableStreamDefaultController<Uint8Array>;
    #resolve!: (response: Response) => void;
    #reject!: (error: Error) => void;
    readonly response: Promise<Response>;

    readonly path: string;
    readonly body: PollBody;
    readonly at: number;

    constructor(url: string, init: RequestInit, at: number) {
        this.at = at;
        this.path = new URL(url).pathname;
        this.body = JSON.parse(init.body as string);
        this.response = new Promise((resolve, reject) => {
            this.#resolve = resolve;
            this.#reject = reject;
        });
        init.signal!.addEventListener("abort", () => {
            this.isAborted = true;
            const error = new DOMException("aborted", "AbortError");
            this.#reject(error);
            this.#body?.error(error);
        });
    }

    /** Takes the request, and goes on with the answer. */
    begin(hold: boolean, { wait = 0, latest = 0 } = {}): this {
        const stream = new ReadableStream<Uint8Array>({
            start: (controller) => {
                this.#body = controller;
            },
        });
        const headers = { "content-type": "application/x-ndjson" };
        this.#resolve(new Response(stream, { headers }));
        return this.write({ hold, wait, latest });
    }

    write(value: unknown): this {
        return this.writeText(`${JSON.stringify(value)}\n`);
    }

    writeText(text: string): this {
        this.#body.enqueue(new TextEncoder().encode(text));
        return this;
    }

    notify(...ids: number[]): this {
        return this.write(ids.map((id): ServerNotification => ({ id, message: { type: "t", payload: id } })));
    }

    /** A whole answer that is not held. */
    answer(wait: number, latest: number, ...ids: number[]): void {
        this.begin(false, { wait, latest }).notify(...ids).end();
    }

    end(): void {
        this.#body.close();
    }

    /** The connection breaks. */
    break(): void {
        this.#body.error(new TypeError("network error"));
    }

    /** Answers with something else than our server. */
    refuse(status: number, body: string, headers: Record<string, string> = {}): void {
        this.#resolve(new Response(body, { status, headers }));
    }

    fail(): void {
        this.#reject(new TypeError("Failed to fetch"));
    }
}

/** The other end of a `PollTransport`, in the hands of a test. */
export class FakePollServer {
    readonly exchanges: PollExchange[] = [];

    constructor(private readonly now: () => number) {}

    readonly fetch: Fetch = (url, init) => {
        const exchange = new PollExchange(url, init, this.now());
        this.exchanges.push(exchange);
        return exchange.response;
    };

    get latest(): PollExchange {
        return this.exchanges.at(-1)!;
    }

    /** Those that are neither answered nor aborted: a browser has one at most. */
    async settle(): Promise<void> {
        // A stream's chunk takes several turns from its source to its reader.
        for (let turn = 0; turn < 5; turn++) {
            await settlePromises();
        }
    }
}
