import { Alarm, type Clock } from "../core/clock";

/**
 * How long, in milliseconds, a tab waits for the first appointment before it answers that it is not
 * the master: the answer must never stay away.
 */
export const APPOINTMENT_TIMEOUT = 3_500;

/** Whether this tab is the master tab. */
export class Mastership {
    isMaster = false;
    isCandidate = true;
    #settled: Promise<void>;
    #resolveSettled!: () => void;
    readonly #timeout: Alarm;

    readonly #onChange: (isMaster: boolean) => void;

    /** @param onChange called on each change, with the new value */
    constructor(clock: Clock, onChange: (isMaster: boolean) => void) {
        this.#onChange = onChange;
        this.#settled = new Promise((resolve) => (this.#resolveSettled = resolve));
        this.#timeout = new Alarm(clock, () => this.settle());
    }

    /** Whether this tab is the master; waits for an appointment only when there was none yet. */
    async answer(): Promise<boolean> {
        if (!this.isCandidate) {
            return false;
        }
        this.#timeout.ensure(APPOINTMENT_TIMEOUT);
        await this.#settled;
        this.#timeout.clear();
        return this.isMaster;
    }

    /** A master is appointed, or none will be in time. */
    settle(): void {
        this.#resolveSettled();
    }

    set(isMaster: boolean): void {
        if (this.isMaster !== (isMaster && this.isCandidate)) {
            this.isMaster = !this.isMaster;
            this.#onChange(this.isMaster);
        }
    }

    /** Is no candidate any more. */
    resign(): void {
        this.isCandidate = false;
        this.set(false);
    }
}
