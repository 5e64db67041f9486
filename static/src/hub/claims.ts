import type { ClaimMemory, ClaimOutcome, ClaimRequest } from "../core/claim";
import { Alarm, type Clock } from "../core/clock";
import type { Draft, HubMessage, TabId } from "../core/messages";
import { RecentMap } from "../core/recent_map";
import { compareFitness } from "./fitness";
import type { Roster } from "./roster";

/** How long, in milliseconds, others wait for the master tab, and for a tab that the user looks at. */
export const PATIENCE = 250;
/** How long, in milliseconds, a tab has to begin: it may be busy, frozen or gone. */
export const LEASE = 800;
/** How much longer, in milliseconds, the hub waits for the word that it has begun. */
const LEASE_MARGIN = 500;
/** The word may be here already, behind the timer. */
const LAST_LOOK = 50;
/** How long, in milliseconds, a tab may take to notice that it made no sound. */
const REFUSAL_TIME = 200;
/** Age of an event, in milliseconds, up to which its sound waits for a tab that can be heard. */
export const LARGEST_AGE = 5_000;
/** Of how many events the hub remembers that they are done: a tab may hear of them late. */
const MEMORY = 500;

export interface ClaimsOptions {
    /** How long, in milliseconds, a sound makes others superfluous. */
    beepInterval: number;
    /** Another browser of the user makes the sounds. */
    isQuiet: () => boolean;
    master: () => TabId | null;
    post: (message: Draft<HubMessage>) => void;
}

interface Claim extends ClaimRequest {
    /** Waiting for a tab; given to one; given, and the word is late; begun. */
    state: "open" | "granted" | "overdue" | "taken";
    askers: Set<TabId>;
    /** Had it, and did not begin. */
    failed: Set<TabId>;
    holder: TabId | null;
    /** When it is to be looked at again (wall clock, ms). */
    due: number;
}

/**
 * Has each event handled by one of the tabs that ask, the master tab if possible. A tab that does not
 * begin in time may not begin any more, and another gets it: once, whoever is closed, crashes, freezes
 * or is busy meanwhile.
 */
export class Claims {
    readonly #claims = new Map<string, Claim>();
    readonly #settled = new RecentMap<true>(MEMORY);
    #beepedAt = 0;
    /** The sound that was given to a tab last, unless it is settled. */
    #sounding: Claim | null = null;
    /** When the first of them is to be looked at again. */
    #due = Infinity;
    readonly #alarm: Alarm;

    readonly #clock: Clock;
    readonly #roster: Roster;
    readonly #options: ClaimsOptions;
    /** All that is known of claims made before has been said. */
    #isSettled = false;

    constructor(clock: Clock, roster: Roster, options: ClaimsOptions) {
        this.#clock = clock;
        this.#roster = roster;
        this.#options = options;
        this.#alarm = new Alarm(clock, () => this.update());
    }

    /** A tab asks for it. */
    ask(tab: TabId, request: ClaimRequest): void {
        const claim = this.#request(tab, request);
        if (claim) {
            this.#advance(claim);
        }
    }

    /** A tab says what came of it. */
    report(tab: TabId, key: string, outcome: ClaimOutcome): void {
        const claim = this.#claims.get(key);
        if (outcome === "unneeded") {
            this.#settle(key);
        } else if (claim && outcome === "taken") {
            this.#take(claim, tab);
        } else if (claim?.holder === tab && outcome === "refused") {
            this.#roster.mute(tab);
            this.#beepedAt = 0;
            claim.state = "open";
        }
        if (claim?.isSound) {
            // Others may have waited for what becomes of it.
            this.update();
        } else if (claim && this.#claims.has(key)) {
            this.#advance(claim);
        }
    }

    /** What a tab knows that was here before this hub. */
    adopt(tab: TabId, { open, settled, beepedAt }: ClaimMemory): void {
        this.#beepedAt = Math.max(this.#beepedAt, beepedAt);
        settled.filter((key) => !this.#settled.has(key)).forEach((key) => this.#settle(key));
        for (const { grant, ...request } of open) {
            const claim = this.#request(tab, request);
            if (grant?.isTaken && claim) {
                this.#take(claim, grant.holder);
            } else if (grant && claim?.state === "open" && !claim.failed.has(grant.holder)) {
                this.#lend(claim, grant.holder, grant.until);
            }
        }
        this.update();
    }

    /** The tabs have had the time to say what was before this hub. */
    begin(): void {
        this.#isSettled = true;
        this.update();
    }

    /** A tab is gone, and what it had not begun is another's. */
    dismiss(tab: TabId): void {
        for (const claim of this.#claims.values()) {
            if (claim.holder === tab && ["granted", "overdue"].includes(claim.state)) {
                claim.failed.add(tab);
                claim.state = "open";
            }
        }
    }

    /** Goes on with all: a tab or its state, or the time, has changed. */
    update(): void {
        this.#due = Infinity;
        this.#alarm.clear();
        for (const claim of this.#claims.values()) {
            this.#advance(claim);
        }
    }

    close(): void {
        this.#alarm.clear();
    }

    #request(tab: TabId, { key, isSound, askedAt }: ClaimRequest): Claim | undefined {
        if (this.#settled.has(key)) {
            this.#settle(key);
            return undefined;
        }
        const claim: Claim = this.#claims.get(key) ?? {
            key,
            isSound,
            askedAt,
            state: "open",
            askers: new Set(),
            failed: new Set(),
            holder: null,
            due: Infinity,
        };
        this.#claims.set(key, claim);
        claim.askers.add(tab);
        claim.askedAt = Math.min(claim.askedAt, askedAt);
        return claim;
    }

    #advance(claim: Claim): void {
        const now = this.#clock.now();
        if (claim.state !== "open" && now >= claim.due) {
            switch (claim.state) {
                case "granted":
                    claim.state = "overdue";
                    claim.due = now + LAST_LOOK;
                    break;
                case "overdue":
                    claim.failed.add(claim.holder!);
                    claim.state = "open";
                    break;
                case "taken":
                    this.#settle(claim.key);
            }
        }
        if (claim.state === "open" && this.#isSettled) {
            this.#assign(claim, now);
        }
        if (this.#claims.has(claim.key) && claim.due < this.#due) {
            this.#due = claim.due;
            this.#alarm.set(Math.max(0, claim.due - now));
        }
    }

    #assign(claim: Claim, now: number): void {
        const { askedAt, isSound, key } = claim;
        const { beepInterval, isQuiet } = this.#options;
        // An interval of 1 ms is none: what comes at the same moment beeps as well.
        const isTooSoon = this.#beepedAt <= now && now < this.#beepedAt + beepInterval - 1;
        if ((isSound && (isTooSoon || isQuiet())) || now - askedAt > LARGEST_AGE) {
            return this.#settle(key);
        }
        const next = this.#fittest(claim) ?? this.#fittestAfterAll(claim);
        if (!next || this.#mustWait(claim)) {
            claim.due = askedAt + LARGEST_AGE + 1;
        } else if (!this.#isComplete(claim) && now < askedAt + PATIENCE) {
            claim.due = askedAt + PATIENCE;
        } else {
            const until = now + LEASE;
            this.#lend(claim, next, until);
            this.#options.post({ kind: "grant", key, holder: next, until });
        }
    }

    /** A sound that is about to come may make this one superfluous. */
    #mustWait({ isSound }: Claim): boolean {
        return isSound && ["granted", "overdue"].includes(this.#sounding?.state ?? "");
    }

    #fittest({ askers, failed, isSound }: Claim): TabId | undefined {
        const master = this.#options.master();
        const state = (tab: TabId) => this.#roster.state(tab)!;
        return [...askers]
            .filter((tab) => this.#roster.has(tab) && !failed.has(tab))
            .filter((tab) => !isSound || state(tab).audibility !== "muted")
            .sort(
                (one, other) =>
                    Number(other === master) - Number(one === master) ||
                    compareFitness(state(one), state(other))
            )[0];
    }

    /** All had their chance; one may have been frozen, and be back. */
    #fittestAfterAll(claim: Claim): TabId | undefined {
        claim.failed.clear();
        return this.#fittest(claim);
    }

    /** Those that come first, or may know that it is not needed, have asked. */
    #isComplete({ askers, failed }: Claim): boolean {
        const master = this.#options.master();
        const focused = this.#roster.tabs.filter(
            (tab) => this.#roster.state(tab)!.attention === "focused"
        );
        return master !== null && [master, ...focused].every((tab) => askers.has(tab) || failed.has(tab));
    }

    #lend(claim: Claim, holder: TabId, until: number): void {
        claim.state = "granted";
        claim.holder = holder;
        claim.due = until + LEASE_MARGIN;
        if (claim.isSound) {
            this.#sounding = claim;
        }
    }

    #take(claim: Claim, holder: TabId): void {
        const now = this.#clock.now();
        claim.state = "taken";
        claim.holder = holder;
        claim.due = claim.isSound ? now + REFUSAL_TIME : now;
        if (claim.isSound) {
            this.#beepedAt = now;
        }
    }

    #settle(key: string): void {
        this.#claims.delete(key);
        if (this.#sounding?.key === key) {
            this.#sounding = null;
        }
        this.#settled.set(key, true);
        this.#options.post({ kind: "settled", key, beepedAt: this.#beepedAt });
    }
}
