import type { WebSocket } from "ws";
import type { NotificationTable } from "./browser_notifications";

/** Rules of the server, with Odoo's values. */
export const RULES = {
    /** `Websocket.MAX_NOTIFICATION_HISTORY_SEC`, in milliseconds. */
    holdBack: 10_000,
    /** `websocket_rate_limit_burst` */
    burst: 10,
    /** `websocket_rate_limit_delay`, in milliseconds. */
    frameDelay: 200,
};

export type Rules = typeof RULES;

export interface ReceivedFrame {
    event: string;
    data: any;
    at: number;
}

/** The server's end of one connection, by the rules of Odoo's `Websocket` class. */
export class ServerSocket {
    readonly frames: ReceivedFrame[] = [];
    /** The server closed because of the rate limit. */
    isRateExceeded = false;
    #channels = new Set<string>();
    #last = 0;
    #history: { id: number; at: number }[] = [];
    #frameTimes: number[] = [];
    #isDispatchPending = false;

    readonly #socket: WebSocket;
    readonly #table: NotificationTable;
    readonly #rules: Rules;
    readonly #ownChannels: string[];

    /** @param ownChannels what the server adds to each subscription, as that of the user */
    constructor(socket: WebSocket, table: NotificationTable, rules: Rules, ownChannels: string[]) {
        this.#socket = socket;
        this.#table = table;
        this.#rules = rules;
        this.#ownChannels = ownChannels;
        socket.on("message", (data, isBinary) => this.#receive(isBinary ? null : String(data)));
        socket.on("pong", () => this.#limitRate());
    }

    get isSubscribed(): boolean {
        return this.frames.some(({ event }) => event === "subscribe");
    }

    listensTo(channel: string): boolean {
        return this.#channels.has(channel);
    }

    /** Several wake-ups at the same time are one dispatch. */
    wakeUp(): void {
        if (!this.#isDispatchPending) {
            this.#isDispatchPending = true;
            setImmediate(() => this.#dispatch());
        }
    }

    sendRaw(text: string): void {
        this.#socket.send(text);
    }

    close(code: number, reason = ""): void {
        this.#socket.close(code, reason);
    }

    /** Cuts the connection without a closing handshake: the browser sees 1006. */
    drop(): void {
        this.#socket.terminate();
    }

    #receive(text: string | null): void {
        if (!this.#limitRate() || text === null) {
            return;
        }
        const { event_name: event, data } = JSON.parse(text);
        this.frames.push({ event, data, at: Date.now() });
        if (event === "subscribe") {
            this.#subscribe(data.channels, data.last, data.acknowledge);
        }
    }

    #subscribe(channels: string[], last: number, acknowledge = false): void {
        this.#channels = new Set([...channels, ...this.#ownChannels]);
        // Only the first one counts: from then on the server knows better.
        if (this.#last === 0) {
            this.#last = last > this.#table.lastId ? 0 : last;
        }
        if (acknowledge) {
            this.sendRaw("[]");
        }
        this.wakeUp();
    }

    #dispatch(): void {
        this.#isDispatchPending = false;
        if (this.#socket.readyState !== this.#socket.OPEN) {
            return;
        }
        const sentIds = new Set(this.#history.map(({ id }) => id));
        const rows = this.#table.poll(this.#channels, this.#last, sentIds);
        if (!rows.length) {
            return;
        }
        const now = Date.now();
        this.#history.push(...rows.map(({ id }) => ({ id, at: now })));
        this.#history.sort((a, b) => a.id - b.id);
        this.#forgetOld(now);
        this.sendRaw(JSON.stringify(rows.map(({ id, message }) => ({ id, message }))));
    }

    #forgetOld(now: number): void {
        const fresh = this.#history.findIndex(({ at }) => now - at <= this.#rules.holdBack);
        const count = fresh < 0 ? this.#history.length : fresh;
        if (count) {
            this.#last = this.#history[count - 1]!.id;
            this.#history.splice(0, count);
        }
    }

    /** False when the frame was one too many. */
    #limitRate(): boolean {
        const { burst, frameDelay } = this.#rules;
        const now = Date.now();
        const isFull = this.#frameTimes.length >= burst;
        if (isFull && now - this.#frameTimes[0]! < burst * frameDelay) {
            this.isRateExceeded = true;
            this.close(1013);
            return false;
        }
        this.#frameTimes = [...this.#frameTimes, now].slice(-burst);
        return true;
    }
}
