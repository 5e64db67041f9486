import { Browser, type Page } from "./fake_browser";
import { privateChannel, USER_CHANNEL } from "./fake_connection";
import { Ledger } from "./monkey_ledger";
import { Prng } from "./prng";

const CHANNELS = ["all", "records", "chat"];
const SCOPES = ["db.7", "db.8"];
const STEPS = 30;
const MOST_PAGES = 6;
/** How late a transaction may commit, in milliseconds: the server holds ids back for 10 s. */
const LATEST_COMMIT = 8_000;
const LONGEST_DOWNTIME = 20_000;
/** Within this, in milliseconds, a hub that was refused tries again, and all comes to rest. */
const RECOVERY = 90_000;

type Action = (monkey: Monkey) => void;

/** What is done, and how often relative to the rest. */
const ACTIONS: [Action, number][] = [
    [(monkey) => monkey.publish(), 20],
    [(monkey) => monkey.publishLate(), 12],
    [(monkey) => monkey.open(), 8],
    [(monkey) => monkey.withPage((page) => monkey.close(page)), 2],
    [(monkey) => monkey.withPage((page) => monkey.crash(page)), 2],
    [(monkey) => monkey.withPage((page) => monkey.crashAsItActs(page)), 2],
    [(monkey) => monkey.withPage((page) => monkey.suspend(page)), 4],
    [(monkey) => monkey.resume(), 4],
    [(monkey) => monkey.withPage((page) => monkey.freeze(page)), 4],
    [(monkey) => monkey.thaw(), 4],
    [(monkey) => monkey.withPage((page) => monkey.hide(page)), 3],
    [(monkey) => monkey.withPage((page) => monkey.show(page)), 3],
    [(monkey) => monkey.withPage((page) => monkey.look(page)), 4],
    [(monkey) => monkey.withPage((page) => monkey.click(page)), 2],
    [(monkey) => monkey.withPage((page) => monkey.addChannel(page)), 4],
    [(monkey) => monkey.withPage((page) => monkey.deleteChannel(page)), 2],
    [(monkey) => monkey.restartServer(), 2],
    [(monkey) => monkey.drop(), 4],
    [(monkey) => monkey.setOnline(false), 2],
    [(monkey) => monkey.setOnline(true), 4],
    [(monkey) => monkey.changeProxy(), 3],
    [(monkey) => monkey.login(), 2],
    [(monkey) => monkey.upgrade(), 1],
];

/** Does random things to a browser and its server, and keeps account of what has to come of it. */
export class Monkey {
    readonly browser = new Browser();
    /** What was done, to be read after a failure. */
    readonly diary: string[] = [];
    readonly #prng: Prng;
    readonly #ledger = new Ledger(this.browser);

    constructor(seed: number) {
        this.#prng = new Prng(seed);
        this.browser.random = this.#prng.next;
        this.browser.isActedOn = true;
        this.browser.isSecure = this.#prng.below(2) === 0;
        this.browser.channels.delay = () => this.#prng.below(4);
        this.browser.server.latency = 1 + this.#prng.below(40);
        this.browser.server.login(SCOPES[0]!);
    }

    /** Plays a whole sequence; returns what is wrong after it. */
    async play(): Promise<string[]> {
        this.#note(this.browser.isSecure ? "a secure context" : "plain http");
        this.open();
        for (let step = 0; step < STEPS; step++) {
            this.#pickAction()(this);
            await this.browser.pass(this.#randomPause());
            this.#ledger.countMasters();
        }
        await this.#calmDown();
        const problems: string[] = [];
        for (const scope of SCOPES) {
            await this.#comeToRest(scope);
            problems.push(...this.#ledger.problems(scope));
        }
        return problems;
    }

    open(): void {
        if (this.browser.living.length < MOST_PAGES) {
            const page = this.browser.open("all");
            page.mayBeHeard = this.#prng.below(3) > 0;
            this.#ledger.open(page, "all");
            const sound = page.mayBeHeard ? "" : ", which the browser mutes";
            this.#note(`open ${page.id} in ${page.scope}${sound}`);
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

    /** Between the moment when it learns that it is to act and that in which it does. */
    crashAsItActs(page: Page): void {
        this.#note(`crash ${page.id} when it acts`);
        page.crashesAsItActs = true;
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

    hide(page: Page): void {
        this.#note(`hide ${page.id}`);
        page.hide();
    }

    show(page: Page): void {
        this.#note(`show ${page.id}`);
        page.show();
    }

    /** The user looks at a page, and at no other. */
    look(page: Page): void {
        this.#note(`look at ${page.id}`);
        for (const { tab } of this.browser.living.filter((it) => it !== page)) {
            tab.usage.setAttention(this.#prng.below(2) ? "visible" : "hidden");
        }
        page.tab.usage.setAttention("focused");
    }

    click(page: Page): void {
        this.#note(`click in ${page.id}`);
        page.click();
    }

    addChannel(page: Page): void {
        const channel = this.#prng.pick(CHANNELS)!;
        this.#note(`${page.id} adds ${channel}`);
        this.#ledger.addChannel(page, channel);
        page.tab.addChannel(channel);
    }

    deleteChannel(page: Page): void {
        const channel = this.#prng.pick(this.#ledger.channelsOf(page));
        if (channel !== undefined) {
            this.#note(`${page.id} deletes ${channel}`);
            this.#ledger.deleteChannel(page, channel);
            page.tab.deleteChannel(channel);
        }
    }

    /** Returns the id of the notification. */
    publish(commitAfter = 0): number {
        const own = SCOPES.map(privateChannel);
        const channel = this.#prng.pick([...CHANNELS, USER_CHANNEL, ...own])!;
        const id = this.browser.server.publish(channel, { commitAfter });
        this.#ledger.publish(id, channel);
        this.#note(`publish ${id} on ${channel}${commitAfter ? `, commit in ${commitAfter}` : ""}`);
        return id;
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

    /** What is on the way to the server treats websockets and long answers in another way. */
    changeProxy(): void {
        const { server } = this.browser;
        server.websockets = this.#prng.pick(["pass", "refused", "cut", "swallowed"] as const)!;
        server.holds = this.#prng.below(3) > 0;
        server.buffers = this.#prng.below(3) === 0;
        const { websockets, holds, buffers } = server;
        this.#note(`proxy: websockets ${websockets}, holds ${holds}, buffers ${buffers}`);
    }

    /** Somebody logs in in place of who was. */
    login(scope = this.#prng.pick(SCOPES)!): void {
        this.#note(`login in ${scope}`);
        this.browser.server.login(scope);
    }

    /** Pages that are opened from now on run another build. */
    upgrade(): void {
        // Now and then one that was there before: an upgrade that is taken back.
        this.browser.build = `build${this.#prng.below(3)}`;
        this.#note(`the server has ${this.browser.build}`);
    }

    withPage(action: (page: Page) => void): void {
        const page = this.#prng.pick(this.browser.living);
        if (page) {
            action(page);
        }
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
        this.browser.living.forEach((page) => this.show(page));
        if (this.browser.server.websockets === "cut") {
            // There is no rest while a proxy cuts.
            this.browser.server.websockets = "refused";
        }
        await this.browser.pass(LONGEST_DOWNTIME);
        this.setOnline(true);
    }

    async #comeToRest(scope: string): Promise<void> {
        this.login(scope);
        await this.browser.pass(RECOVERY);
        const before = this.browser.living.length;
        this.#ledger.expectDeeds(scope, this.publish());
        await this.browser.settle();
        if (this.browser.living.length < before) {
            // One crashed as it acted.
            await this.browser.pass(RECOVERY);
        }
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
