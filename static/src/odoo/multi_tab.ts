import { browser, EventBus } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

interface MultiTab {
    isOnMainTab(): Promise<boolean>;
}

const ours = new WeakSet<MultiTab["isOnMainTab"]>();

/**
 * Whether a `multi_tab` service is the one below, and not somebody's replacement. It is known by its
 * function: the service itself may come wrapped as an OWL reactive object.
 */
export function isOurMultiTab({ isOnMainTab }: MultiTab): boolean {
    return ours.has(isOnMainTab);
}

/**
 * Stock's `multi_tab` on top of our bus. It answers always, and from what this tab knows; a subscriber
 * that asks as soon as it is handed a notification asks whether to act on that: exactly one tab is told
 * yes, also while the master changes.
 */
export function startMultiTab(workerService: WorkerServiceShim) {
    const { link } = workerService;
    const bus = new EventBus();
    let isMain = false;
    const tell = (isMaster: boolean) => {
        if (isMaster !== isMain) {
            isMain = isMaster;
            bus.trigger(isMain ? "become_main_tab" : "no_longer_main_tab");
        }
    };
    workerService.listen(({ data: { type } }) => {
        if (type === "ELECTION:ASSIGN_MASTER" || type === "ELECTION:UNASSIGN_MASTER") {
            tell(type === "ELECTION:ASSIGN_MASTER");
        }
    });
    // It may have become that while the page was loading. Services that listen start after this one.
    browser.setTimeout(() => link.isMasterTab && tell(true));
    const service = {
        bus,
        isOnMainTab: (): Promise<boolean> =>
            workerService.handedOut === null
                ? link.isMaster()
                : link.claims.ask(`notification/${workerService.handedOut}`, false),
        unregister: (): void => link.resignMastership(),
    };
    ours.add(service.isOnMainTab);
    return service;
}
