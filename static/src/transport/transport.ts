import type { Attention } from "../core/attention";
import type { ServerNotification } from "../core/messages";

/** Why a connection ended, in the codes of the websocket protocol and of Odoo's server. */
export interface Closure {
    code: number;
    reason: string;
    /** How long the server asks to be left alone, in milliseconds. */
    retryAfter?: number;
}

/** Close codes that the hub acts on (`odoo.addons.bus.websocket.CloseCode`). */
export const CloseCode = {
    CLEAN: 1000,
    GOING_AWAY: 1001,
    ABNORMAL: 1006,
    RESTART: 1012,
    TRY_LATER: 1013,
    SESSION_EXPIRED: 4001,
    KEEP_ALIVE_TIMEOUT: 4002,
    /** Ours, never sent: answers are kept back on their way, and only whole ones get through. */
    BUFFERED: 4900,
} as const;

/** Event that tells the server how much the user attends to the browser. */
export const ATTENTION_EVENT = "bus_quiet_attention";

/** The data of the event `subscribe`. */
export interface Subscribe {
    channels: string[];
    /** The client has everything up to this id. */
    last: number;
    /** For whom it connects; the server checks it. */
    scope: string;
    attention: Attention;
    /** Asks for an answer, an empty list, before anything else. */
    acknowledge?: boolean;
}

/** Reason with which the server closes the connection of a page older than itself, cleanly. */
export const OUTDATED_VERSION = "OUTDATED_VERSION";

/** What a transport tells its owner; nothing comes after `closed`. */
export interface TransportListener {
    opened(): void;
    received(notifications: ServerNotification[]): void;
    /** Nothing can be sent until another way is found. */
    interrupted(): void;
    /** It was found; the server has to be told again what it was told. */
    replaced(): void;
    closed(closure: Closure): void;
}

/** A way to talk to the server. Nothing above ever asks which one it is. */
export interface Transport {
    /** Sends an event; only after `opened`. */
    send(event: string, data: unknown): void;
    /** Ends the connection at once; the listener hears nothing more. */
    close(): void;
}

export type OpenTransport = (url: string, listener: TransportListener) => Transport;
