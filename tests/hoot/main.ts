/**
 * Entry of what is added to Odoo's browser tests. It becomes a module of `bus` by its name: Odoo runs a
 * test file with the modules of its own addon and that one's dependencies only, so a module of ours
 * would never be there when the suites of `bus` or `mail` run. This way all of them test our services.
 */
import { links } from "../../static/src/odoo/link";
import { takeOver } from "../../static/src/odoo/take_over";
import { StockWorkerLink } from "./stock_worker_link";

links.make = (env, services) =>
    new StockWorkerLink(env as ConstructorParameters<typeof StockWorkerLink>[0], services);
takeOver();
