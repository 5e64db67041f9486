/** A proxy between browser and Odoo that can fail as networks and other proxies do. */
import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";

const HOST = "127.0.0.1";

export class FaultyProxy {
    /** Websockets are cut when they are this old, in milliseconds. */
    websocketAge = Infinity;
    /** Counted since the start. */
    cuts = 0;
    refusals = 0;
    #isDown = false;
    readonly #connections = new Set<Socket>();
    /** With the time when they began. */
    readonly #websockets = new Map<Socket, number>();
    readonly #agent = new http.Agent({ keepAlive: true });
    readonly #server: http.Server;
    readonly #target: number;
    readonly #ageing: NodeJS.Timeout;

    private constructor(target: number) {
        this.#target = target;
        this.#server = http.createServer((request, response) => this.#forward(request, response));
        this.#server.on("connection", (socket) => this.#admit(socket));
        this.#server.on("upgrade", (request, socket, head) =>
            this.#join(request, socket as Socket, head)
        );
        this.#ageing = setInterval(() => this.#cutOld(), 20);
    }

    /** @param target the port of Odoo */
    static async start(target: number): Promise<FaultyProxy> {
        const proxy = new FaultyProxy(target);
        await new Promise<void>((resolve) => proxy.#server.listen(0, HOST, resolve));
        return proxy;
    }

    get port(): number {
        return (this.#server.address() as AddressInfo).port;
    }

    /** Cuts all connections and refuses new ones, until `goUp`. */
    goDown(): void {
        this.#isDown = true;
        this.#connections.forEach((socket) => socket.resetAndDestroy());
    }

    goUp(): void {
        this.#isDown = false;
    }

    async close(): Promise<void> {
        clearInterval(this.#ageing);
        const closed = new Promise((resolve) => this.#server.close(resolve));
        this.#connections.forEach((socket) => socket.destroy());
        this.#agent.destroy();
        await closed;
    }

    #admit(socket: Socket): void {
        if (this.#isDown) {
            this.refusals++;
            socket.resetAndDestroy();
            return;
        }
        this.#connections.add(socket);
        socket.setNoDelay();
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.#connections.delete(socket));
    }

    #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
        const { url: path, method, headers } = request;
        const options = { host: HOST, port: this.#target, agent: this.#agent, path, method, headers };
        const onward = http.request(options as http.RequestOptions, (answer) => {
            // Odoo's forbids the back/forward cache for its backend; behind some proxies it is lost.
            if (answer.headers["cache-control"] === "no-store") {
                answer.headers["cache-control"] = "no-cache";
            }
            response.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(response);
        });
        onward.on("error", () => response.destroy());
        response.on("close", () => onward.destroy());
        request.pipe(onward);
    }

    #join({ method, url, rawHeaders }: http.IncomingMessage, socket: Socket, head: Buffer): void {
        this.#websockets.set(socket, Date.now());
        const onward = net.connect({ host: HOST, port: this.#target, noDelay: true });
        const names = rawHeaders.filter((_, index) => index % 2 === 0);
        const lines = names.map((name, index) => `${name}: ${rawHeaders[2 * index + 1]}\r\n`);
        onward.write(`${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
        onward.on("error", () => socket.destroy());
        onward.on("close", () => socket.destroy());
        socket.on("close", () => {
            this.#websockets.delete(socket);
            onward.destroy();
        });
    }

    #cutOld(): void {
        const now = Date.now();
        for (const [socket, since] of this.#websockets) {
            if (now - since >= this.websocketAge) {
                this.cuts++;
                socket.destroy();
            }
        }
    }
}
