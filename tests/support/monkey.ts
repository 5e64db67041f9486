import { Browser, type Page } from "./fake_browser";
import { USER_CHANNEL } from "./fake_connection";
import { Prng } from "./prng";

const CHANNELS = ["all", "records", "chat"];
const STEPS = 30;
const MOST_PAGES = 6;
/** How late a transaction may commit, in milliseconds: the server holds ids back for 10 s. */
const LATEST_COMMIT = 8_000;
const LONGEST_DOWNTIME = 20_000;
/** How long two connections may be open while one hub hands over to another, in milliseconds. */
const HANDOVER = 100;

type Action = (monkey: Monkey) => void;

/** What is done, and how often relative to the rest. */
const ACTIONS: [Action, number][] = [
    [(monkey) => monkey.publish(), 10],
    [(monkey) => monkey.publishLate(), 6],
    [(monkey) => monkey.open(), 4],
    [(monkey) => monkey.withPage((page) => monkey.close(page)), 1],
    [(monkey) => monkey.withPage((page) => monkey.crash(page)), 1],
    [(monkey) => monkey.withPage((page) => monkey.suspend(page)), 2],
    [(monkey) => monkey.resume(), 2],
    [(monkey) => monkey.withPage((page) => monkey.freeze(page)), 2],
    [(monkey) => monkey.thaw(), 2],
    [(monkey) => monkey.withPage((page) => monkey.addChannel(page)), 2],
    [(monkey) => monkey.withPage((page) => monkey.deleteChannel(page)), 1],
    [(monkey) => monkey.restartServer(), 1],
    [(monkey) => monkey.drop(), 2],
    [(monkey) => monkey.setOnline(false), 1],
    [(monkey) => monkey.setOnline(true), 2],
];

/** Does random things to a browser and its server, and keeps account of what has to come of it. */
export class Monkey {
    readonly browser = new Browser();
    /** What was done, to be read after a failure. */
    readonly diary: string[] = [];
    readonly #prng: Prng;
    /** The channels of each page. */
    readonly #channels = new Map<Page, string[]>();
    /** The ids that each page must get. */
    readonly #expected = new Map<Page, Set<number>>();
    #published = new Map<number, string>();

    constructor(seed: number) {
        this.#prng = new Prng(seed);
        this.browser.random = this.#prng.next;
        this.browser.channels.delay = () => this.#prng.below(4);
        this.browser.server.latency = 1 + this.#prng.below(40);
    }

    /** Plays a whole sequence; returns what is wrong after it. */
    async play(): Promise<string[]> {
        this.open();
        for (let step = 0; step < STEPS; step++) {
            this.#pickAction()(this);
            await this.browser.pass(this.#randomPause());
        }
        await this.#calmDown();
        return this.problems();
    }

    open(): void {
        if (this.browser.living.length < MOST_PAGES) {
            const page = this.browser.open("all");
            this.#channels.set(page, ["all"]);
            this.#expected.set(page, new Set());
            this.#note(`open ${page.id}`);
        }
    }

    close(page: Page): void {
        this.#note(`close ${page.id}`);
        page.close();
    }

    crash(page: Page): void {
        this.#note(`crash ${page.id}`);
        page.crash();
    }

    suspend(page: Page): void {
        this.#note(`suspend ${page.id}`);
        page.suspend();
    }

    resume(): void {
        const page = this.#prng.pick(this.browser.suspended);
        if (page) {
            this.#note(`resume ${page.id}`);
            page.resume();
        }
    }

    freeze(page: Page): void {
        this.#note(`freeze ${page.id}`);
        page.freeze();
    }

    thaw(): void {
        const page = this.#prng.pick(this.browser.frozen);
        if (page) {
            this.#note(`thaw ${page.id}`);
            page.thaw();
        }
    }

    addChannel(page: Page): void {
        const channel = this.#prng.pick(CHANNELS)!;
        this.#note(`${page.id} adds ${channel}`);
        this.#channels.get(page)!.push(channel);
        page.tab.addChannel(channel);
    }

    deleteChannel(page: Page): void {
        const channels = this.#channels.get(page)!;
        const channel = this.#prng.pick(channels);
        if (channel === undefined) {
            return;
        }
        this.#note(`${page.id} deletes ${channel}`);
        channels.splice(channels.indexOf(channel), 1);
        page.tab.deleteChannel(channel);
        if (!channels.includes(channel)) {
            // What is under way may come or not.
            const expected = this.#expected.get(page)!;
            expected.forEach((id) => this.#published.get(id) === channel && expected.delete(id));
        }
    }

    publish(commitAfter = 0, channel = this.#prng.pick([...CHANNELS, USER_CHANNEL])!): void {
        const id = this.browser.server.publish(channel, { commitAfter });
        this.#published.set(id, channel);
        this.#note(`publish ${id} on ${channel}${commitAfter ? `, commit in ${commitAfter}` : ""}`);
        for (const page of this.browser.pages.filter(({ isAlive }) => isAlive)) {
            if ([...this.#channels.get(page)!, USER_CHANNEL].includes(channel)) {
                this.#expected.get(page)!.add(id);
            }
        }
    }

    publishLate(): void {
        this.publish(1 + this.#prng.below(LATEST_COMMIT));
    }

    restartServer(): void {
        this.#note("the server restarts");
        this.browser.server.restart(this.#prng.below(LONGEST_DOWNTIME));
    }

    drop(): void {
        this.#note("the connection drops");
        this.browser.server.drop();
    }

    setOnline(isOnline: boolean): void {
        this.#note(isOnline ? "online" : "offline");
        this.browser.setOnline(isOnline);
    }

    withPage(action: (page: Page) => void): void {
        const page = this.#prng.pick(this.browser.living);
        if (page) {
            action(page);
        }
    }

    problems(): string[] {
        const { server, living, masters } = this.browser;
        const limits = server.connections.filter(({ isRateLimited }) => isRateLimited);
        return [
            ...expect("open connections", server.open.length, 1),
            ...expect("masters", masters.length, 1),
            ...expect("rate limits", limits.length, 0),
            ...this.#overlaps(),
            ...living.flatMap((page) => this.#problemsOf(page)),
        ];
    }

    #problemsOf(page: Page): string[] {
        const { id, ids, workerState } = page;
        const seen = new Set(ids);
        const lost = [...this.#expected.get(page)!].filter((it) => !seen.has(it));
        const repeated = ids.filter((it, index) => ids.indexOf(it) !== index);
        return [
            ...expect(`${id} lost`, lost, []),
            ...expect(`${id} got twice`, repeated, []),
            ...expect(`${id} is`, workerState, "CONNECTED"),
            ...this.#disorder(page),
        ];
    }

    /**
     * Where all connections that sent both of two ids sent one first, so must the page get it, unless
     * it had not been committed yet when the other was sent, or its channel was not subscribed to.
     */
    #disorder(page: Page): string[] {
        const { connections } = this.browser.server;
        const expected = this.#expected.get(page)!;
        const ids = page.ids.filter((it) => expected.has(it));
        const cameLate = (late: number, before: number) => {
            const first = connections.find(({ sent }) => sent.has(before))!;
            const both = connections.filter(({ sent }) => sent.has(late) && sent.has(before));
            return (
                first.listensTo(this.#published.get(late)!) &&
                this.browser.server.committedAt(late) < first.sent.get(before)! &&
                both.length > 0 &&
                both.every(({ sent }) => {
                    const inOrder = [...sent.keys()];
                    return inOrder.indexOf(late) < inOrder.indexOf(before);
                })
            );
        };
        return ids.flatMap((late, index) => {
            const before = ids.slice(0, index).find((it) => cameLate(late, it));
            return before === undefined ? [] : [`${page.id} got ${late} after ${before}`];
        });
    }

    /**
     * Connections that were open at the same time for longer than a handover. That of a frozen host
     * can't be closed before it thaws.
     */
    #overlaps(): string[] {
        const { server } = this.browser;
        const connections = server.connections.filter(
            ({ openedAt, process }) => openedAt < Infinity && !process.wasFrozen
        );
        return connections.slice(1).flatMap((later, index) => {
            const overlap = Math.min(later.closedAt, connections[index]!.closedAt) - later.openedAt;
            return overlap > HANDOVER ? [`two connections for ${overlap} ms`] : [];
        });
    }

    async #calmDown(): Promise<void> {
        if (!this.browser.living.length) {
            this.open();
        }
        while (this.browser.suspended.length) {
            this.resume();
        }
        while (this.browser.frozen.length) {
            this.thaw();
        }
        await this.browser.pass(LONGEST_DOWNTIME);
        this.setOnline(true);
        await this.browser.settle();
        this.publish();
        await this.browser.settle();
    }

    #pickAction(): Action {
        let rest = this.#prng.below(ACTIONS.reduce((sum, [, weight]) => sum + weight, 0));
        return ACTIONS.find(([, weight]) => (rest -= weight) < 0)![0];
    }

    /** Mostly short, so that things meet; now and then longer than the hold-back. */
    #randomPause(): number {
        return this.#prng.below([0, 20, 200, 2_000, 20_000][this.#prng.below(5)]! + 1);
    }

    #note(what: string): void {
        this.diary.push(`${this.browser.age} ms: ${what}`);
    }
}

function expect(what: string, actual: unknown, expected: unknown): string[] {
    const [is, shouldBe] = [actual, expected].map((value) => JSON.stringify(value));
    return is === shouldBe ? [] : [`${what}: ${is}, not ${shouldBe}`];
}
