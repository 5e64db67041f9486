import type { ServerNotification } from "../../static/src/core/messages";
import {
    CloseCode,
    OUTDATED_VERSION,
    type Subscribe,
    type Transport,
    type TransportListener,
} from "../../static/src/transport/transport";
import type { FakeServer } from "./fake_bus_server";
import type { Process } from "./fake_clock";


export interface ReceivedFrame {
    event: string;
    data: unknown;
    at: number;
}

/** A channel that the server adds to every subscription (`_build_bus_channel_list`). */
export const USER_CHANNEL = "user";
/** Another, which only one user has. */
export const privateChannel = (scope: string) => `private.${scope}`;
/** `Websocket.MAX_NOTIFICATION_HISTORY_SEC`, in milliseconds. */
const HISTORY = 10_000;
/** When a proxy that does not like websockets cuts them, in milliseconds. */
const CUT_AFTER = 5_000;
/** The server's limits: more frames than this in so many milliseconds close the connection. */
const RATE_LIMIT = 10;
const RATE_PERIOD = 2_000;

/** One connection, both ends of it. */
export class FakeConnection implements Transport {
    /** As the server sees it. */
    isOpen = false;
    openedAt = Infinity;
    /** Since when it serves: one on trial does not. */
    subscribedAt = Infinity;
    closedAt = Infinity;
    isRateLimited = false;
    readonly frames: ReceivedFrame[] = [];
    /** Ids in the order in which they were sent, and when that was. */
    readonly sent = new Map<number, number>();
    /** As the client sees it; nothing reaches it after that. */
    #isClientDone = false;
    #channels: string[] = [];
    #last = 0;
    #history: { id: number; at: number }[] = [];

    readonly url: string;
    readonly #server: FakeServer;
    readonly process: Process;
    /** Of whose hub it is. */
    readonly scope: string;
    readonly #listener: TransportListener;

    constructor(
        server: FakeServer,
        process: Process,
        scope: string,
        url: string,
        listener: TransportListener
    ) {
        this.#server = server;
        this.process = process;
        this.scope = scope;
        this.url = url;
        this.#listener = listener;
        process.atEnd(() => this.close());
        server.after(server.latency, () => this.#accept());
    }

    send(event: string, data: unknown): void {
        const text = JSON.stringify({ event, data });
        this.#server.after(this.#server.latency, () => {
            if (this.isOpen) {
                this.#receive(JSON.parse(text));
            }
        });
    }

    close(): void {
        if (!this.#isClientDone) {
            this.#isClientDone = true;
            this.#server.after(this.#server.latency, () => this.#end());
        }
    }

    /** The server, or the network, ends it. */
    closeBy(code: number, reason = ""): void {
        this.#end();
        this.#tell(() => {
            this.#isClientDone = true;
            this.#listener.closed({ code, reason });
        });
    }

    /** The data of all subscriptions. */
    get subscriptions(): Subscribe[] {
        return this.framesOf("subscribe").map(({ data }) => data as Subscribe);
    }

    listensTo(channel: string): boolean {
        return this.#channels.includes(channel);
    }

    framesOf(event: string): ReceivedFrame[] {
        return this.frames.filter((frame) => frame.event === event);
    }

    /** `_dispatch_bus_notifications` */
    dispatch(): void {
        const known = new Set(this.#history.map(({ id }) => id));
        const found = this.#server.poll(this.#channels, this.#last, known);
        if (!this.#channels.length || !found.length) {
            return;
        }
        const now = this.#server.now();
        this.#history.push(...found.map(({ id }) => ({ id, at: now })));
        this.#history.sort((a, b) => a.id - b.id);
        while (this.#history.length && now - this.#history[0]!.at > HISTORY) {
            this.#last = this.#history.shift()!.id;
        }
        this.sendNotifications(found);
    }

    sendNotifications(notifications: ServerNotification[]): void {
        notifications.forEach(({ id }) => this.sent.set(id, this.#server.now()));
        const text = JSON.stringify(notifications);
        this.#tell(() => this.#listener.received(JSON.parse(text)));
    }

    #accept(): void {
        if (this.#isClientDone) {
            return;
        }
        const { isUp, websockets } = this.#server;
        if (websockets === "swallowed") {
            return;
        }
        if (!isUp || websockets === "refused") {
            return this.closeBy(CloseCode.ABNORMAL);
        }
        if (websockets === "cut") {
            this.#server.after(CUT_AFTER, () => this.closeBy(CloseCode.ABNORMAL));
        }
        this.isOpen = true;
        this.openedAt = this.#server.now();
        this.#tell(() => this.#listener.opened());
    }

    #receive(frame: { event: string; data: unknown }): void {
        const now = this.#server.now();
        this.frames.push({ ...frame, at: now });
        if (this.frames.filter(({ at }) => now - at < RATE_PERIOD).length > RATE_LIMIT) {
            this.isRateLimited = true;
            return this.closeBy(CloseCode.TRY_LATER);
        }
        if (frame.event === "subscribe") {
            this.#subscribe(frame.data as Subscribe);
        }
    }

    #subscribe({ channels, last, scope, acknowledge }: Subscribe): void {
        const session = this.#server.session ?? scope;
        if (scope !== session) {
            return this.closeBy(CloseCode.SESSION_EXPIRED);
        }
        if (this.#server.refusesWith !== null) {
            return this.closeBy(this.#server.refusesWith);
        }
        if (last > this.#server.sequence || this.url === this.#server.outdatedURL) {
            return this.closeBy(CloseCode.CLEAN, OUTDATED_VERSION);
        }
        this.subscribedAt = Math.min(this.subscribedAt, this.#server.now());
        this.#channels = [...channels, USER_CHANNEL, privateChannel(session)];
        // Only once: the server knows better later on.
        this.#last ||= last > this.#server.highestId ? 0 : last;
        if (acknowledge) {
            this.sendNotifications([]);
        }
        this.dispatch();
    }

    #end(): void {
        if (this.isOpen) {
            this.isOpen = false;
            this.closedAt = this.#server.now();
        }
    }

    #tell(what: () => void): void {
        this.#server.after(this.#server.latency, () =>
            this.process.run(() => {
                if (!this.#isClientDone) {
                    what();
                }
            })
        );
    }
}
