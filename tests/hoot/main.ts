/** Entry of what is added to Odoo's browser tests. */
import { links, takeOver } from "@bus_quiet/bus_quiet";
import { StockWorkerLink } from "./stock_worker_link";

links.make = (env, services) => new StockWorkerLink(env as ConstructorParameters<typeof StockWorkerLink>[0], services);
takeOver();
