/** A browser as the server sees it: a websocket with a session, and no page. */
import { WebSocket } from "ws";
import type { ProbedOdoo } from "./e2e_odoo";

export interface Notification {
    id: number;
    message: { type: string; payload: any };
}

export class SocketClient {
    /** Takes what the server sends. */
    onNotification: (notification: Notification) => void = () => {};
    readonly #socket: WebSocket;

    private constructor(socket: WebSocket) {
        this.#socket = socket;
        socket.on("message", (data) => {
            for (const notification of JSON.parse(String(data)) as Notification[]) {
                this.onNotification(notification);
            }
        });
    }

    get isOpen(): boolean {
        return this.#socket.readyState === WebSocket.OPEN;
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

    /** @param last the highest id that it has received */
    subscribe(channels: string[] = [], last = 0): void {
        this.#send("subscribe", { channels, last });
    }

    reportPresence(inactivity = 0): void {
        this.#send("update_presence", { inactivity_period: inactivity });
    }

    /** Waits until the server has served all that was sent. */
    async settle(): Promise<void> {
        const answered = new Promise<void>((resolve, reject) => {
            const refuse = (code: number) => reject(new Error(`closed with code ${code}`));
            this.#socket.once("close", refuse);
            this.#socket.once("pong", () => {
                this.#socket.off("close", refuse);
                resolve();
            });
        });
        this.#socket.ping();
        await answered;
    }

    async close(): Promise<void> {
        const closed = new Promise((resolve) => this.#socket.once("close", resolve));
        this.#socket.close();
        await closed;
    }

    /** Ends without a closing handshake, as when the network is lost. */
    async terminate(): Promise<void> {
        const closed = new Promise((resolve) => this.#socket.once("close", resolve));
        this.#socket.terminate();
        await closed;
    }

    #send(event_name: string, data: object): void {
        this.#socket.send(JSON.stringify({ event_name, data }));
    }
}
