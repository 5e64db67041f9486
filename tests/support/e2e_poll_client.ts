/** A client of the poll protocol without a browser; addon/controllers/poll.py says what is said. */
import http from "node:http";
import type { ServerNotification } from "../../static/src/core/messages";
import { type Greeting, parseLine } from "../../static/src/transport/poll_answer";
import type { Closure } from "../../static/src/transport/transport";
import { JsonRpcClient } from "../../tools/json_rpc.mjs";
import type { ProbedOdoo } from "./e2e_odoo";

export const POLL_PATH = "/websocket/quiet/poll";
/** Where a proxy from before Odoo 16.0 sends it to the evented process. */
export const OLD_POLL_PATH = "/longpolling/poll";

/** Whose polls they are. */
export interface PollSession {
    /** Value of the Cookie header; "": none. */
    cookie: string;
    scope: string;
    /** Of stock's worker. */
    version: string;
}

export interface HttpRequest {
    port: number;
    /** With the query. */
    path: string;
    method?: string;
    headers?: http.OutgoingHttpHeaders;
    body?: string | Buffer;
    agent?: http.Agent;
}

export interface HttpAnswer {
    status: number;
    text: string;
}

/** Logs in anew: each call begins a session of its own. */
export async function openPollSession(
    { odoo }: ProbedOdoo,
    login: string
): Promise<PollSession & { end: () => Promise<void> }> {
    const rpc = new JsonRpcClient(odoo.baseURL, odoo.database);
    const cookie = await rpc.login(login);
    const info = await rpc.call(login, "/web/session/get_session_info", {});
    return {
        cookie,
        scope: info.bus_quiet.scope,
        version: info.websocket_worker_version,
        end: () => rpc.call(login, "/web/session/destroy", {}),
    };
}

/** A visitor of the same database. */
export function visitorOf({ scope, version }: PollSession): PollSession {
    return { cookie: "", scope: scope.replace(/\.\w+$/, ".public"), version };
}

export function pollBody({ scope }: PollSession, values: object = {}): Record<string, unknown> {
    return {
        scope,
        client: "test",
        hold: "no",
        attention: "focused",
        channels: [],
        is_new: false,
        last: 0,
        seen: [],
        events: [],
        ...values,
    };
}

/** The request of a well-behaved client. */
export function pollRequest(
    port: number,
    session: PollSession,
    values: object = {},
    path = POLL_PATH
): HttpRequest {
    const body = JSON.stringify(pollBody(session, values));
    return {
        port,
        path: `${path}?version=${session.version}`,
        headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
            ...(session.cookie && { cookie: session.cookie }),
        },
        body,
    };
}

/** Begins a request; its body is still to be sent. */
export function openRequest(what: HttpRequest): http.ClientRequest {
    return http.request({ host: "127.0.0.1", method: "POST", ...what });
}

/** Sends a request, and reads the whole answer. */
export function ask(what: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
        const request = openRequest(what).on("error", reject);
        request.on("response", (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
            response.on("end", () => {
                const text = Buffer.concat(chunks).toString();
                resolve({ status: response.statusCode!, text });
            });
        });
        request.end(what.body);
    });
}

/** Polls once, and returns what came. */
export async function pollOnce(
    port: number,
    session: PollSession,
    values: object = {}
): Promise<{ greeting: Greeting; notifications: ServerNotification[] }> {
    const { status, text } = await ask(pollRequest(port, session, values));
    if (status !== 200) {
        throw new Error(`the poll was refused: ${status} ${text}`);
    }
    const answer = { greeting: undefined as Greeting | undefined, notifications: [] };
    readLines(text.split("\n"), answer);
    return { greeting: answer.greeting!, notifications: answer.notifications };
}

interface Lines {
    greeting: Greeting | undefined;
    notifications: ServerNotification[];
    closure?: Closure;
}

function readLines(lines: string[], into: Lines): void {
    for (const text of lines) {
        const line = parseLine(text);
        if (line?.kind === "greeting") {
            into.greeting = line.greeting;
        } else if (line?.kind === "notifications") {
            into.notifications.push(...line.notifications);
        } else if (line?.kind === "end") {
            into.closure = line.closure;
        }
    }
}

/** A poll that the server holds. */
export class Stream {
    readonly #lines: Lines = { greeting: undefined, notifications: [] };
    readonly #request: http.ClientRequest;
    #rest = "";
    isEnded = false;

    private constructor(request: http.ClientRequest) {
        this.#request = request;
    }

    /** Resolves when the server has said that it holds it. */
    static open(what: HttpRequest): Promise<Stream> {
        return new Promise((resolve, reject) => {
            const request = openRequest(what);
            const stream = new Stream(request);
            request.on("error", reject).on("response", (response) => {
                response.setEncoding("utf8").on("error", () => {});
                response.on("data", (text: string) => {
                    stream.#read(text);
                    if (stream.#lines.greeting?.hold) {
                        resolve(stream);
                    }
                });
                response.on("close", () => {
                    stream.isEnded = true;
                    reject(new Error(`not held: ${response.statusCode} ${stream.#rest}`));
                });
            });
            request.end(what.body);
        });
    }

    get notifications(): ServerNotification[] {
        return this.#lines.notifications;
    }

    /** What the server said when it ended it. */
    get closure(): Closure | undefined {
        return this.#lines.closure;
    }

    /** Goes away, as a browser does that is closed. */
    close(): void {
        this.#request.destroy();
    }

    #read(text: string): void {
        const lines = (this.#rest + text).split("\n");
        this.#rest = lines.pop()!;
        readLines(lines, this.#lines);
    }
}
