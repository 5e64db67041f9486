import { Alarm, type Clock } from "../core/clock";

/** How long, in milliseconds, the reports of the tabs are gathered (stock: 300). */
export const PRESENCE_DELAY = 300;

/**
 * Makes one `update_presence` for the browser out of those of its tabs: the user is as active as in
 * the tab where they were active last.
 */
export class PresenceReports {
    #inactivity = Infinity;
    #senders: (() => void)[] = [];
    readonly #report: (inactivity: number, sent: () => void) => void;
    readonly #gather: Alarm;

    /** @param report sends the least inactivity in milliseconds, and calls `sent` when that is done */
    constructor(clock: Clock, report: (inactivity: number, sent: () => void) => void) {
        this.#report = report;
        this.#gather = new Alarm(clock, () => this.#flush());
    }

    add(inactivity: number, sent: () => void): void {
        this.#inactivity = Math.min(this.#inactivity, inactivity);
        this.#senders.push(sent);
        this.#gather.ensure(PRESENCE_DELAY);
    }

    #flush(): void {
        const inactivity = this.#inactivity;
        const senders = this.#senders;
        this.#inactivity = Infinity;
        this.#senders = [];
        this.#report(inactivity, () => senders.forEach((sent) => sent()));
    }
}
