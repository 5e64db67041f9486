import { freeze, show } from "./browser_lifecycle";
import { hostOf, type Profile, type Tab } from "./e2e_browser";
import { PROBE_TYPE, type ProbedOdoo, waitUntil } from "./e2e_odoo";
import { Prng } from "./prng";

const USER = "marc";
const STEPS = 40;
const FIRST_TABS = 3;
const MOST_TABS = 5;
/** Notifications are sent at this interval, in milliseconds. */
const INTERVAL = 100;
/** Longest pause between two things that are done, in milliseconds. */
const LONGEST_PAUSE = 1_500;
const LONGEST_BUSY = 4_000;
/** How long, in milliseconds, everybody may take to have everything in the end: a back-off and more. */
const RECOVERY = 75_000;
const ELSEWHERE = "about:blank";

type Action = (monkey: BrowserMonkey) => Promise<void>;

/** What is done, and how often relative to the rest. */
const ACTIONS: [Action, number][] = [
    [(monkey) => monkey.open(), 6],
    [(monkey) => monkey.withTab((tab) => monkey.close(tab)), 3],
    [(monkey) => monkey.withTab((tab) => monkey.crash(tab)), 2],
    [(monkey) => monkey.withTab((tab) => monkey.reload(tab)), 3],
    [(monkey) => monkey.withTab((tab) => monkey.leave(tab)), 4],
    [(monkey) => monkey.comeBack(), 4],
    [(monkey) => monkey.withTab((tab) => monkey.keepBusy(tab)), 3],
    [(monkey) => monkey.withTab((tab) => monkey.freeze(tab)), 4],
    [(monkey) => monkey.thaw(), 4],
    [(monkey) => monkey.cutConnections(), 4],
    [(monkey) => monkey.goOffline(), 2],
    [(monkey) => monkey.restartServer(), 1],
];

/** A notification as the database has it. */
interface Sent {
    number: number;
    /** Wall-clock time in milliseconds. */
    sent: number;
}

/** Does random things to a real browser and a real Odoo while notifications flow, and says what. */
export class BrowserMonkey {
    readonly #prng: Prng;
    readonly #server: ProbedOdoo;
    readonly #profile: Profile;
    /** The tabs, with the time since when they must get everything. */
    readonly #since = new Map<Tab, number>();
    readonly #names = new Map<Tab, number>();
    readonly #away = new Set<Tab>();
    readonly #frozen = new Set<Tab>();
    readonly #startedAt = Date.now();
    #isSending = true;
    #number = 0;

    constructor(seed: number, server: ProbedOdoo, profile: Profile) {
        this.#prng = new Prng(seed);
        this.#server = server;
        this.#profile = profile;
    }

    /** Plays a whole sequence; returns what is wrong after it. */
    async play(): Promise<string[]> {
        for (let tab = 0; tab < FIRST_TABS; tab++) {
            await this.open();
        }
        const sending = this.#send();
        for (let step = 0; step < STEPS; step++) {
            await this.#pickAction()(this);
            await pause(this.#prng.below(LONGEST_PAUSE));
        }
        while (this.#away.size) {
            await this.comeBack();
        }
        while (this.#frozen.size) {
            await this.thaw();
        }
        if (!this.#since.size) {
            await this.open();
        }
        this.#isSending = false;
        await sending;
        return this.#problems();
    }

    async open(): Promise<void> {
        if (this.#since.size < MOST_TABS) {
            this.#note("open");
            const tab = await this.#profile.openTab();
            await this.#collect(tab);
        }
    }

    async close(tab: Tab): Promise<void> {
        this.#note("close", tab);
        this.#since.delete(tab);
        await tab.page.close();
    }

    async crash(tab: Tab): Promise<void> {
        this.#note("crash", tab);
        this.#since.delete(tab);
        await tab.crash();
        await tab.page.close();
    }

    async reload(tab: Tab): Promise<void> {
        this.#note("reload", tab);
        await tab.reload();
        await this.#collect(tab);
    }

    /** Into the back/forward cache, if the browser likes. */
    async leave(tab: Tab): Promise<void> {
        this.#note("leave", tab);
        this.#away.add(tab);
        await tab.page.goto(ELSEWHERE);
    }

    async comeBack(): Promise<void> {
        const tab = this.#prng.pick([...this.#away]);
        if (tab) {
            this.#note("come back", tab);
            this.#away.delete(tab);
            await tab.page.goBack();
            await tab.ready();
            if (!(await tab.page.evaluate(() => Boolean(window.received)))) {
                // It was loaded anew.
                await this.#collect(tab);
            }
        }
    }

    /** Blocks the tab's main thread; does not wait for the end of it. */
    async keepBusy(tab: Tab): Promise<void> {
        const duration = this.#prng.below(LONGEST_BUSY);
        this.#note(`busy for ${duration} ms`, tab);
        await tab.page.evaluate((time) => {
            setTimeout(() => {
                const end = Date.now() + time;
                while (Date.now() < end);
            });
        }, duration);
    }

    async freeze(tab: Tab): Promise<void> {
        this.#note("freeze", tab);
        this.#frozen.add(tab);
        await freeze(tab);
    }

    async thaw(): Promise<void> {
        const tab = this.#prng.pick([...this.#frozen]);
        if (tab) {
            this.#note("thaw", tab);
            this.#frozen.delete(tab);
            await show(tab);
        }
    }

    async cutConnections(): Promise<void> {
        this.#note("the network cuts all connections");
        await this.#server.cutConnections();
    }

    async goOffline(): Promise<void> {
        const duration = this.#prng.below(LONGEST_PAUSE);
        this.#note(`offline for ${duration} ms`);
        const [tab] = this.#since.keys();
        await tab?.page.context().setOffline(true);
        await pause(duration);
        await tab?.page.context().setOffline(false);
    }

    async restartServer(): Promise<void> {
        this.#note("the server restarts");
        await this.#server.odoo.restart();
    }

    async withTab(action: (tab: Tab) => Promise<void>): Promise<void> {
        const tabs = [...this.#since.keys()].filter(
            (tab) => !this.#away.has(tab) && !this.#frozen.has(tab)
        );
        // Somebody has to be there: a browser without tabs shows nothing.
        const tab = tabs.length > 1 ? this.#prng.pick(tabs) : undefined;
        if (tab) {
            await action(tab);
        }
    }

    async #collect(tab: Tab): Promise<void> {
        if (!this.#names.has(tab)) {
            this.#names.set(tab, this.#names.size + 1);
        }
        await tab.collect(PROBE_TYPE);
        this.#since.set(tab, await tab.page.evaluate(() => Date.now()));
    }

    async #send(): Promise<void> {
        while (this.#isSending) {
            // While the server restarts nobody knows whether it was committed; the database does later.
            await this.#server.send(USER, 1, this.#number++).catch(() => {});
            await pause(INTERVAL);
        }
    }

    async #problems(): Promise<string[]> {
        const tabs = [...this.#since];
        const sent = await this.#sent();
        const problems = await Promise.all(
            tabs.map(([tab, since]) => {
                const wanted = sent.filter((it) => it.sent >= since).map(({ number }) => number);
                return problemsOf(`tab ${this.#names.get(tab)}`, tab, wanted);
            })
        );
        // A websocket that was cut young has given way to requests.
        await this.#server.waitForServed(1);
        await hostOf(tabs.map(([tab]) => tab));
        await waitUntil("one main tab", 10_000, async () => {
            const answers = await Promise.all(tabs.map(([tab]) => tab.isOnMainTab()));
            return answers.filter(Boolean).length === 1 || JSON.stringify(answers);
        });
        return problems.flat();
    }

    async #sent(): Promise<Sent[]> {
        const rows = await this.#server.odoo.query(
            `select message from bus_bus where message like '%"${PROBE_TYPE}"%' order by id`
        );
        return rows
            .map(({ message }) => JSON.parse(message).payload as Sent)
            .filter(({ sent }) => sent >= this.#startedAt);
    }

    #pickAction(): Action {
        let rest = this.#prng.below(ACTIONS.reduce((sum, [, weight]) => sum + weight, 0));
        return ACTIONS.find(([, weight]) => (rest -= weight) < 0)![0];
    }

    #note(what: string, tab?: Tab): void {
        const name = tab ? ` tab ${this.#names.get(tab)}` : "";
        console.log(`# ${Date.now() - this.#startedAt} ms: ${what}${name}`);
    }
}

/** What the tab lacks after all that time, and what it got twice. */
async function problemsOf(name: string, tab: Tab, wanted: number[]): Promise<string[]> {
    const end = Date.now() + RECOVERY;
    const received = async () => (await tab.received()).numbers;
    const lostOf = (numbers: number[]) => wanted.filter((number) => !numbers.includes(number));
    while (lostOf(await received()).length && Date.now() < end) {
        await pause(100);
    }
    const numbers = await received();
    const lost = lostOf(numbers);
    const twice = numbers.filter((number, index) => numbers.indexOf(number) !== index);
    return [
        ...(lost.length ? [`${name} lost ${lost.join(" ")}`] : []),
        ...(twice.length ? [`${name} got twice ${twice.join(" ")}`] : []),
        ...tab.errors.map((error) => `${name}: ${error}`),
    ];
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
