import { HOLD_BACK, type ServerSnapshot } from "../../static/src/core/resume_window";
export interface Row {
    id: number;
    channel: string;
    message: { type: string; payload: unknown };
    /** Wall-clock time of the insertion. */
    createdAt: number;
    isCommitted: boolean;
}

/** What a poll without a starting point goes back to, in milliseconds (Odoo: `TIMEOUT`). */
const FIRST_POLL_REACH = 50_000;

/** The table of notifications: an id is given at the insertion, and is visible at the commit. */
export class NotificationTable {
    readonly rows: Row[] = [];
    /** Told of each commit. */
    onCommit: (row: Row) => void = () => {};

    get lastId(): number {
        return this.rows.findLast(({ isCommitted }) => isCommitted)?.id ?? 0;
    }

    /** What a page is told when it is made (`bus.bus._bus_quiet_snapshot`). */
    get snapshot(): ServerSnapshot {
        const committed = this.rows.filter(({ isCommitted }) => isCommitted);
        const horizon = Date.now() - HOLD_BACK;
        const settledId = committed.findLast(({ createdAt }) => createdAt <= horizon)?.id ?? 0;
        return {
            settledId,
            recentIds: committed.map(({ id }) => id).filter((id) => id > settledId),
        };
    }

    insert(channel: string, payload: unknown, type = "test"): Row {
        const row: Row = {
            id: this.rows.length + 1,
            channel,
            message: { type, payload },
            createdAt: Date.now(),
            isCommitted: false,
        };
        this.rows.push(row);
        return row;
    }

    commit(row: Row): void {
        row.isCommitted = true;
        this.onCommit(row);
    }

    /** As `bus.bus._poll`. */
    poll(channels: Set<string>, last: number, ignoredIds: Set<number>): Row[] {
        const horizon = Date.now() - FIRST_POLL_REACH;
        return this.rows.filter(
            ({ id, channel, createdAt, isCommitted }) =>
                isCommitted &&
                channels.has(channel) &&
                !ignoredIds.has(id) &&
                (last === 0 ? createdAt > horizon : id > last)
        );
    }
}
