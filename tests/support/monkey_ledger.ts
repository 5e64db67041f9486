import type { Browser, Deed, Page } from "./fake_browser";
import { privateChannel, USER_CHANNEL } from "./fake_connection";

/** How long two connections may be open while one hub hands over to another, in milliseconds. */
const HANDOVER = 100;

/** For how long one beep makes others superfluous, in milliseconds. */
const BEEP_INTERVAL = 999;

/**
 * What a page does, and crashes or is frozen within this of it, in milliseconds, may have been cut short, and
 * may be known to none if all others are frozen or gone: 200 ms in which a sound may be refused, and the ways
 * to the hub and back.
 */
const CONFIRMATION = 250;

/** Keeps account of what each page must get, and tells what is wrong in the end. */
export class Ledger {
    readonly #browser: Browser;
    /** The channels of each page. */
    readonly #channels = new Map<Page, string[]>();
    /** The ids that each page must get. */
    readonly #expected = new Map<Page, Set<number>>();
    readonly #published = new Map<number, string>();
    /** Where two pages took themselves for the master. */
    readonly #surplusMasters: { scope: string; problem: string }[] = [];
    /** What has to be acted on, if a page gets it: nothing else happens meanwhile. */
    readonly #awaited = new Map<string, { id: number; since: number }>();

    constructor(browser: Browser) {
        this.#browser = browser;
    }

    open(page: Page, channel: string): void {
        this.#channels.set(page, [channel]);
        this.#expected.set(page, new Set());
    }

    channelsOf(page: Page): string[] {
        return this.#channels.get(page)!;
    }

    addChannel(page: Page, channel: string): void {
        this.#channels.get(page)!.push(channel);
    }

    deleteChannel(page: Page, channel: string): void {
        const channels = this.#channels.get(page)!;
        channels.splice(channels.indexOf(channel), 1);
        if (!channels.includes(channel)) {
            // What is under way may come or not.
            const expected = this.#expected.get(page)!;
            expected.forEach((id) => this.#published.get(id) === channel && expected.delete(id));
        }
    }

    publish(id: number, channel: string): void {
        this.#published.set(id, channel);
        for (const [page, channels] of this.#channels) {
            const all = [...channels, USER_CHANNEL, privateChannel(page.scope)];
            if (page.isAlive && all.includes(channel)) {
                this.#expected.get(page)!.add(id);
            }
        }
    }

    /** Looks whether two pages take themselves for the master at this moment. */
    countMasters(): void {
        const masters = this.#browser.masters.filter(({ process }) => !process.isFrozen);
        for (const [index, { scope, id }] of masters.entries()) {
            const other = masters.slice(index + 1).find((it) => it.scope === scope);
            if (other) {
                const problem = `${this.#browser.age} ms: ${id} and ${other.id} are masters`;
                this.#surplusMasters.push({ scope, problem });
            }
        }
    }

    /** All is at rest: a page of the scope must act on this notification, if one gets it. */
    expectDeeds(scope: string, id: number): void {
        this.#awaited.set(scope, { id, since: this.#browser.clock.now() });
    }

    /** What is wrong in a scope whose user is logged in, and where all has come to rest. */
    problems(scope: string): string[] {
        const isOfScope = (it: { scope: string }) => it.scope === scope;
        const pages = this.#browser.living.filter(isOfScope);
        const served = pages.filter((page) => !page.isOutdated);
        const connections = this.#browser.server.served.filter(isOfScope);
        const atMostOne = Math.min(served.length, 1);
        const problems = [
            ...expect("open connections", countOpen(connections), atMostOne),
            ...expect("masters", this.#browser.masters.filter(isOfScope).length, atMostOne),
            ...expect("rate limits", connections.filter((it) => it.isRateLimited).length, 0),
            ...overlaps(connections),
            ...this.#surplusMasters.filter(isOfScope).map(({ problem }) => problem),
            ...this.#surplusDeeds(scope),
            ...this.#missingDeeds(scope, served),
            ...pages.flatMap((page) => this.#excess(page)),
            ...served.flatMap((page) => [...this.#lack(page), ...this.#disorder(page)]),
        ];
        return problems.map((problem) => `${scope}: ${problem}`);
    }

    #deedsOf(scope: string, kind: Deed["kind"]): Deed[] {
        return this.#browser.deeds.filter((deed) => deed.page.scope === scope && deed.kind === kind);
    }

    /** Nothing is done twice, unless it was cut short, and no beep follows another too soon. */
    #surplusDeeds(scope: string): string[] {
        const isWhole = ({ page, at }: Deed) =>
            !page.stops.some((stop) => at <= stop && stop <= at + CONFIRMATION);
        const events = this.#deedsOf(scope, "event").filter(isWhole);
        const beeps = this.#deedsOf(scope, "beep").filter(isWhole);
        const repeated = [events, beeps].flatMap((deeds) =>
            deeds.filter(({ id }, index) => deeds.findIndex((it) => it.id === id) !== index)
        );
        const hasty = beeps.filter(
            ({ at }, index) => index > 0 && at - beeps[index - 1]!.at < BEEP_INTERVAL
        );
        return [
            ...repeated.map(({ kind, id, page }) => `${page.id} does it again: ${kind} ${id}`),
            ...hasty.map(({ id, page }) => `${page.id} beeps for ${id} too soon`),
        ];
    }

    #missingDeeds(scope: string, served: Page[]): string[] {
        const { id, since } = this.#awaited.get(scope)!;
        const informed = served.filter(({ ids }) => ids.includes(id));
        const isDone = this.#deedsOf(scope, "event").some((deed) => deed.id === id);
        // It may be one beep with what came just before.
        const isHeard = this.#deedsOf(scope, "beep").some(({ at }) => at > since - BEEP_INTERVAL);
        const mayBeHeard = informed.some((page) => page.mayBeHeard);
        return [
            ...expect(`${id} is acted on`, isDone, informed.length > 0),
            ...(mayBeHeard ? expect(`${id} beeps`, isHeard, true) : []),
        ];
    }

    /** What no page may get: anything twice, or of another user. */
    #excess({ id, ids, scope, events }: Page): string[] {
        const isForeign = (it: number) => {
            const channel = this.#published.get(it);
            return channel?.startsWith("private") && channel !== privateChannel(scope);
        };
        const outdated = events.filter(({ type }) => type === "BUS:OUTDATED");
        return [
            ...expect(`${id} got twice`, ids.filter((it, index) => ids.indexOf(it) !== index), []),
            ...expect(`${id} got of another user`, ids.filter(isForeign), []),
            ...(outdated.length > 1 ? [`${id} was told ${outdated.length} times to reload`] : []),
        ];
    }

    #lack(page: Page): string[] {
        const seen = new Set(page.ids);
        const lost = [...this.#expected.get(page)!].filter((it) => !seen.has(it));
        return [
            ...expect(`${page.id} lost`, lost, []),
            ...expect(`${page.id} is`, page.workerState, "CONNECTED"),
        ];
    }

    /**
     * Where all connections that sent both of two ids sent one first, so must the page get it, unless
     * it had not been committed yet when the other was sent, or its channel was not subscribed to.
     */
    #disorder(page: Page): string[] {
        const { server } = this.#browser;
        const connections = server.served.filter(({ scope }) => scope === page.scope);
        const expected = this.#expected.get(page)!;
        const ids = page.ids.filter((it) => expected.has(it));
        const cameLate = (late: number, before: number) => {
            const first = connections.find(({ sent }) => sent.has(before))!;
            const both = connections.filter(({ sent }) => sent.has(late) && sent.has(before));
            return (
                first.listensTo(this.#published.get(late)!) &&
                server.committedAt(late) < first.sent.get(before)! &&
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
}

/** A client of polls counts between two of them, unless something else serves by now: it need not say so. */
function countOpen(connections: Browser["server"]["served"]): number {
    const held = connections.filter(({ closedAt }) => closedAt === Infinity);
    return held.length || connections.filter(({ isOpen }) => isOpen).length;
}

/**
 * Connections that were open at the same time for longer than a handover. That of a frozen host can't
 * be closed before it thaws.
 */
function overlaps(all: Browser["server"]["served"]): string[] {
    const connections = all.filter(({ process }) => !process.wasFrozen);
    return connections.slice(1).flatMap((later, index) => {
        const overlap = Math.min(later.closedAt, connections[index]!.closedAt) - later.subscribedAt;
        return overlap > HANDOVER ? [`two connections for ${overlap} ms`] : [];
    });
}

function expect(what: string, actual: unknown, expected: unknown): string[] {
    const [is, shouldBe] = [actual, expected].map((value) => JSON.stringify(value));
    return is === shouldBe ? [] : [`${what}: ${is}, not ${shouldBe}`];
}
