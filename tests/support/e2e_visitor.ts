/** Browsers that use Odoo through a set-up, and notifications that flow towards them. */
import { Doorman } from "./e2e_doorman";
import { type Profile, type ProfileOptions, profileOf, type Tab } from "./e2e_browser";
import { chatOf } from "./e2e_discuss";
import { PROBE_TYPE, ProbedOdoo, waitUntil } from "./e2e_odoo";

const USER = "marc";
const COLLEAGUE = "julia";
/** Between two notifications, in milliseconds. */
const PACE = 200;

declare global {
    interface Window {
        /** The page took its connection for lost, at some time. */
        wasConnectionLost: boolean;
        /** How many chat messages came. */
        chatMessages: number;
    }
}

/** Numbered notifications, one after the other until it is stopped. */
export class Flow {
    #sent = 0;
    #isStopped = false;
    readonly #ended: Promise<void>;

    constructor(server: ProbedOdoo) {
        this.#ended = this.#run(server);
        // It is told by `stop`.
        this.#ended.catch(() => {});
    }

    /** How many were sent for certain. */
    get sent(): number {
        return this.#sent;
    }

    /** Returns how many were sent. */
    async stop(): Promise<number> {
        this.#isStopped = true;
        await this.#ended;
        return this.#sent;
    }

    async #run(server: ProbedOdoo): Promise<void> {
        while (!this.#isStopped) {
            await server.send(USER, 1, this.#sent);
            this.#sent++;
            await new Promise((resolve) => setTimeout(resolve, PACE));
        }
    }
}

/** A browser, and who counts what it asks of the bus. */
export class Visitor {
    tabs: Tab[] = [];

    private constructor(
        readonly doorman: Doorman,
        readonly profile: Profile
    ) {}

    /** @param port where the set-up answers */
    static async open(
        { odoo }: ProbedOdoo,
        port: number,
        options: ProfileOptions = {}
    ): Promise<Visitor> {
        const doorman = await Doorman.start(port);
        const site = new ProbedOdoo({ ...odoo, baseURL: doorman.baseURL });
        return new Visitor(doorman, await profileOf(USER, site, options));
    }

    async openTabs(count: number): Promise<void> {
        // One after the other: how long a page takes to load is not what is looked at.
        while (this.tabs.length < count) {
            await this.openTab();
        }
    }

    async closeTabs(): Promise<void> {
        await Promise.all(this.tabs.map(({ page }) => page.close()));
        this.tabs = [];
    }

    async openTab(): Promise<Tab> {
        const tab = await this.profile.openTab();
        await watchMonitoring(tab);
        await countChatMessages(tab);
        await tab.collect(PROBE_TYPE);
        this.tabs.push(tab);
        return tab;
    }

    /** A colleague writes to the user; waits until the message came to each tab, once. */
    async chat({ odoo }: ProbedOdoo, chat: number, timeout: number): Promise<void> {
        const before = await this.#chatMessages();
        await odoo.callKw(COLLEAGUE, "discuss.channel", "message_post", [[chat]], {
            body: "Lunch at noon?",
            message_type: "comment",
            subtype_xmlid: "mail.mt_comment",
        });
        await waitUntil("one more chat message in each tab", timeout, async () => {
            const counts = await this.#chatMessages();
            return counts.every((count, index) => count === before[index]! + 1) || counts.join();
        });
    }

    #chatMessages(): Promise<number[]> {
        return Promise.all(this.tabs.map(({ page }) => page.evaluate(() => window.chatMessages)));
    }

    /** Waits until each tab has the notification of this number. */
    waitFor(number: number, timeout: number): Promise<void> {
        return waitUntil(`notification ${number} in each tab`, timeout, async () => {
            const all = await this.received();
            return all.every((numbers) => numbers.includes(number)) || JSON.stringify(all);
        });
    }

    /** Numbers of the notifications that each tab received since it began to collect. */
    async received(): Promise<number[][]> {
        const all = await Promise.all(this.tabs.map((tab) => tab.received()));
        return all.map(({ numbers }) => numbers);
    }

    /** How long after it was loaded each tab received the first, in milliseconds. */
    firstArrivals(timeout: number): Promise<number[]> {
        return Promise.all(
            this.tabs.map(async (tab) => {
                await tab.waitForCount(1, timeout);
                const { times } = await tab.received();
                return times[0]! - (await loadedAt(tab));
            })
        );
    }

    /** In any tab, since it was opened. */
    async wasConnectionLost(): Promise<boolean> {
        const flags = this.tabs.map(({ page }) => page.evaluate(() => window.wasConnectionLost));
        return (await Promise.all(flags)).includes(true);
    }

    /** Those that there are among the tabs. */
    async workerStates(): Promise<string[]> {
        const states = this.tabs.map(({ page }) =>
            page.evaluate(() => window.services.bus_service.workerState as string)
        );
        return [...new Set(await Promise.all(states))];
    }

    async close(): Promise<void> {
        await this.profile.close();
        await this.doorman.close();
    }
}

/** Wall clock, in milliseconds. */
function loadedAt({ page }: Tab): Promise<number> {
    return page.evaluate(() => {
        const [entry] = performance.getEntriesByType("navigation");
        return performance.timeOrigin + (entry as PerformanceNavigationTiming).loadEventEnd;
    });
}

function countChatMessages({ page }: Tab): Promise<void> {
    return page.evaluate(() => {
        window.chatMessages = 0;
        const count = () => window.chatMessages++;
        window.services.bus_service.subscribe("discuss.channel/new_message", count);
    });
}

/** The chat of the two who write to each other here. */
export function chatOfVisitor(server: ProbedOdoo): Promise<number> {
    return chatOf(server, COLLEAGUE, USER);
}

/** Notes, from now on, whether the page takes its connection for lost. */
function watchMonitoring({ page }: Tab): Promise<void> {
    return page.evaluate(() => {
        const monitoring = window.services["bus.monitoring_service"];
        let isLost: boolean = monitoring.isConnectionLost;
        window.wasConnectionLost = isLost;
        Object.defineProperty(monitoring, "isConnectionLost", {
            configurable: true,
            enumerable: true,
            get: () => isLost,
            set: (value: boolean) => {
                isLost = value;
                window.wasConnectionLost ||= value;
            },
        });
    });
}
