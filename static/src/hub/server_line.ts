import type { Random } from "../core/back_off";
import type { Clock } from "../core/clock";
import type { BusEvent, Letter, ServerNotification, TabState } from "../core/messages";
import type { Time } from "../core/waking_time";
import { ATTENTION_EVENT, type OpenTransport, type Subscribe } from "../transport/transport";
import { BrowserAttention } from "./browser_attention";
import { Connection } from "./connection";
import { PresenceReports } from "./presence";
import { Resumption } from "./resumption";
import { Sender } from "./sender";
import { Subscription } from "./subscription";

export interface ServerLineOptions {
    /** For whom it connects; the server checks it. */
    scope: string;
    /** How long the browser is hidden, in milliseconds, before it counts as dormant. */
    dormantAfter: number;
    clock: Clock;
    /** Up to when what arrives shows that the line was alive. */
    evidence: Time;
    random: Random;
    openTransport: OpenTransport;
    /** Takes what the tabs are to hear, in order. */
    onEvent: (event: BusEvent) => void;
    /** Sees what the server sent, before the tabs do. */
    onNotifications: (notifications: ServerNotification[]) => void;
    /** Told of each frame that is sent. */
    onSend: (event: string, data: unknown) => void;
    /** Highest id that the server called settled. */
    settledId: () => number;
}

/** The hub's end towards the server: connects, subscribes, sends, and resumes without loss. */
export class ServerLine {
    readonly connection: Connection;
    readonly subscription: Subscription;
    readonly #sender: Sender;
    readonly #presence: PresenceReports;
    readonly resumption: Resumption;
    readonly attention: BrowserAttention;

    constructor(options: ServerLineOptions) {
        const { clock, dormantAfter, random, openTransport, scope, settledId, evidence } = options;
        const { onEvent, onNotifications, onSend } = options;
        this.resumption = new Resumption(clock, evidence);
        this.connection = new Connection(clock, random, openTransport, {
            event: onEvent,
            connected: () => {
                this.#sender.opened();
                this.subscription.opened();
            },
            received: (notifications) => {
                const data = this.resumption.receive(notifications);
                if (data.length) {
                    onNotifications(data);
                    onEvent({ type: "BUS:NOTIFICATION", data });
                }
            },
            disconnected: () => {
                this.#sender.closed();
                this.subscription.closed();
                this.resumption.disconnect();
            },
        });
        this.#sender = new Sender(clock, (event, data) => {
            onSend(event, data);
            this.connection.send(event, data);
        });
        this.subscription = new Subscription(
            clock,
            (channels) =>
                this.#sender.subscribe(
                    (): Subscribe => ({
                        channels,
                        last: this.resumption.subscribe(channels, settledId()),
                        scope,
                        attention: this.attention.level,
                        // It makes what follows wait: only where somebody waits for it.
                        ...(this.connection.isOnProbation && { acknowledge: true }),
                    })
                ),
            () => this.connection.reopen()
        );
        this.attention = new BrowserAttention(clock, dormantAfter, () => {
            // Else the subscription will say it.
            if (this.subscription.isTold) {
                this.#sender.tell(ATTENTION_EVENT, () => ({ level: this.attention.level }));
            }
        });
        this.#presence = new PresenceReports(clock, (inactivity, sent) =>
            this.#sender.send("update_presence", { inactivity_period: inactivity }, sent)
        );
    }

    /** Makes sure that the tab gets all it lacks; see `Resumption`. */
    learn(state: TabState, point: number, isNew: boolean, sequence: number): void {
        const isRewound = this.resumption.learn(state, point, isNew, sequence);
        if (isRewound && this.subscription.isTold) {
            this.connection.reopen();
        }
    }

    /**
     * Whether the page shows that the server did not refuse the version of our address, but what it
     * was asked to repeat: it has made the page since, with the same version. Then its database was
     * replaced by an older copy, and what came before is void.
     */
    isDisproved({ startedAt, websocketURL }: TabState): boolean {
        const { outdatedAt, url } = this.connection;
        return startedAt > outdatedAt && websocketURL === url;
    }

    /** Ends without a word to anybody. */
    close(): void {
        this.attention.close();
        this.connection.close();
    }

    /** Begins as if nothing had been received. */
    startOver(): void {
        this.resumption.startOver();
        this.connection.startOver();
    }

    /** Sends how something is at the moment; what still waits of it is replaced. */
    tell(event: string, data: unknown): void {
        this.#sender.tell(event, () => data);
    }

    /** Sends a tab's message; `sent` is called when that is done. */
    send({ event, data }: Letter, sent: () => void): void {
        const inactivity = (data as { inactivity_period?: unknown } | null)?.inactivity_period;
        if (event === "update_presence" && typeof inactivity === "number") {
            this.#presence.add(inactivity, sent);
        } else {
            this.#sender.send(event, data, sent);
        }
    }
}
