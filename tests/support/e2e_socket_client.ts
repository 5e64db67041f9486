/** A browser as the server sees it: a websocket with a session, and no page. */
import { WebSocket } from "ws";
import type { ProbedOdoo } from "./e2e_odoo";

export class SocketClient {
    readonly #socket: WebSocket;

    private constructor(socket: WebSocket) {
        this.#socket = socket;
    }

    /** @param cookie of a session, as `rpc.login` gives it */
    static async open({ odoo }: ProbedOdoo, cookie: string): Promise<SocketClient> {
        const url = `${odoo.baseURL.replace("http", "ws")}/websocket`;
        const socket = new WebSocket(url, { headers: { cookie, origin: odoo.baseURL } });
        await new Promise((resolve, reject) => {
            socket.once("open", resolve);
            socket.once("error", reject);
        });
        return new SocketClient(socket);
    }

    subscribe(channels: string[] = []): void {
        this.#send("subscribe", { channels, last: 0 });
    }

    reportPresence(inactivity = 0): void {
        this.#send("update_presence", { inactivity_period: inactivity });
    }

    /** Waits until the server has served all that was sent. */
    async settle(): Promise<void> {
        const answered = new Promise<void>((resolve, reject) => {
            this.#socket.once("pong", () => resolve());
            this.#socket.once("close", (code) => reject(new Error(`closed with code ${code}`)));
        });
        this.#socket.ping();
        await answered;
    }

    async close(): Promise<void> {
        const closed = new Promise((resolve) => this.#socket.once("close", resolve));
        this.#socket.close();
        await closed;
    }

    #send(event_name: string, data: object): void {
        this.#socket.send(JSON.stringify({ event_name, data }));
    }
}
