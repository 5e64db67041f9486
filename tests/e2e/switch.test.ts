/** The administrator's switch, thrown while many users' browsers talk to the server. */
import QUnit from "qunit";
import { type ProbedOdoo, sharedOdoo } from "../support/e2e_odoo";
import { SocketClient } from "../support/e2e_socket_client";

const CLIENTS = 30;
const THROWS = 30;
/** Between two reports of a client, in milliseconds: the server closes who sends more. */
const INTERVAL = 800;

QUnit.module("the switch", (hooks) => {
    let server: ProbedOdoo;

    hooks.before(async () => {
        server = await sharedOdoo();
    });
    hooks.after(async () => void (await server.setParameter("bus_quiet.disabled", false)));

    QUnit.test("is obeyed by each page that is loaded after it was thrown", async (assert) => {
        assert.timeout(120_000);
        const { odoo } = server;
        const cookie = await odoo.rpc.login("marc");
        const clients = await Promise.all(
            Array.from({ length: CLIENTS }, () => SocketClient.open(server, cookie))
        );
        clients.forEach((client) => client.subscribe());
        let isOver = false;
        // The server reads the switch at each report.
        const reports = clients.map(async (client) => {
            while (!isOver) {
                client.reportPresence();
                await client.settle();
                await pause(INTERVAL);
            }
        });
        const wrong: number[] = [];
        for (let count = 0; count < THROWS; count++) {
            const isOff = count % 2 === 0;
            await server.setParameter("bus_quiet.disabled", isOff ? "True" : false);
            // What was under way has read it by then.
            await pause(100);
            const page = await fetch(`${odoo.baseURL}/odoo`, { headers: { cookie } });
            if ((await page.text()).includes('"bus_quiet":') === isOff) {
                wrong.push(count);
            }
        }
        isOver = true;
        await Promise.all(reports);
        await Promise.all(clients.map((client) => client.close()));
        assert.deepEqual(wrong, []);
    });
});

function pause(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
