import type { ServerNotification } from "../core/messages";
import type { LogReport } from "./link";
import {
    appTranslateFn,
    browser,
    busService as stockBusService,
    downloadFile,
    EventBus,
    reactive,
} from "./stock";
import type { WorkerServiceShim } from "./worker_service";

/** Events that stock keeps to itself. */
const INTERNAL_EVENTS = new Set(["BUS:OUTDATED", "BUS:NOTIFICATION"]);

type Callback = (payload: any, context: { id: number }) => void;

export interface BusEnvironment {
    services: { "bus.outdated_page_watcher"?: { showOutdatedPageNotification(): void } };
}

export interface BusServices {
    worker_service: WorkerServiceShim;
    multi_tab: { unregister(): void };
    legacy_multi_tab: { setSharedValue(key: string, value: unknown): void };
    notification: { add(message: string, options: object): unknown };
}

/** Stock's `bus_service` on top of our bus: an OWL reactive object with the same members. */
export function startBusService(env: BusEnvironment, services: BusServices) {
    const { worker_service: workerService, multi_tab, legacy_multi_tab, notification } = services;
    const { link } = workerService;
    const bus = new EventBus();
    const notificationBus = new EventBus();
    const wrappers = new Map<Callback, (event: Event) => void>();

    workerService.listen(({ data: { type, data } }) => {
        if (!type.startsWith("BUS:")) {
            return;
        }
        switch (type) {
            case "BUS:NOTIFICATION":
                receive(data);
                break;
            case "BUS:WORKER_STATE_UPDATED":
                state.workerState = data;
                break;
            case "BUS:OUTDATED":
                multi_tab.unregister();
                showOutdated(notification);
                break;
            case "BUS:GAP":
                // Stock's watcher says it, and not twice.
                env.services["bus.outdated_page_watcher"]?.showOutdatedPageNotification();
                break;
        }
        if (!INTERNAL_EVENTS.has(type)) {
            bus.trigger(type, data);
        }
    });

    function receive(notifications: ServerNotification[]): void {
        state.lastNotificationId = notifications.at(-1)!.id;
        if (link.isHost) {
            // Stock's outdated-page watcher reads it, in every tab.
            legacy_multi_tab.setSharedValue("last_notification_id", state.lastNotificationId);
        }
        for (const { id, message } of notifications) {
            workerService.handedOut = id;
            notificationBus.trigger(message.type, { id, payload: message.payload });
            workerService.handedOut = null;
            stockBusService._onMessage(env, id, message.type, message.payload);
        }
    }

    browser.addEventListener("online", () => state.isActive && link.setOnline(true), {
        capture: true,
    });
    browser.addEventListener("offline", () => link.setOnline(false), { capture: true });

    const state = reactive({
        addEventListener: bus.addEventListener.bind(bus),
        removeEventListener: bus.removeEventListener.bind(bus),
        trigger: bus.trigger.bind(bus),
        async addChannel(channel: string): Promise<void> {
            await workerService.ensureWorkerStarted();
            await link.addChannel(channel);
            state.isActive = true;
        },
        deleteChannel: (channel: string) => link.deleteChannel(channel),
        forceUpdateChannels: () => link.resubscribe(),
        send: (event: string, data: unknown) => link.send(event, data),
        async start(): Promise<void> {
            await workerService.ensureWorkerStarted();
            await link.start();
            state.isActive = true;
        },
        stop(): void {
            link.stop();
            state.isActive = false;
        },
        setLoggingEnabled: (isEnabled: boolean) => link.setLogging(isEnabled),
        downloadLogs: async () => download(await link.requestLogs()),
        isActive: false,
        /** Subscribes to one type of notification. Each subscriber gets a payload of its own. */
        subscribe(type: string, callback: Callback): void {
            const wrapper = (event: Event) => {
                const { id, payload } = (event as CustomEvent).detail;
                callback(JSON.parse(JSON.stringify(payload)), { id });
            };
            wrappers.set(callback, wrapper);
            notificationBus.addEventListener(type, wrapper);
        },
        unsubscribe(type: string, callback: Callback): void {
            notificationBus.removeEventListener(type, wrappers.get(callback)!);
            wrappers.delete(callback);
        },
        startedAt: luxon.DateTime.now().set({ milliseconds: 0 }),
        workerState: null as string | null,
        /** The id of the last notification received by this tab. */
        lastNotificationId: null as number | null,
    });
    return state;
}

export type BusService = ReturnType<typeof startBusService>;

function showOutdated(notification: BusServices["notification"]): void {
    // The terms are stock's, and so are their translations.
    const translate = (term: string) => appTranslateFn(term, "bus");
    notification.add(
        translate(
            "Save your work and refresh to get the latest updates and avoid potential issues."
        ),
        {
            title: translate("The page is out of date"),
            type: "warning",
            sticky: true,
            buttons: [
                {
                    name: translate("Refresh"),
                    primary: true,
                    onClick: () => browser.location.reload(),
                },
            ],
        }
    );
}

function download(report: LogReport): void {
    const blob = new Blob([JSON.stringify(report, null, 2)]);
    const time = luxon.DateTime.now().toFormat("yyyy-LL-dd-HH-mm-ss");
    downloadFile(blob, `bus_logs_${time}.json`, "application/json");
}
