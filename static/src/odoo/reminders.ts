import { broadcastChannel, type Channel, scopeName } from "../core/messages";
import { browser, loader, patch, session } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

type Options = { title?: unknown; onClose?: () => void };
/** Shows a notification; returns what removes it. */
type Add = (message: unknown, options: Options) => () => void;

/** What stock's service of reminders is given. */
interface Services {
    notification: { add: Add };
}

/** What tabs tell each other. */
interface DealtWith {
    kind: "dealt with";
    /** Of the reminder. */
    key: string;
}

let reminders: Reminders | null = null;

/**
 * Shows a reminder of a meeting where the user is, and forgets it everywhere once they have dealt with
 * it; in stock it stays in each tab until it is closed there.
 */
export function remindOnce(workerService: WorkerServiceShim): void {
    const isFirst = reminders === null;
    const module = loader.modules.get("@calendar/js/services/calendar_notification_service");
    if (!module) {
        return;
    }
    reminders = new Reminders(workerService);
    if (isFirst) {
        const { calendarNotificationService } = module as {
            calendarNotificationService: { start(env: unknown, services: Services): unknown };
        };
        patch(calendarNotificationService, {
            start(env: unknown, services: Services) {
                const { notification } = services;
                const add: Add = (message, options) =>
                    reminders!.add(notification.add.bind(notification), message, options);
                return super.start(env, { ...services, notification: { ...notification, add } });
            },
        } as typeof calendarNotificationService);
    }
}

/** The reminders that the user has not dealt with yet: shown in the master tab, and in one that is focused. */
class Reminders {
    readonly #open = new Map<string, Reminder>();
    readonly #workerService: WorkerServiceShim;
    /** Tells other tabs which reminder is dealt with. */
    readonly #channel: Channel<DealtWith>;

    constructor(workerService: WorkerServiceShim) {
        this.#workerService = workerService;
        this.#channel = broadcastChannel<DealtWith>(
            `${scopeName(session.bus_quiet?.scope ?? "")}.reminders`,
            ({ key }) => this.#open.get(key)?.end()
        );
        workerService.listen(({ data: { type } }) => {
            if (type.startsWith("ELECTION:")) {
                void this.#update();
            }
        });
        browser.addEventListener("focus", () => void this.#update());
        browser.addEventListener("blur", () => void this.#update());
    }

    add(show: Add, message: unknown, options: Options): () => void {
        const key = `${options.title}: ${message}`;
        const reminder = new Reminder((onClose) => show(message, { ...options, onClose }));
        reminder.onEnd = () => {
            this.#open.delete(key);
            options.onClose?.();
        };
        reminder.onDealtWith = () => this.#channel.post({ kind: "dealt with", key });
        this.#open.get(key)?.end();
        this.#open.set(key, reminder);
        void this.#update();
        return () => reminder.dealWith();
    }

    async #update(): Promise<void> {
        const isHere = document.hasFocus() || (await this.#workerService.link.isMaster());
        for (const reminder of this.#open.values()) {
            reminder.setShown(isHere);
        }
    }
}

/** One reminder, as this tab has it. */
class Reminder {
    onEnd: () => void = () => {};
    onDealtWith: () => void = () => {};
    #remove: (() => void) | null = null;

    readonly #show: (onClose: () => void) => () => void;

    constructor(show: (onClose: () => void) => () => void) {
        this.#show = show;
    }

    setShown(isShown: boolean): void {
        if (isShown && !this.#remove) {
            this.#remove = this.#show(() => this.#remove && this.dealWith());
        } else if (!isShown) {
            this.#hide();
        }
    }

    /** The user has closed it, or done what it offers. */
    dealWith(): void {
        this.onDealtWith();
        this.end();
    }

    /** It is over, wherever the user has dealt with it. */
    end(): void {
        this.#hide();
        this.onEnd();
    }

    #hide(): void {
        const remove = this.#remove;
        this.#remove = null;
        remove?.();
    }
}
