import { Alarm, type Clock } from "../core/clock";

/**
 * How long, in milliseconds, a tab waits for an appointment before it answers from what it knows: the
 * answer must never stay away.
 */
export const APPOINTMENT_TIMEOUT = 3_500;
/**
 * For how long, in milliseconds, an appointment holds without being repeated. Shorter than the silence
 * after which the hub appoints another tab (`MASTER_TIMEOUT`): one that was frozen does not take itself
 * for the master still.
 */
export const MASTER_LEASE = 2_500;

/** Whether this tab is the master tab. */
export class Mastership {
    isMaster = false;
    isCandidate = true;
    /** When the hub last said who is the master, if anybody. */
    #heardAt = -Infinity;
    #waiting: (() => void)[] = [];
    readonly #timeout: Alarm;
    /** Not repeated in time: perhaps this page was frozen, and another is master now. */
    readonly #lease: Alarm;

    readonly #clock: Clock;
    readonly #onChange: (isMaster: boolean) => void;

    /** @param onChange called on each change, with the new value */
    constructor(clock: Clock, onChange: (isMaster: boolean) => void) {
        this.#clock = clock;
        this.#onChange = onChange;
        this.#timeout = new Alarm(clock, () => this.#settle());
        this.#lease = new Alarm(clock, () => this.hear(null));
    }

    /** Whether this tab is the master; waits only while the hub has not said lately who is. */
    async answer(): Promise<boolean> {
        const isKnown = this.#clock.now() - this.#heardAt <= MASTER_LEASE;
        if (this.isCandidate && !isKnown) {
            this.#timeout.ensure(APPOINTMENT_TIMEOUT);
            await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        return this.isMaster;
    }

    /** @param isMaster whether the hub says that this tab is the master; null while none is */
    hear(isMaster: boolean | null): void {
        this.#set(isMaster ?? false);
        this.#heardAt = isMaster === null ? -Infinity : this.#clock.now();
        if (this.isMaster) {
            this.#lease.set(MASTER_LEASE);
        }
        if (isMaster !== null) {
            this.#settle();
        }
    }

    /** The page goes away or to sleep: another becomes master. */
    leave(): void {
        this.hear(null);
    }

    #set(isMaster: boolean): void {
        if (this.isMaster !== (isMaster && this.isCandidate)) {
            this.isMaster = !this.isMaster;
            this.#lease.clear();
            this.#onChange(this.isMaster);
        }
    }

    /** Is no candidate any more. */
    resign(): void {
        this.isCandidate = false;
        this.#set(false);
        this.#settle();
    }

    #settle(): void {
        this.#timeout.clear();
        this.#waiting.forEach((resolve) => resolve());
        this.#waiting = [];
    }
}
