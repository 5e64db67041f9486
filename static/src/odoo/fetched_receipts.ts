import { Receipts } from "../core/receipts";
import type { BusService } from "./bus_service";
import type { BusLink } from "./link";
import { browser, loader, patch } from "./stock";

/**
 * How long, in milliseconds, another tab waits for the master tab to tell; up to twice as long, so
 * that not all of them tell at once. The page of the master tab may have no Discuss, or be frozen.
 */
const PATIENCE = 2_000;
/**
 * Between two receipts of a chat, in milliseconds: in a burst of messages, the next one says it all. Far
 * less than the patience of the other tabs, even where a hidden page's timers ring each second only.
 */
const REST = 500;
/** In other kinds of chats stock's server takes no note of it. */
const NOTED_TYPES = ["chat", "whatsapp"];

/** The part of Discuss's model of a chat that is of interest here. */
interface Thread {
    id: number;
    channel_type?: string;
    newestPersistentOfAllMessage?: { id: number };
    self_member_id?: { id: number };
    /** Tells the server that its latest message has reached the user. */
    markAsFetched(): Promise<void>;
}

interface Receipt {
    /** Of the member of the chat. */
    id: number;
    last_message_id: number;
}

let current: FetchedReceipts | null = null;

/**
 * Has only one tab tell the server that messages have reached the user: the master tab, if it can. In
 * stock each tab does, of each message, at the same moment.
 *
 * @param link the link of this page
 * @param bus the bus service on it
 */
export function shareFetchedReceipts(link: BusLink, bus: BusService): void {
    const isFirst = current === null;
    current = new FetchedReceipts(link, bus);
    // Discuss is not in every bundle.
    const module = loader.modules.get("@mail/core/common/thread_model");
    if (isFirst && module) {
        const { Thread } = module as { Thread: { prototype: Thread } };
        patch(Thread.prototype, {
            markAsFetched(this: Thread): Promise<void> {
                return current!.tell(this, () => super.markAsFetched());
            },
        } as Thread);
    }
}

class FetchedReceipts {
    readonly #receipts = new Receipts(() => pause(REST));
    /**
     * By member of a chat: of which message the server was told last, by any tab or device. Discuss's
     * model has it too, but what the page asked for before, and is answered later, sets that back.
     */
    readonly #told = new Map<number, number>();
    readonly #link: BusLink;

    constructor(link: BusLink, bus: BusService) {
        this.#link = link;
        bus.subscribe("discuss.channel.member/fetched", ({ id, last_message_id }: Receipt) => {
            this.#told.set(id, last_message_id);
        });
    }

    tell(thread: Thread, tell: () => Promise<void>): Promise<void> {
        return this.#receipts.tell(thread.id, async () => {
            if ((await this.#link.isMaster()) || (await this.#isLeftToUs(thread))) {
                await tell();
            }
        });
    }

    /** Waits for another tab to tell; resolves to whether none did. */
    async #isLeftToUs(thread: Thread): Promise<boolean> {
        if (!NOTED_TYPES.includes(thread.channel_type ?? "")) {
            return false;
        }
        const latest = thread.newestPersistentOfAllMessage?.id ?? Infinity;
        await pause(PATIENCE * (1 + Math.random()));
        return (this.#told.get(thread.self_member_id?.id ?? 0) ?? 0) < latest;
    }
}

function pause(duration: number): Promise<void> {
    return new Promise((resolve) => browser.setTimeout(resolve, duration));
}
