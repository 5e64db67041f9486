import { EventBus } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

/**
 * Stock's `multi_tab` on top of our bus. It answers always, and from what this tab knows; a subscriber
 * that asks as soon as it is handed a notification asks whether to act on that: exactly one tab is told
 * yes, also while the master changes.
 */
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
        isOnMainTab: (): Promise<boolean> =>
            workerService.handedOut === null
                ? link.isMaster()
                : link.claims.ask(`notification/${workerService.handedOut}`, false),
        unregister: (): void => link.resignMastership(),
    };
}
