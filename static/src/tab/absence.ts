import { Alarm, type Clock } from "../core/clock";

/**
 * Silence of the hubs, in milliseconds, after which a tab asks the server whether it still has all that
 * the tab lacks. The server keeps notifications for a day (`bus.gc_retention_seconds`).
 */
export const LONG_ABSENCE = 10 * 60_000;
/** How long, in milliseconds, the tab waits before it asks again where there was no answer. */
export const QUESTION_INTERVAL = 30_000;

/** Asks the server whether it may have deleted notifications after this id. */
export type HasMissed = (lastId: number) => Promise<boolean>;

/** Notices that the tab was away for so long that what it missed may be gone for good. */
export class Absence {
    readonly #clock: Clock;
    readonly #hasMissed: HasMissed;
    readonly #onMissed: () => void;
    readonly #retry: Alarm;
    #heardAt: number;
    /** Everything up to this id was here before the absence; 0: no question is open. */
    #lastId = 0;

    constructor(clock: Clock, hasMissed: HasMissed, onMissed: () => void) {
        this.#clock = clock;
        this.#hasMissed = hasMissed;
        this.#onMissed = onMissed;
        this.#heardAt = clock.now();
        this.#retry = new Alarm(clock, () => void this.#ask());
    }

    /**
     * A hub was heard.
     *
     * @param lastId everything up to it is here
     */
    end(lastId: number): void {
        const absence = this.#clock.now() - this.#heardAt;
        this.#heardAt = this.#clock.now();
        if (absence > LONG_ABSENCE) {
            // A question that is still open reaches further back.
            this.#lastId ||= lastId;
            void this.#ask();
        }
    }

    async #ask(): Promise<void> {
        this.#retry.clear();
        try {
            const hasMissed = this.#lastId > 0 && (await this.#hasMissed(this.#lastId));
            // Asked twice, answered once.
            if (hasMissed && this.#lastId) {
                this.#onMissed();
            }
            this.#lastId = 0;
        } catch {
            // The server can't be reached: that is no answer.
            this.#retry.set(QUESTION_INTERVAL);
        }
    }
}
