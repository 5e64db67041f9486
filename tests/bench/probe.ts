/** The Odoo under test, as the benchmarks see it. */
import type { Side } from "./bench";
import type { ProbedOdoo, ServerCounts } from "../support/e2e_odoo";

/** The user whose browsers are measured. */
export const USER = "marc";

export interface DetailedCounts extends ServerCounts {
    /** Rows written since the server's start, by table. */
    writes: Record<string, number>;
    /** Statements that failed to serialize since the server's start, by table. */
    conflicts: Record<string, number>;
}

export interface PresenceCosts {
    frames: number;
    writes: number;
    conflicts: number;
    broadcasts: number;
}

export class Probe {
    constructor(readonly server: ProbedOdoo) {}

    /** Works with ours, or with Quiet Bus switched off at the server as well. */
    async as<T>(side: Side, work: () => Promise<T>): Promise<T> {
        if (side === "quiet") {
            return work();
        }
        await this.server.setParameter("bus_quiet.disabled", "True");
        try {
            return await work();
        } finally {
            await this.server.setParameter("bus_quiet.disabled", false);
        }
    }

    /** What reporting the user's presence has cost up to now. */
    async presence(): Promise<PresenceCosts> {
        const counts = (await this.#call("counts")) as DetailedCounts;
        const [row] = await this.server.odoo.query(
            `select count(*) from bus_bus
              where message like '%"bus.bus/im_status_updated"%' and channel like '%"presence"]'`
        );
        return {
            frames: counts.frames.update_presence ?? 0,
            writes: counts.writes.mail_presence ?? 0,
            conflicts: counts.conflicts.mail_presence ?? 0,
            broadcasts: row!.count,
        };
    }

    /** What was told of chat messages that have come, and how often that failed to serialize. */
    async chatCosts(): Promise<{ calls: number; conflicts: number }> {
        const counts = (await this.#call("counts")) as DetailedCounts;
        return {
            calls: counts.fetched,
            conflicts: counts.conflicts.discuss_channel_member ?? 0,
        };
    }

    /** Transactions in the database since ever. PostgreSQL tells of them up to 10 s late. */
    async transactions(): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, 11_000));
        const [row] = await this.server.odoo.query(
            `select (xact_commit + xact_rollback) as count
               from pg_stat_database where datname = current_database()`
        );
        return row!.count;
    }

    /** What serving browsers has cost the server up to now: the processor's time in seconds. */
    costs(): Promise<{ frames: number; requests: number; cpu: number }> {
        return this.#call("costs");
    }

    /** Sends what nobody waits for, in the background: to all, and to who follows this user. */
    async sendBackground(user: string, count: number, interval: number): Promise<void> {
        const partner = await this.server.partnerOf(user);
        await this.#call("send_background", partner, count, interval / 1000);
    }

    /** Sets the clock of presence to the real time; it can be moved from now on. */
    async beginVirtualTime(): Promise<void> {
        await this.#call("begin_virtual_time");
    }

    /** Moves that clock ahead, by seconds. */
    async skip(seconds: number): Promise<void> {
        await this.#call("skip", seconds);
    }

    /** Ends all websockets, and held requests, as a broken network does. */
    async cutConnections(): Promise<void> {
        await this.#call("cut_connections");
    }

    /** Sends, and returns the times of the commits. */
    async sendTimed(count: number, interval: number): Promise<number[]> {
        const partner = await this.server.partnerOf(USER);
        return this.#call("send_timed", partner, count, interval / 1000);
    }

    #call(method: string, ...args: unknown[]): Promise<any> {
        return this.server.odoo.callKw("admin", "bus.quiet.test", method, args);
    }
}
