/** What the browsers of many users go through from morning to evening; a seed determines it. */
import { Prng } from "../../../support/prng";

/** Times are whole ticks, in seconds: what happens within one happens at the same time. */
export const TICK = 5;

export type Happening =
    /** The browser is opened with all its tabs, or closed. */
    | "open"
    | "close"
    /** A page is loaded in one of the tabs. */
    | "load"
    /** The connection is lost, with or without the computer, and the network is back. */
    | "lose"
    | "return"
    /** The server closes a connection that is old, and the browser connects anew at once. */
    | "renew"
    /** Nobody has touched the computer for half an hour, and somebody does again. */
    | "away"
    | "back";

export interface Moment {
    /** In seconds since 8:00. */
    at: number;
    happening: Happening;
}

export interface BrowserTrace {
    user: number;
    tabs: number;
    moments: Moment[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Between two page loads of who works, on average. */
const LOAD_INTERVAL = 5 * MINUTE;
/** Between two losses of the network: another access point, a proxy that gives up. */
const DROP_INTERVAL = 90 * MINUTE;
/** Most are short. */
const SHORT_DROP = 12;
const LONG_DROP = 4 * MINUTE;
/** Stock's limit for the age of a connection, which it makes longer by up to a half. */
const LARGEST_AGE = HOUR;
const AWAY_DELAY = 30 * MINUTE;
export const AWAY_DELAY_MS = AWAY_DELAY * 1_000 + 1;
const MOST_TABS = 8;
const PHONE_SHARE = 0.3;
const PHONE_INTERVAL = 45 * MINUTE;

/** When nobody is at the computer. */
interface Break {
    start: number;
    end: number;
    isAsleep: boolean;
}

export function makeTrace(users: number, seed: number): BrowserTrace[] {
    const random = new Prng(seed);
    return Array.from({ length: users }, (_, user) => new Day(random, user).browsers()).flat();
}

class Day {
    readonly #random: Prng;
    readonly #user: number;
    readonly #start: number;
    readonly #end: number;

    constructor(random: Prng, user: number) {
        this.#random = random;
        this.#user = user;
        this.#start = this.#between(0, 1.5 * HOUR);
        this.#end = this.#between(8.5 * HOUR, 10.5 * HOUR);
    }

    browsers(): BrowserTrace[] {
        const desk = { user: this.#user, tabs: this.#tabCount(), moments: this.#desk() };
        const hasPhone = this.#random.next() < PHONE_SHARE;
        return hasPhone ? [desk, { user: this.#user, tabs: 1, moments: this.#phone() }] : [desk];
    }

    /** Most have few: one is twice as frequent as two, and eight times as frequent as eight. */
    #tabCount(): number {
        const shares = Array.from({ length: MOST_TABS }, (_, index) => 1 / (index + 1));
        let rest = this.#random.next() * shares.reduce((sum, share) => sum + share);
        return shares.findIndex((share) => (rest -= share) < 0) + 1;
    }

    #desk(): Moment[] {
        const breaks = this.#breaks();
        const absences = [...breaks.filter(({ isAsleep }) => isAsleep), ...this.#drops(breaks)];
        absences.sort((one, other) => one.start - other.start);
        const isHere = (at: number) => breaks.every(({ start, end }) => at < start || at > end);
        const isConnected = (at: number) =>
            absences.every(({ start, end }) => at < start - TICK || at > end + TICK);
        const moments: Moment[] = [
            { at: this.#start, happening: "open" },
            ...absences.flatMap(({ start, end }): Moment[] => [
                { at: start, happening: "lose" },
                { at: end, happening: "return" },
            ]),
            ...breaks
                .filter(({ start, end, isAsleep }) => !isAsleep && end - start > AWAY_DELAY)
                .flatMap(({ start, end }): Moment[] => [
                    { at: start + AWAY_DELAY, happening: "away" },
                    { at: end, happening: "back" },
                ]),
            ...this.#repeated(LOAD_INTERVAL, this.#start, this.#end)
                .filter((at) => isHere(at) && isConnected(at))
                .map((at): Moment => ({ at, happening: "load" })),
            ...this.#renewals([this.#start, ...absences.map(({ end }) => end)])
                .filter(isConnected)
                .map((at): Moment => ({ at, happening: "renew" })),
            { at: this.#end, happening: "close" },
        ];
        return moments.sort((one, other) => one.at - other.at);
    }

    /** Lunch, and for half of them a meeting. */
    #breaks(): Break[] {
        const lunch = this.#between(4 * HOUR, 5 * HOUR);
        const breaks = [this.#break(lunch, 30 * MINUTE, 60 * MINUTE, 0.6)];
        if (this.#random.next() < 0.5) {
            const meeting = this.#between(6.5 * HOUR, 7.3 * HOUR);
            breaks.push(this.#break(meeting, 40 * MINUTE, 70 * MINUTE, 0.5));
        }
        return breaks;
    }

    #break(start: number, least: number, most: number, sleepers: number): Break {
        const end = start + this.#between(least, most);
        return { start, end, isAsleep: this.#random.next() < sleepers };
    }

    #drops(breaks: Break[]): Break[] {
        const drops: Break[] = [];
        for (const start of this.#repeated(DROP_INTERVAL, this.#start + HOUR / 4, this.#end - HOUR / 4)) {
            const isShort = this.#random.next() < 0.8;
            const end = start + this.#between(TICK, isShort ? SHORT_DROP : LONG_DROP);
            const isApart = [...breaks, ...drops].every(
                (other) => end + 60 < other.start || start - 60 > other.end
            );
            if (isApart) {
                drops.push({ start, end, isAsleep: false });
            }
        }
        return drops;
    }

    #renewals(connections: number[]): number[] {
        return connections.flatMap((connectedAt, index) => {
            const end = connections[index + 1] ?? this.#end;
            const times: number[] = [];
            for (let at = this.#renewal(connectedAt); at < end; at = this.#renewal(at)) {
                times.push(at);
            }
            return times;
        });
    }

    #renewal(connectedAt: number): number {
        return this.#between(connectedAt + LARGEST_AGE, connectedAt + 1.5 * LARGEST_AGE);
    }

    /** Looks in now and then, for one to five minutes. */
    #phone(): Moment[] {
        const moments: Moment[] = [];
        for (const at of this.#repeated(PHONE_INTERVAL, this.#start, this.#end)) {
            if (at > (moments.at(-1)?.at ?? 0)) {
                moments.push({ at, happening: "open" });
                moments.push({ at: at + this.#between(MINUTE, 5 * MINUTE), happening: "close" });
            }
        }
        return moments;
    }

    /** Times that follow each other at random. */
    #repeated(interval: number, start: number, end: number): number[] {
        const times: number[] = [];
        for (let at = start; ; ) {
            at += Math.ceil((-Math.log(1 - this.#random.next()) * interval) / TICK) * TICK;
            if (at >= end) {
                return times;
            }
            times.push(at);
        }
    }

    /** A whole tick. */
    #between(least: number, most: number): number {
        return Math.round((least + this.#random.next() * (most - least)) / TICK) * TICK;
    }
}

/**
 * How often the status of these users really changes: who is back within the grace was never gone,
 * and who works at one of two computers is not away.
 *
 * @param grace in seconds
 */
export function countChanges(trace: BrowserTrace[], grace: number): number {
    const byUser = new Map<number, BrowserTrace[]>();
    for (const browser of trace) {
        byUser.set(browser.user, [...(byUser.get(browser.user) ?? []), browser]);
    }
    let changes = 0;
    for (const browsers of byUser.values()) {
        const spans = browsers.flatMap(({ moments }) => spansOf(moments, grace));
        let before = "offline";
        for (const at of [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((one, other) => one - other)) {
            const current = spans.filter(({ start, end }) => start <= at && at < end);
            const isActive = current.some((span) => span.isActive);
            const status = isActive ? "online" : current.length ? "away" : "offline";
            changes += Number(status !== before);
            before = status;
        }
    }
    return changes;
}

/** When a browser shows its user as active or away; what it showed last counts for the grace. */
function spansOf(moments: Moment[], grace: number) {
    const spans: { start: number; end: number; isActive: boolean }[] = [];
    let [isConnected, isActive, start] = [false, true, 0];
    const show = (end: number) => {
        if (isConnected) {
            spans.push({ start, end, isActive });
        }
    };
    for (const { at, happening } of moments) {
        if (happening === "open" || happening === "return") {
            [isConnected, start] = [true, at];
        } else if (happening === "lose" || happening === "close") {
            show(at + grace);
            isConnected = false;
        } else if (happening === "away" || happening === "back") {
            show(at);
            [isActive, start] = [happening === "back", at];
        }
    }
    return spans;
}
