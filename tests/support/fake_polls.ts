import type { ServerNotification } from "../../static/src/core/messages";
import type { Fetch } from "../../static/src/transport/poll_exchange";
import { CloseCode, OUTDATED_VERSION } from "../../static/src/transport/transport";
import type { FakeServer } from "./fake_bus_server";
import type { Process } from "./fake_clock";
import { privateChannel, USER_CHANNEL } from "./fake_connection";
import type { PollBody } from "./fake_poll_server";

/** How long a request is held, in milliseconds; and the signs of life meanwhile. */
const STREAM_LIFE = 55_000;
const SILENT_LIFE = 25_000;
const HEARTBEAT = 15_000;
/** How long a client is to wait where nothing is held, in milliseconds. */
const WAIT = 2_000;
/** How late a client may be with its next request, in milliseconds. */
const LATENESS = 500;

/** A client that makes one request after the other: to the server, one connection. */
export class FakePoller {
    readonly sent = new Map<number, number>();
    readonly isRateLimited = false;
    subscribedAt = Infinity;
    requests = 0;
    endedAt = -Infinity;
    /** When the next request is due at the latest. */
    dueAt = -Infinity;
    channels: string[] = [];

    constructor(
        readonly scope: string,
        readonly process: Process,
        readonly now: () => number
    ) {}

    get isOpen(): boolean {
        return this.subscribedAt < Infinity && (this.requests > 0 || this.now() < this.dueAt);
    }

    /** Between two requests nothing is open. */
    get closedAt(): number {
        return this.requests > 0 ? Infinity : this.endedAt;
    }

    listensTo(channel: string): boolean {
        return this.channels.includes(channel);
    }
}

/** A request that is being answered. */
class Answer {
    #body!: ReadableStreamDefaultController<Uint8Array>;
    #isOver = false;
    /** What a proxy keeps back until the end. */
    #kept: string[] = [];
    readonly response: Promise<Response>;
    #resolve!: (response: Response) => void;
    #reject!: (error: Error) => void;

    constructor(
        private readonly server: FakeServer,
        private readonly poller: FakePoller,
        readonly data: PollBody,
        signal: AbortSignal
    ) {
        poller.requests++;
        this.response = new Promise((resolve, reject) => {
            this.#resolve = resolve;
            this.#reject = reject;
        });
        signal.addEventListener("abort", () => {
            const error = new DOMException("aborted", "AbortError");
            this.#reject(error);
            this.#over(() => this.#body?.error(error));
            // It comes back at once, if at all.
            poller.dueAt = server.now() + LATENESS;
        });
    }

    get isOver(): boolean {
        return this.#isOver;
    }

    begin(hold: boolean): void {
        const stream = new ReadableStream<Uint8Array>({
            start: (controller) => {
                this.#body = controller;
            },
        });
        const headers = { "content-type": "application/x-ndjson" };
        if (!this.server.buffers) {
            this.#deliver(() => this.#resolve(new Response(stream, { headers })));
        } else {
            this.#kept.push("");
        }
        this.#response = () => new Response(stream, { headers });
        this.write({ hold, wait: hold ? 0 : WAIT / 1_000, latest: this.server.sequence });
    }

    #response!: () => Response;

    write(value: unknown): void {
        this.writeLine(JSON.stringify(value));
    }

    writeLine(line: string): void {
        const text = `${line}\n`;
        if (this.#kept.length) {
            this.#kept.push(text);
        } else {
            this.#deliver(() => this.#body.enqueue(new TextEncoder().encode(text)));
        }
    }

    notify(notifications: ServerNotification[]): void {
        notifications.forEach(({ id }) => {
            // It is asked for again when the answer before was given up on its way: that did not count.
            this.poller.sent.delete(id);
            this.poller.sent.set(id, this.server.now());
        });
        this.write(notifications);
    }

    end(): void {
        const kept = this.#kept.join("");
        this.#over(() => {
            if (kept) {
                this.#body.enqueue(new TextEncoder().encode(kept));
                this.#resolve(this.#response());
            }
            this.#body.close();
        });
    }

    refuse(status: number, code: number | null, reason: string): void {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ code, reason });
        this.#over(() => this.#resolve(new Response(body, { status, headers })));
    }

    fail(): void {
        this.#over(() => {
            this.#reject(new TypeError("Failed to fetch"));
            this.#body?.error(new TypeError("network error"));
        });
    }

    #over(last: () => void): void {
        if (!this.#isOver) {
            this.#isOver = true;
            this.poller.requests--;
            this.poller.endedAt = this.server.now();
            this.poller.dueAt = this.server.now() + (this.server.holds ? 0 : WAIT * 1.1) + LATENESS;
            this.#deliver(last);
        }
    }

    #deliver(what: () => void): void {
        this.server.after(this.server.latency, () =>
            this.poller.process.run(() => {
                try {
                    what();
                } catch {
                    // Aborted: nobody reads it.
                }
            })
        );
    }
}

/** The controller of polls: `addon/controllers/poll.py`. */
export class FakePolls {
    readonly pollers = new Map<string, FakePoller>();
    #held = new Set<{ answer: Answer; ignored: Set<number> }>();

    constructor(private readonly server: FakeServer) {}

    fetch(process: Process, scope: string): Fetch {
        return (url, init) => {
            const data = JSON.parse(init.body as string) as PollBody;
            const poller =
                this.pollers.get(data.client) ??
                new FakePoller(scope, process, () => this.server.now());
            this.pollers.set(data.client, poller);
            const answer = new Answer(this.server, poller, data, init.signal!);
            process.atEnd(() => answer.fail());
            this.server.after(this.server.latency, () => this.#serve(poller, answer, url));
            return answer.response;
        };
    }

    /** Something was committed. */
    dispatch(): void {
        this.#held.forEach((held) => this.#look(held));
    }

    /** All that is held ends, as when the network fails. */
    drop(): void {
        this.#endAll((answer) => answer.fail());
    }

    /** All that is held is closed by the server. */
    close(code: number, isMeant: (scope?: string) => boolean = () => true): void {
        this.#endAll((answer) => {
            answer.write({ code, reason: "" });
            answer.end();
        }, isMeant);
    }

    #serve(poller: FakePoller, answer: Answer, url: string): void {
        const { channels, scope, last, hold } = answer.data;
        if (answer.isOver) {
            return;
        }
        if (!this.server.isUp) {
            return answer.fail();
        }
        const holds = this.server.holds && hold !== "no";
        if (!channels) {
            answer.begin(holds);
            return answer.end();
        }
        const session = this.server.session ?? scope;
        if (scope !== session) {
            return answer.refuse(401, CloseCode.SESSION_EXPIRED, "");
        }
        const { outdatedURL } = this.server;
        const isOutdated = outdatedURL && new URL(outdatedURL).search === new URL(url).search;
        if (last > this.server.sequence || isOutdated) {
            return answer.refuse(410, CloseCode.CLEAN, OUTDATED_VERSION);
        }
        poller.subscribedAt = Math.min(poller.subscribedAt, this.server.now());
        poller.channels = [...channels, USER_CHANNEL, privateChannel(session!)];
        answer.begin(holds);
        const held = { answer, ignored: new Set(answer.data.seen) };
        this.#look(held);
        if (holds) {
            this.#hold(held);
        } else {
            answer.end();
        }
    }

    #hold(held: { answer: Answer; ignored: Set<number> }): void {
        this.#held.add(held);
        const { hold } = held.answer.data;
        const life = hold === "stream" ? STREAM_LIFE : SILENT_LIFE;
        for (let at = HEARTBEAT; at < life; at += HEARTBEAT) {
            this.server.after(at, () => held.answer.isOver || held.answer.writeLine(""));
        }
        this.server.after(life, () => {
            this.#held.delete(held);
            if (!held.answer.isOver) {
                held.answer.write({ done: true });
                held.answer.end();
            }
        });
    }

    #look(held: { answer: Answer; ignored: Set<number> }): void {
        const { answer, ignored } = held;
        const { channels, last, hold, client } = answer.data;
        if (answer.isOver) {
            this.#held.delete(held);
            return;
        }
        if (this.server.session && answer.data.scope !== this.server.session) {
            return;
        }
        const all = this.pollers.get(client)!.channels;
        const found = this.server.poll(all, last, ignored);
        if (channels && found.length) {
            found.forEach(({ id }) => ignored.add(id));
            answer.notify(found);
            if (hold === "once") {
                this.#held.delete(held);
                answer.write({ done: true });
                answer.end();
            }
        }
    }

    #endAll(end: (answer: Answer) => void, isMeant: (scope?: string) => boolean = () => true): void {
        for (const held of [...this.#held]) {
            if (isMeant(held.answer.data.scope)) {
                this.#held.delete(held);
                if (!held.answer.isOver) {
                    end(held.answer);
                }
            }
        }
    }
}
