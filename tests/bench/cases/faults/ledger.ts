/** What was sent, as the database has it: what was committed must arrive, and nothing else counts. */
import { PROBE_TYPE, type ProbedOdoo } from "../../../support/e2e_odoo";

/** When each notification was sent, by its id. */
export type Sent = ReadonlyMap<number, number>;

/** Longest distance between two notifications while they are being sent, in milliseconds. */
const PAUSE = 1_000;

export class Ledger {
    /** @param lastId of what had been sent before */
    private constructor(
        readonly server: ProbedOdoo,
        readonly lastId: number
    ) {}

    static async open(server: ProbedOdoo): Promise<Ledger> {
        const [row] = await server.odoo.query("select coalesce(max(id), 0) as id from bus_bus");
        return new Ledger(server, Number(row!.id));
    }

    /** All that was sent since the ledger was opened, once nothing is added any more. */
    async close(): Promise<Sent> {
        let sent = await this.#read();
        for (;;) {
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
            const later = await this.#read();
            if (later.size === sent.size) {
                return sent;
            }
            sent = later;
        }
    }

    async #read(): Promise<Sent> {
        const rows = await this.server.odoo.query(
            `select id, message::json -> 'payload' ->> 'sent' as sent from bus_bus
              where id > ${this.lastId} and message::json ->> 'type' = '${PROBE_TYPE}' order by id`
        );
        return new Map(rows.map(({ id, sent }) => [Number(id), Number(sent)]));
    }
}
