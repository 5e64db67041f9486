/** A user's presence, as the row says it and as others are told. */
import { type ProbedOdoo, waitUntil } from "./e2e_odoo";

export class Watched {
    readonly #server: ProbedOdoo;

    private constructor(
        server: ProbedOdoo,
        readonly login: string,
        readonly user: number,
        readonly cookie: string
    ) {
        this.#server = server;
    }

    /** A user who is made for it. */
    static async make(server: ProbedOdoo, login: string): Promise<Watched> {
        const values = { name: login, login, password: login };
        const user = await server.odoo.callKw("admin", "res.users", "create", [values]);
        return new Watched(server, login, user, await server.odoo.rpc.login(login));
    }

    async row(): Promise<Record<string, any> | undefined> {
        const sql = `select * from mail_presence where user_id = ${this.user}`;
        const [row] = await this.#server.odoo.query(sql);
        return row;
    }

    async status(): Promise<string | undefined> {
        return (await this.row())?.status;
    }

    untilStatus(wanted: string, timeout: number): Promise<void> {
        return waitUntil(`${this.login} is ${wanted}`, timeout, async () => {
            const now = await this.status();
            return now === wanted || now;
        });
    }

    /** The statuses that others were told, in order. */
    async told(): Promise<string[]> {
        const partner = await this.#server.partnerOf(this.login);
        const rows = await this.#server.odoo.query(
            `select message from bus_bus where message like '%im_status_updated%' and channel like
                '%"res.partner",${partner},"presence"]' order by id`
        );
        return rows.map(({ message }) => JSON.parse(message).payload.presence_status);
    }
}
