import { alertOnce } from "./alerts";
import { type BusEnvironment, type BusServices, startBusService } from "./bus_service";
import { shareFetchedReceipts } from "./fetched_receipts";
import { type LinkEnvironment, links, type LinkServices } from "./link";
import { startMultiTab } from "./multi_tab";
import { remindOnce } from "./reminders";
import { ringOnce } from "./ringing";
import { busService, multiTabService, patch, workerService } from "./stock";
import { WorkerServiceShim } from "./worker_service";

/**
 * Puts our services in the place of stock's. The service objects are patched rather than registered
 * anew: other modules import and patch them too, and so the order of loading does not matter. Where
 * there is no link, each falls back on stock.
 */
export function takeOver(): void {
    patch(workerService, {
        start(env: LinkEnvironment, services: LinkServices & Record<string, unknown>) {
            const link = links.make(env, services);
            return link ? new WorkerServiceShim(link) : super.start(env, services);
        },
    } as typeof workerService);
    patch(multiTabService, {
        dependencies: ["worker_service"],
        start(env: unknown, services: Record<string, unknown>) {
            const { worker_service } = services;
            return worker_service instanceof WorkerServiceShim
                ? startMultiTab(worker_service)
                : super.start(env, services);
        },
    } as typeof multiTabService);
    patch(busService, {
        start(env: BusEnvironment, services: BusServices & Record<string, unknown>) {
            if (!(services.worker_service instanceof WorkerServiceShim)) {
                return super.start(env, services);
            }
            const bus = startBusService(env, services);
            shareFetchedReceipts(services.worker_service.link, bus);
            alertOnce(services.worker_service.link);
            ringOnce(services.worker_service);
            remindOnce(services.worker_service);
            return bus;
        },
    } as typeof busService);
}
