import type { Clock } from "../../static/src/core/clock";
import type { ServerNotification } from "../../static/src/core/messages";
import type { ServerSnapshot } from "../../static/src/core/resume_window";
import { CloseCode, type OpenTransport } from "../../static/src/transport/transport";
import type { Process } from "./fake_clock";
import { FakeConnection } from "./fake_connection";
import { type FakePoller, FakePolls } from "./fake_polls";

/** A row of the table `bus_bus`. */
export interface Row {
    id: number;
    channel: string;
    message: ServerNotification["message"];
    createdAt: number;
    isCommitted: boolean;
    committedAt: number;
}

/** What a client without a last id gets, in milliseconds of the past (`bus.models.bus.TIMEOUT`). */
const FIRST_POLL_PERIOD = 50_000;

/** Age, in milliseconds, from which on a row counts as settled: none below it can still come. */
const SETTLED_AFTER = 12_000;

/** Odoo's end of the bus: `bus.bus`, and the connections of `websocket.py`. */
export class FakeServer {
    /** Time that anything takes from one end of a connection to the other, in milliseconds. */
    latency = 2;
    /** False: the network is away, each attempt to connect fails. */
    isReachable = true;
    /** When the server is up again after a restart. */
    #upAt = -Infinity;
    /** The code with which each connection is closed as soon as it has subscribed. */
    refusesWith: number | null = null;
    /** The address whose version it refuses. */
    outdatedURL: string | null = null;
    /** The scope of the session that the browser's cookie names; null: of any that a client asks for. */
    session: string | null = null;
    /** What becomes of websockets on their way. */
    websockets: "pass" | "refused" | "cut" | "swallowed" = "pass";
    /** Requests may be held. */
    holds = true;
    /** Answers are kept back on their way until they are whole. */
    buffers = false;
    readonly connections: FakeConnection[] = [];
    readonly polls = new FakePolls(this);
    readonly #rows: Row[] = [];
    readonly #clock: Clock;

    constructor(clock: Clock) {
        this.#clock = clock;
        // A database without any notification is an exception.
        this.publish("before");
        this.#rows[0]!.createdAt -= SETTLED_AFTER;
    }

    get open(): FakeConnection[] {
        return this.connections.filter(({ isOpen }) => isOpen);
    }

    /** All that were told channels, of whatever kind, in the order in which that was. */
    get served(): (FakeConnection | FakePoller)[] {
        return [...this.connections, ...this.polls.pollers.values()]
            .filter(({ subscribedAt }) => subscribedAt < Infinity)
            .sort((a, b) => a.subscribedAt - b.subscribedAt);
    }

    /** The only open connection. */
    get connection(): FakeConnection {
        if (this.open.length !== 1) {
            throw new Error(`${this.open.length} connections are open, not one.`);
        }
        return this.open[0]!;
    }

    /** What a page is told when it is made (`bus.bus._bus_quiet_snapshot`). */
    get snapshot(): ServerSnapshot {
        const horizon = this.#clock.now() - SETTLED_AFTER;
        const ids = this.#rows.filter((row) => row.isCommitted);
        const settledId = ids.findLast(({ createdAt }) => createdAt <= horizon)?.id ?? 0;
        return {
            settledId,
            recentIds: ids.map(({ id }) => id).filter((id) => id > settledId),
        };
    }

    /** `bus.bus._bus_last_id` */
    get highestId(): number {
        return this.#rows.findLast(({ isCommitted }) => isCommitted)!.id;
    }

    /** The highest id that was ever taken. */
    get sequence(): number {
        return this.#rows.length;
    }

    /** The database becomes what it was when this id was the latest; all connections end. */
    restore(id: number): void {
        this.#rows.length = id;
        this.drop();
    }

    transport(process: Process, scope: string): OpenTransport {
        return (url, listener) => {
            const connection = new FakeConnection(this, process, scope, url, listener);
            this.connections.push(connection);
            return connection;
        };
    }

    /**
     * Inserts a notification; its id is taken now, but it is seen when its transaction commits.
     *
     * @returns its id
     */
    publish(channel: string, { commitAfter = 0 } = {}): number {
        const row: Row = {
            id: this.#rows.length + 1,
            channel,
            message: { type: "test", payload: { channel } },
            createdAt: this.#clock.now(),
            isCommitted: false,
            committedAt: Infinity,
        };
        this.#rows.push(row);
        const commit = () => {
            row.isCommitted = true;
            row.committedAt = this.#clock.now();
            this.open.forEach((connection) => connection.dispatch());
            this.polls.dispatch();
        };
        if (commitAfter) {
            this.#clock.setTimeout(commit, commitAfter);
        } else {
            commit();
        }
        return row.id;
    }

    committedAt(id: number): number {
        return this.#rows[id - 1]!.committedAt;
    }

    /** `bus.bus._poll` */
    poll(channels: string[], last: number, ignored: Set<number>): ServerNotification[] {
        const horizon = this.#clock.now() - FIRST_POLL_PERIOD;
        // The id of a row tells its place.
        return this.#rows
            .slice(last)
            .filter(({ isCommitted }) => isCommitted)
            .filter(({ createdAt }) => last || createdAt > horizon)
            .filter(({ id, channel }) => channels.includes(channel) && !ignored.has(id))
            .map(({ id, message }) => ({ id, message }));
    }

    /** `bus.bus._bus_quiet_has_missed`; null: the server can't be reached. */
    missed: ((lastId: number) => boolean) | null = () => false;

    async hasMissed(lastId: number): Promise<boolean> {
        if (!this.missed) {
            throw new Error("The server can't be reached.");
        }
        return this.missed(lastId);
    }

    /** Somebody logs in in the browser; whose session it was before is told that it has expired. */
    login(scope: string): void {
        this.session = scope;
        this.open
            .filter((connection) => connection.scope !== scope)
            .forEach((connection) => connection.closeBy(CloseCode.SESSION_EXPIRED));
        this.polls.close(CloseCode.SESSION_EXPIRED, (it) => it !== scope);
    }

    /** All connections end, as when the network fails. */
    drop(): void {
        this.open.forEach((connection) => connection.closeBy(CloseCode.ABNORMAL));
        this.polls.drop();
    }

    /** Closes all connections and can't be reached for a while. */
    restart(downtime: number): void {
        this.open.forEach((connection) => connection.closeBy(CloseCode.GOING_AWAY));
        this.polls.close(CloseCode.GOING_AWAY);
        this.#upAt = this.#clock.now() + downtime;
    }

    get isUp(): boolean {
        return this.isReachable && this.#clock.now() >= this.#upAt;
    }

    after(delay: number, action: () => void): void {
        this.#clock.setTimeout(action, delay);
    }

    now(): number {
        return this.#clock.now();
    }
}
