import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { hubScript, pageScript } from "./browser_bundle";
import { NotificationTable } from "./browser_notifications";
import { type ReceivedFrame, type Rules, RULES, ServerSocket } from "./browser_socket";

/** Where it listens. */
export const ADDRESS = "127.0.0.1";

export interface ServerOptions {
    rules?: Partial<Rules>;
    /** Fixes what the hub takes as random, so that its delays are known. */
    hubRandom?: number;
}

/** A server that speaks Odoo's websocket protocol and serves a bare page with a tab of the bus. */
export class FakeServer {
    readonly table = new NotificationTable();
    /** The connections that are open. */
    readonly open = new Set<ServerSocket>();
    /** All connections that ever were. */
    readonly sockets: ServerSocket[] = [];
    /** When each websocket upgrade was asked for. */
    readonly attempts: number[] = [];
    mostOpen = 0;
    isRefusing = false;
    /** How long an upgrade takes, in milliseconds. */
    upgradeDelay = 0;

    readonly #rules: Rules;
    readonly #hubRandom: number | undefined;
    readonly #websockets = new WebSocketServer({ noServer: true });
    readonly #http: Server;
    #port = 0;

    private constructor({ rules, hubRandom }: ServerOptions) {
        this.#rules = { ...RULES, ...rules };
        this.#hubRandom = hubRandom;
        this.#http = createServer((request, response) => void this.#serve(request, response));
        this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
        this.table.onCommit = ({ channel }) => {
            for (const socket of this.open) {
                if (socket.listensTo(channel)) {
                    socket.wakeUp();
                }
            }
        };
    }

    static async start(options: ServerOptions = {}): Promise<FakeServer> {
        const server = new FakeServer(options);
        await server.listen();
        return server;
    }

    get origin(): string {
        return `http://${ADDRESS}:${this.#port}`;
    }

    get frames(): ReceivedFrame[] {
        return this.sockets.flatMap(({ frames }) => frames);
    }

    /** Inserts and commits a notification; returns its id. */
    publish(channel: string, payload: unknown = null): number {
        const row = this.table.insert(channel, payload);
        this.table.commit(row);
        return row.id;
    }

    isHeard(channel: string): boolean {
        return [...this.open].some((socket) => socket.listensTo(channel));
    }

    closeSockets(code: number, reason = ""): void {
        this.open.forEach((socket) => socket.close(code, reason));
    }

    dropSockets(): void {
        this.open.forEach((socket) => socket.drop());
    }

    /** Listens, after `shutDown` on the same port as before. */
    async listen(): Promise<void> {
        await new Promise<void>((resolve) => this.#http.listen(this.#port, ADDRESS, resolve));
        this.#port = (this.#http.address() as AddressInfo).port;
    }

    async shutDown(): Promise<void> {
        const closed = new Promise((resolve) => this.#http.close(resolve));
        this.dropSockets();
        this.#http.closeAllConnections();
        await closed;
    }

    async #serve({ url, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
        const { pathname, searchParams } = new URL(url!, `http://${headers.host}`);
        const [type, body] =
            pathname === "/page.js"
                ? ["text/javascript", await pageScript()]
                : pathname === "/hub.js"
                  ? ["text/javascript", await this.#hubScript()]
                  : ["text/html", this.#page(searchParams)];
        response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
    }

    async #hubScript(): Promise<string> {
        const random = this.#hubRandom;
        const prefix = random === undefined ? "" : `Math.random = () => ${random};\n`;
        return prefix + (await hubScript());
    }

    #page(parameters: URLSearchParams): string {
        const info = { ...Object.fromEntries(parameters), snapshot: this.table.snapshot };
        return (
            `<!doctype html><title>Quiet Bus</title><link rel="icon" href="data:,">` +
            `<script>var pageInfo = ${JSON.stringify(info).replaceAll("<", "\\u003c")};</script>` +
            `<script src="/page.js"></script>`
        );
    }

    #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
        this.attempts.push(Date.now());
        if (this.isRefusing) {
            stream.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
            return;
        }
        setTimeout(() => {
            if (!stream.destroyed) {
                this.#websockets.handleUpgrade(request, stream, head, (socket) => {
                    const { searchParams } = new URL(request.url!, this.origin);
                    const own = [`user_${searchParams.get("uid")}`];
                    const serverSocket = new ServerSocket(socket, this.table, this.#rules, own);
                    socket.on("close", () => this.open.delete(serverSocket));
                    this.sockets.push(serverSocket);
                    this.open.add(serverSocket);
                    this.mostOpen = Math.max(this.mostOpen, this.open.size);
                });
            }
        }, this.upgradeDelay);
    }
}
