import type { ServerNotification } from "../core/messages";
import { CloseCode, type Closure } from "./transport";

/** How an answer begins. */
export interface Greeting {
    /** Whether the server holds the request. */
    hold: boolean;
    /** How long to wait before the next one, in seconds. */
    wait: number;
    /** The latest id that was given to a notification. */
    latest: number;
}

/**
 * A line of an answer; null: a sign of life, or the end that another request has caused.
 *
 * - `done`: all that there was has been said
 * - `end`: the connection ends
 */
export type Line =
    | { kind: "greeting"; greeting: Greeting }
    | { kind: "notifications"; notifications: ServerNotification[] }
    | { kind: "done" }
    | { kind: "end"; closure: Closure }
    | null;

/** The request came to nothing, or to no more than this. */
export class PollFailure extends Error {
    constructor(readonly closure: Closure) {
        super(closure.reason);
    }
}

const CONTENT_TYPE = "application/x-ndjson";
/** Statuses with which a server, or the proxy before it, asks for patience. */
const BUSY = [429, 502, 503, 504];

/** @throws PollFailure for whatever our server does not say */
export function parseLine(text: string): Line {
    if (!text.trim()) {
        return null;
    }
    try {
        const value = JSON.parse(text);
        if (Array.isArray(value)) {
            return { kind: "notifications", notifications: value };
        }
        if (typeof value.hold === "boolean") {
            return { kind: "greeting", greeting: value };
        }
        if (value.done === true) {
            return { kind: "done" };
        }
        return typeof value.code === "number" ? { kind: "end", closure: value } : null;
    } catch {
        throw new PollFailure({ code: CloseCode.ABNORMAL, reason: `not JSON: ${text.slice(0, 80)}` });
    }
}

/**
 * Makes sure that our server answers.
 *
 * @throws PollFailure with what answers instead: a refusal, a proxy's error page, a login page
 */
export async function checkAnswer(response: Response): Promise<void> {
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && type.startsWith(CONTENT_TYPE)) {
        return;
    }
    const text = await response.text();
    const refusal = type.startsWith("application/json") ? parseRefusal(text) : null;
    const code = refusal?.code ?? codeOf(response);
    const reason = refusal?.reason ?? describe(response, text);
    if (code === CloseCode.ABNORMAL) {
        console.warn(`Quiet Bus: ${response.url} does not serve the bus: ${reason}`);
    }
    const retryAfter = parseRetryAfter(response.headers.get("retry-after"));
    throw new PollFailure({ code, reason, ...(retryAfter && { retryAfter }) });
}

function codeOf({ status, url, redirected }: Response): number {
    if (status === 401 || (redirected && url.includes("/web/login"))) {
        return CloseCode.SESSION_EXPIRED;
    }
    return BUSY.includes(status) ? CloseCode.TRY_LATER : CloseCode.ABNORMAL;
}

function parseRefusal(text: string): { code: number | null; reason: string } | null {
    try {
        const { code, reason } = JSON.parse(text);
        return typeof reason === "string" ? { code, reason } : null;
    } catch {
        return null;
    }
}

function describe({ status, headers }: Response, text: string): string {
    const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.trim();
    if (title !== undefined) {
        return `an HTML page, "${title}", with status ${status}`;
    }
    return `status ${status} and ${headers.get("content-type") ?? "no content type"}`;
}

/** Milliseconds of a `Retry-After` in seconds, or as a date; 0 when there is none. */
export function parseRetryAfter(value: string | null, now = Date.now()): number {
    const seconds = Number(value ?? NaN);
    const delay = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value ?? "") - now;
    return Math.max(0, delay) || 0;
}
