/** Stands before a set-up and notes what a browser asks of the bus there; passes all of it on. */
import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";

const HOST = "127.0.0.1";
const WEBSOCKET_PATH = "/websocket";
const BUS_PATHS = [WEBSOCKET_PATH, "/websocket/quiet/poll", "/longpolling/poll"];
/** Until the end of a request that a browser gives up is noticed here, in milliseconds. */
const GIVING_WAY = 100;
/** As nginx's: a browser may use a connection again for as long, in milliseconds. */
const KEEP_ALIVE_TIME = 75_000;

const PENDING = 0;
const SWITCHED = 101;

/** A request for the bus, or a websocket. */
export interface Passage {
    path: string;
    startedAt: number;
    /** Infinity while it is under way. */
    endedAt: number;
    /** Of the answer. */
    status: number;
}

export class Doorman {
    /** Websockets are cut when they are this old, in milliseconds. */
    websocketAge = Infinity;
    cuts = 0;
    readonly passages: Passage[] = [];
    readonly #connections = new Set<Socket>();
    readonly #server: http.Server;
    readonly #target: number;

    private constructor(target: number) {
        this.#target = target;
        this.#server = http.createServer((request, response) => this.#forward(request, response));
        this.#server.keepAliveTimeout = KEEP_ALIVE_TIME;
        this.#server.on("connection", (socket) => this.#admit(socket));
        this.#server.on("upgrade", (request, socket, head) =>
            this.#join(request, socket as Socket, head)
        );
    }

    /** @param target the port behind it */
    static async start(target: number): Promise<Doorman> {
        const doorman = new Doorman(target);
        await new Promise<void>((resolve) => doorman.#server.listen(0, HOST, resolve));
        return doorman;
    }

    get baseURL(): string {
        return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
    }

    /** What is, or was, under way after this time; websockets only where they were not refused. */
    since(time: number): Passage[] {
        const isRefused = ({ path, status }: Passage) =>
            path === WEBSOCKET_PATH && ![PENDING, SWITCHED].includes(status);
        return this.passages.filter((it) => it.endedAt > time && !isRefused(it));
    }

    /** Paths of what is under way now. */
    underWay(): string[] {
        return this.since(Date.now()).map(({ path }) => path);
    }

    /** How each websocket was answered: 101 where it was opened. */
    websocketStatuses(): number[] {
        const websockets = this.passages.filter(({ path }) => path === WEBSOCKET_PATH);
        return websockets.map(({ status }) => status);
    }

    /** The most that was under way at once after this time, for longer than one gives way to the next. */
    mostAtOnce(since: number): number {
        const passages = this.since(since);
        const besides = (one: Passage) => {
            const time = Math.max(one.startedAt, since);
            return passages.filter(
                (it) => it !== one && it.startedAt <= time && time < it.endedAt - GIVING_WAY
            ).length;
        };
        return Math.max(0, ...passages.map((it) => 1 + besides(it)));
    }

    /** What was under way after this time, in words: start and duration, in milliseconds. */
    account(since: number): string {
        const lines = this.since(since).map(
            ({ path, startedAt, endedAt, status }) =>
                `${startedAt - since}+${endedAt - startedAt} ${path} ${status}`
        );
        return lines.join(", ");
    }

    async close(): Promise<void> {
        const closed = new Promise((resolve) => this.#server.close(resolve));
        this.#connections.forEach((socket) => socket.destroy());
        await closed;
    }

    #admit(socket: Socket): void {
        this.#connections.add(socket);
        socket.setNoDelay();
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.#connections.delete(socket));
    }

    #note(url: string): Passage {
        const [path] = url.split("?") as [string];
        const passage = { path, startedAt: Date.now(), endedAt: Infinity, status: PENDING };
        if (BUS_PATHS.includes(path)) {
            this.passages.push(passage);
        }
        return passage;
    }

    #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
        const { url: path, method, headers } = request;
        const passage = this.#note(path!);
        // A connection for each: one that is kept could end just as it is used again.
        const options = { host: HOST, port: this.#target, agent: false, path, method, headers };
        const onward = http.request(options as http.RequestOptions, (answer) => {
            passage.status = answer.statusCode!;
            response.writeHead(answer.statusCode!, answer.headers);
            response.flushHeaders();
            answer.pipe(response);
            answer.on("error", () => response.destroy());
        });
        onward.on("error", () => response.destroy());
        response.on("close", () => {
            passage.endedAt = Date.now();
            onward.destroy();
        });
        request.pipe(onward);
    }

    #join({ method, url, rawHeaders }: http.IncomingMessage, socket: Socket, head: Buffer): void {
        const passage = this.#note(url!);
        const onward = net.connect({ host: HOST, port: this.#target, noDelay: true });
        const names = rawHeaders.filter((_, index) => index % 2 === 0);
        const lines = names.map((name, index) => `${name}: ${rawHeaders[2 * index + 1]}\r\n`);
        onward.write(`${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`);
        onward.write(head);
        onward.once("data", (start) => {
            passage.status = Number(String(start).split(" ")[1]);
        });
        onward.pipe(socket).pipe(onward);
        onward.on("error", () => socket.destroy());
        onward.on("close", () => socket.destroy());
        const ageing = this.#cutLater(socket);
        socket.on("close", () => {
            passage.endedAt = Date.now();
            clearTimeout(ageing);
            onward.destroy();
        });
    }

    #cutLater(socket: Socket): NodeJS.Timeout | undefined {
        if (this.websocketAge === Infinity) {
            return undefined;
        }
        return setTimeout(() => {
            this.cuts++;
            socket.destroy();
        }, this.websocketAge);
    }
}
