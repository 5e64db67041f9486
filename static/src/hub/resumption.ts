import type { Clock } from "../core/clock";
import type { ServerNotification, TabState } from "../core/messages";
import { ResumeWindow } from "../core/resume_window";
import type { Time } from "../core/waking_time";

/**
 * Age of a page, in milliseconds, up to which it counts as loaded just now: well inside the time in
 * which the server also looks back on a channel that is new to it (10 s).
 */
const LOADING_TIME = 5_000;

/** From where the server has to repeat, so that no tab lacks anything. */
export class Resumption {
    readonly #clock: Clock;
    /** What the server sent to this hub. */
    #window: ResumeWindow;
    /**
     * Since which numbers of the relay everything after which ids was or will be in it: each time that
     * the server was asked to begin anew, but those from which a later one goes further back.
     */
    #starts: { from: number; sequence: number }[] = [];
    /** The same for each channel by itself: the server was told of some of them later. */
    #coverage = new Map<string, number>();
    /** The server was told channels on the present connection. */
    #isSubscribed = false;

    readonly #evidence: Time;

    /** @param evidence tells up to when what arrives shows that the line was alive */
    constructor(clock: Clock, evidence: Time) {
        this.#clock = clock;
        this.#evidence = evidence;
        this.#window = this.#emptyWindow(Infinity);
    }

    get point(): number {
        return this.#window.resumePoint;
    }

    /** The notifications that were not received before. */
    receive(notifications: ServerNotification[]): ServerNotification[] {
        return notifications.filter(({ id }) => this.#window.accept(id));
    }

    /**
     * Makes sure that whatever the tab lacks is, or will be, in what this hub relays; true when the
     * server has to begin anew from an earlier point for that.
     *
     * @param point the tab's own resume point
     * @param isNew whether the hub hears of the tab for the first time
     * @param sequence number of the latest item that was relayed
     */
    learn(state: TabState, point: number, isNew: boolean, sequence: number): boolean {
        if (!this.#starts.length) {
            return this.#rewind(point, sequence);
        }
        const { memory, settledId, startedAt, channels } = state;
        const from = lacksFrom(state, point);
        // The channels of a page that was loaded just now, and those of a tab that was here all the
        // time, were added just now: the server still has what came on them.
        const wasAway = memory !== "none" || this.#clock.now() - startedAt > LOADING_TIME;
        const isCovered = (channel: string) => this.#coverage.get(channel)! <= from;
        const isServed = this.#starts.some((start) => start.from <= from);
        if (!isServed || (isNew && wasAway && !channels.every(isCovered))) {
            return this.#rewind(from, sequence);
        }
        if (this.#isSubscribed) {
            this.#window.note(settledId);
        }
        return false;
    }

    /**
     * After which number of the relay the tab has to begin in order to get all it lacks, in order: not
     * earlier than needed, for what the server repeated later came too late before.
     */
    startFor(state: TabState, point: number): number {
        const from = lacksFrom(state, point);
        return this.#starts.findLast((start) => start.from <= from)?.sequence ?? 0;
    }

    /**
     * The server is being told these channels; returns the id from which it is to repeat.
     *
     * @param settledId as pages know it from the server
     */
    subscribe(channels: string[], settledId: number): number {
        const last = this.#window.resumePoint;
        // A connection has one starting point, however often its channels change.
        const from = this.#isSubscribed ? this.#window.highest : last;
        this.#isSubscribed = true;
        this.#coverage = new Map(channels.map((it) => [it, this.#coverage.get(it) ?? from]));
        this.#window.note(settledId);
        return last;
    }

    disconnect(): void {
        this.#isSubscribed = false;
        this.#window.forgetNotes();
    }

    /** Some of what was relayed is no longer kept: the next tab that says so has it repeated. */
    forgetRelayed(): void {
        this.#starts = [];
    }

    /** Nothing was received yet: the server's database is another one. */
    startOver(): void {
        this.#starts = [];
        this.#coverage = new Map();
        this.#window = this.#emptyWindow(Infinity);
    }

    #emptyWindow(point: number): ResumeWindow {
        return new ResumeWindow(this.#clock, { point, recent: [] }, this.#evidence);
    }

    /** Nothing of what was received is taken over: each tab drops what it has of what is repeated. */
    #rewind(to: number, sequence: number): true {
        const point = Math.min(to, this.#window.resumePoint);
        this.#starts = this.#starts.filter(({ from }) => from < point);
        this.#starts.push({ from: point, sequence });
        this.#window = this.#emptyWindow(point);
        return true;
    }
}

/** The tab has everything up to this id. A page without a past wants what came since it was made. */
function lacksFrom({ memory, settledId }: TabState, point: number): number {
    return memory === "none" ? settledId || Infinity : point;
}
