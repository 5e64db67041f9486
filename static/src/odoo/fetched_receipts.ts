import { Receipts } from "../core/receipts";
import type { BusLink } from "./link";
import { browser, loader, patch } from "./stock";

/**
 * How long, in milliseconds, another tab waits for the master tab to tell; up to twice as long, so
 * that not all of them tell at once. The page of the master tab may have no Discuss, or be frozen.
 */
const PATIENCE = 2_000;
/** In other kinds of chats stock's server takes no note of it. */
const NOTED_TYPES = ["chat", "whatsapp"];

/** The part of Discuss's model of a chat that is of interest here. */
interface Thread {
    id: number;
    channel_type?: string;
    newestPersistentOfAllMessage?: { id: number };
    /** Its `fetched_message_id` is what the server was told last, by any tab or device. */
    self_member_id?: { fetched_message_id?: { id: number } };
    /** Tells the server that its latest message has reached the user. */
    markAsFetched(): Promise<void>;
}

const receipts = new Receipts();
let link: BusLink | null = null;

/**
 * Has only one tab tell the server that messages have reached the user: the master tab, if it can. In
 * stock each tab does, of each message, at the same moment.
 *
 * @param present the link of this page
 */
export function shareFetchedReceipts(present: BusLink): void {
    const isFirst = link === null;
    link = present;
    // Discuss is not in every bundle.
    const module = loader.modules.get("@mail/core/common/thread_model");
    if (isFirst && module) {
        const { Thread } = module as { Thread: { prototype: Thread } };
        patch(Thread.prototype, {
            markAsFetched(this: Thread): Promise<void> {
                return receipts.tell(this.id, async () => {
                    if ((await link!.isMaster()) || (await isLeftToUs(this))) {
                        await super.markAsFetched();
                    }
                });
            },
        } as Thread);
    }
}

/** Waits for another tab to tell; resolves to whether none did. */
async function isLeftToUs(thread: Thread): Promise<boolean> {
    if (!NOTED_TYPES.includes(thread.channel_type ?? "")) {
        return false;
    }
    const latest = thread.newestPersistentOfAllMessage?.id ?? Infinity;
    await new Promise((resolve) => browser.setTimeout(resolve, PATIENCE * (1 + Math.random())));
    return (thread.self_member_id?.fetched_message_id?.id ?? 0) < latest;
}
