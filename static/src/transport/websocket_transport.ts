import { Alarm, type Clock } from "../core/clock";
import type { ServerNotification } from "../core/messages";
import type { OpenTransport, Transport, TransportListener } from "./transport";

/**
 * Silence, in milliseconds, after which a byte is sent (stock: 60 s). The browser's API has no
 * ping; without traffic a dead connection is noticed only when TCP gives up, after minutes.
 */
export const PROBE_INTERVAL = 60_000;
/** The byte that stock's server takes as a sign of life and ignores. */
const PROBE = new Uint8Array([0]);

class WebsocketTransport implements Transport {
    readonly #socket: WebSocket;
    readonly #probe: Alarm;

    readonly #listener: TransportListener;

    constructor(
        url: string,
        listener: TransportListener,
        clock: Clock
    ) {
        this.#listener = listener;
        this.#probe = new Alarm(clock, () => this.#transmit(PROBE));
        this.#socket = new WebSocket(url);
        this.#socket.onopen = () => {
            this.#probe.set(PROBE_INTERVAL);
            listener.opened();
        };
        this.#socket.onmessage = ({ data }) => {
            this.#probe.set(PROBE_INTERVAL);
            this.#receive(data);
        };
        // The browser fires `close` after each `error`, so one handler sees every way to end.
        this.#socket.onclose = ({ code, reason }) => {
            this.#detach();
            listener.closed({ code, reason });
        };
    }

    send(event: string, data: unknown): void {
        this.#transmit(JSON.stringify({ event_name: event, data }));
    }

    close(): void {
        // Detached first: a socket may stay in CLOSING for minutes when the network is gone.
        this.#detach();
        this.#socket.close();
    }

    #transmit(data: string | Uint8Array<ArrayBuffer>): void {
        this.#probe.set(PROBE_INTERVAL);
        this.#socket.send(data);
    }

    #receive(data: string): void {
        const notifications = parseFrame(data);
        if (notifications) {
            this.#listener.received(notifications);
        } else {
            console.warn("Quiet Bus: a bad frame is ignored.", data);
        }
    }

    #detach(): void {
        this.#probe.clear();
        this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    }
}

/** Parses what the server sent; null when it is not a list of notifications. */
function parseFrame(data: string): ServerNotification[] | null {
    try {
        const list: ServerNotification[] = JSON.parse(data);
        // Throws as well where there is no list, or an item that is nothing.
        return list.every(({ id, message }) => Number.isInteger(id) && message.type) ? list : null;
    } catch {
        return null;
    }
}

export function websocketTransport(clock: Clock): OpenTransport {
    return (url, listener) => new WebsocketTransport(url, listener, clock);
}
