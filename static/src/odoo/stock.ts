/** All that we use of Odoo's client, in one place: each series has its own. */
export { multiTabService } from "@bus/multi_tab_service";
export { busService } from "@bus/services/bus_service";
export { WORKER_STATE, workerService } from "@bus/services/worker_service";
export { Logger } from "@bus/workers/bus_worker_utils";
export { EventBus, reactive } from "@odoo/owl";
export { browser } from "@web/core/browser/browser";
export { appTranslateFn } from "@web/core/l10n/translation";
export { downloadFile } from "@web/core/network/download";
export { rpc } from "@web/core/network/rpc";
export { Deferred } from "@web/core/utils/concurrency";
export { patch } from "@web/core/utils/patch";
export { session } from "@web/session";

/** The modules that the page has loaded, by name. */
export const { loader } = (globalThis as unknown as { odoo: { loader: { modules: Map<string, unknown> } } })
    .odoo;
