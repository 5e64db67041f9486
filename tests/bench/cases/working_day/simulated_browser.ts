import type { ProbedOdoo } from "../../../support/e2e_odoo";
import { type Notification, SocketClient } from "../../../support/e2e_socket_client";
import type { Side } from "../../bench";
import { AWAY_DELAY_MS, type Happening } from "./trace";

/** Somebody who works was active not longer ago than this, in milliseconds. */
const ACTIVE = 20_000;

/**
 * A browser as the server sees it: one connection, and the reports of its tabs. With stock each of
 * them reports, and with ours one for all; see `presence reports` in the end-to-end tests.
 */
export class SimulatedBrowser {
    readonly #server: ProbedOdoo;
    readonly #cookie: string;
    readonly #partner: number;
    readonly #tabs: number;
    readonly #reporters: number;
    #client: SocketClient | null = null;
    #last = 0;
    #inactivity = ACTIVE;

    constructor(server: ProbedOdoo, side: Side, user: { cookie: string; partner: number }, tabs: number) {
        this.#server = server;
        this.#cookie = user.cookie;
        this.#partner = user.partner;
        this.#tabs = tabs;
        this.#reporters = side === "stock" ? tabs : 1;
    }

    /** Resolves when the server has served what the browser sends of its own accord. */
    async play(happening: Happening): Promise<void> {
        switch (happening) {
            case "open":
                await this.#connect();
                this.#report();
                break;
            case "load":
                if (this.#tabs === 1) {
                    await this.#disconnect();
                    await this.#connect();
                }
                this.#inactivity = ACTIVE;
                this.#client?.reportPresence(this.#inactivity);
                break;
            case "lose":
                await this.#client?.terminate();
                this.#client = null;
                break;
            case "return":
                await this.#connect();
                break;
            case "renew":
                await this.#disconnect();
                await this.#connect();
                break;
            case "away":
                this.#inactivity = AWAY_DELAY_MS;
                this.#report();
                break;
            case "back":
                this.#inactivity = ACTIVE;
                this.#report();
                break;
            case "close":
                await this.#disconnect();
        }
        await this.#client?.settle();
    }

    async #connect(): Promise<void> {
        this.#client = await SocketClient.open(this.#server, this.#cookie);
        this.#client.onNotification = (notification) => this.#take(notification);
        this.#client.subscribe([`odoo-presence-res.partner_${this.#partner}`], this.#last);
    }

    async #disconnect(): Promise<void> {
        await this.#client?.close();
        this.#client = null;
    }

    /** As each tab of stock does: what is said of its user, and is not so, is put right. */
    #take({ id, message: { type, payload } }: Notification): void {
        this.#last = Math.max(this.#last, id);
        if (type === "bus.bus/im_status_updated" && payload.partner_id === this.#partner) {
            const isActive = this.#inactivity < AWAY_DELAY_MS;
            const status = payload.presence_status;
            if (status === "offline" || (status === "away" && isActive)) {
                this.#report();
            }
        }
    }

    #report(): void {
        for (let count = 0; count < this.#reporters && this.#client?.isOpen; count++) {
            this.#client.reportPresence(this.#inactivity);
        }
    }
}
