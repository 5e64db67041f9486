import { EventBus } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

/** Stock's `multi_tab` on top of our bus: answers from what this tab knows, and always. */
export function startMultiTab(workerService: WorkerServiceShim) {
    const { link } = workerService;
    const bus = new EventBus();
    workerService.listen(({ data: { type } }) => {
        if (type === "ELECTION:ASSIGN_MASTER") {
            bus.trigger("become_main_tab");
        } else if (type === "ELECTION:UNASSIGN_MASTER") {
            bus.trigger("no_longer_main_tab");
        }
    });
    return {
        bus,
        isOnMainTab: (): Promise<boolean> => link.isMaster(),
        unregister: (): void => link.resignMastership(),
    };
}
