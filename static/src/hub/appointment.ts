import { Alarm, type Clock } from "../core/clock";
import type { TabId, TabState } from "../core/messages";
import { compareAttention, compareAudibility, compareFitness } from "./fitness";
import type { Roster } from "./roster";

/** Silence, in milliseconds, after which another tab becomes master. It answers each heartbeat. */
export const MASTER_TIMEOUT = 3_000;
/**
 * How long, in milliseconds, the user must attend more to another tab before that one becomes master:
 * users go from one window to another and back.
 */
export const MOVE_DELAY = 1_000;

/**
 * The office of the master tab: nobody's; a tab's; or still of one that was told to leave it. The
 * heartbeat is the one that told them.
 */
type Office =
    | { state: "vacant" }
    | { state: "held"; by: TabId; beat: number }
    | { state: "leaving"; by: TabId; beat: number };

/**
 * Appoints the master tab: the fittest of those that gave a sign of life lately. With no master the
 * heartbeat asks all for one, so a frozen tab can't be appointed. It moves only when the one before has
 * answered that it left, or has been silent for so long that it can't take itself for the master any
 * more: no two tabs are master at the same moment.
 */
export class Appointment {
    #office: Office = { state: "vacant" };
    /** The master of the hub before remains; after it comes the fittest. */
    #isFirst = true;
    /** The user attends more to another tab than to the master, and is not there for a moment only. */
    #hasMovedOn = false;
    readonly #move: Alarm;

    readonly #clock: Clock;
    readonly #roster: Roster;
    readonly #hostTab: TabId;
    readonly #tell: (master: TabId | null) => number;

    /** @param tell tells all tabs in a heartbeat who is master, if anybody; returns its number */
    constructor(
        clock: Clock,
        roster: Roster,
        hostTab: TabId,
        tell: (master: TabId | null) => number
    ) {
        this.#clock = clock;
        this.#roster = roster;
        this.#hostTab = hostTab;
        this.#tell = tell;
        this.#move = new Alarm(clock, () => {
            this.#hasMovedOn = true;
            this.#moveAfter(compareAttention);
        });
    }

    get master(): TabId | null {
        return this.#office.state === "held" ? this.#office.by : null;
    }

    /** The tab that would be master in place of the present one, if it gives a sign of life. */
    get challenger(): TabId | null {
        const { master } = this;
        const next = this.#fittest(this.#roster.tabs.filter((tab) => this.#state(tab).candidate));
        const isBetter =
            master !== null &&
            next !== undefined &&
            [compareAudibility, compareAttention].some(
                (compare) => compare(this.#state(next), this.#state(master)) < 0
            );
        return isBetter ? next : null;
    }

    /**
     * Looks who is to be the master.
     *
     * @param isSettled whether those that come first have had the time to speak
     */
    update(isSettled: boolean): void {
        if (this.#office.state !== "vacant" && !this.#isFit(this.#office.by)) {
            this.#vacate();
        }
        if (this.#office.state === "held") {
            this.#moveAfter(compareAudibility);
        }
        if (this.#office.state === "vacant") {
            this.#appoint(isSettled);
        }
        this.#followUser();
    }

    /** A page was opened: a user who looks at it has left the others, and does not come by only. */
    pageOpened(tab: TabId): void {
        const { master } = this;
        this.#hasMovedOn ||= master !== null && this.#attendsMoreTo(tab, master);
    }

    /** Whether the tab is master, and answers as such: the heartbeat is not one of before. */
    isHeldBy(tab: TabId, beat: number): boolean {
        const office = this.#office;
        return office.state === "held" && office.by === tab && beat >= office.beat;
    }

    /** A tab has answered the heartbeat of this number, and all before. */
    answered(tab: TabId, beat: number): void {
        const office = this.#office;
        if (office.state === "leaving" && office.by === tab && beat >= office.beat) {
            this.#vacate();
        }
    }

    close(): void {
        this.#move.clear();
    }

    #appoint(isSettled: boolean): void {
        const before = this.#isFirst && this.#candidates.find((it) => this.#state(it).master);
        const next = before || (isSettled && this.#fittest(this.#candidates));
        if (next) {
            this.#isFirst = false;
            this.#office = { state: "held", by: next, beat: this.#tell(next) };
        }
    }

    #vacate(): void {
        const { state } = this.#office;
        this.#office = { state: "vacant" };
        if (state === "held") {
            this.#tell(null);
        }
    }

    /** The master leaves if another is better by this measure. */
    #moveAfter(compare: (one: TabState, other: TabState) => number): void {
        if (this.#office.state === "held" && this.#isSurpassed(this.#office.by, compare)) {
            const { by } = this.#office;
            this.#office = { state: "leaving", by, beat: this.#tell(null) };
        }
    }

    /** The user has to attend to another tab for a while; then it moves as soon as that is the fittest. */
    #followUser(): void {
        const { master } = this;
        const isElsewhere =
            master !== null && this.#candidates.some((tab) => this.#attendsMoreTo(tab, master));
        if (!isElsewhere) {
            this.#hasMovedOn = false;
            this.#move.clear();
        } else if (this.#hasMovedOn) {
            this.#moveAfter(compareAttention);
        } else {
            this.#move.ensure(MOVE_DELAY);
        }
    }

    #attendsMoreTo(tab: TabId, other: TabId): boolean {
        return compareAttention(this.#state(tab), this.#state(other)) < 0;
    }

    #isSurpassed(by: TabId, compare: (one: TabState, other: TabState) => number): boolean {
        const next = this.#fittest(this.#candidates);
        return next !== undefined && compare(this.#state(next), this.#state(by)) < 0;
    }

    get #candidates(): TabId[] {
        return this.#roster.tabs.filter((tab) => this.#isFit(tab));
    }

    #isFit(tab: TabId): boolean {
        const isHeard = this.#roster.heardWithin(tab, MASTER_TIMEOUT, this.#clock.now());
        return isHeard && Boolean(this.#roster.state(tab)?.candidate);
    }

    /** Among equals the host tab: when it is gone, that is known at once. */
    #fittest(tabs: TabId[]): TabId | undefined {
        const order = (tab: TabId) => Number(tab !== this.#hostTab);
        return tabs.sort(
            (one, other) =>
                compareFitness(this.#state(one), this.#state(other)) || order(one) - order(other)
        )[0];
    }

    #state(tab: TabId): TabState {
        return this.#roster.state(tab)!;
    }
}
