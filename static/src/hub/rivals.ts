import type { Clock } from "../core/clock";

/** Tells the server that this browser is being used. */
export const USE_EVENT = "bus_quiet_used";
/** What the server tells all browsers of the user then. */
export const USED_TYPE = "bus_quiet/used";
/** How often, in milliseconds, that is told while it goes on. */
export const REPORT_INTERVAL = 30_000;
/** How long after the latest report, in milliseconds, another browser counts as in use. */
export const IN_USE = 90_000;
/** A use that is longer ago, in milliseconds, is none of now: a new hub learns of it late. */
const PRESENT = 5_000;

/** The other browsers of the same user: where one was used later, and still is, this one is quiet. */
export class Rivals {
    /** When this browser was used last, and another one (wall clock, ms). */
    #usedAt = 0;
    #rivalUsedAt = 0;
    #toldAt = 0;

    readonly #clock: Clock;
    readonly #browser: string | null;
    readonly #tell: (event: string, data: unknown) => void;

    /** @param browser name of this browser; null where each browser beeps for itself */
    constructor(
        clock: Clock,
        browser: string | null,
        tell: (event: string, data: unknown) => void
    ) {
        this.#clock = clock;
        this.#browser = browser;
        this.#tell = tell;
    }

    /** Another browser is the one to beep. */
    get isInUse(): boolean {
        const isLater = this.#rivalUsedAt > this.#usedAt;
        return isLater && this.#clock.now() - this.#rivalUsedAt < IN_USE;
    }

    /** @param usedAt when the user last did something in this browser (wall clock, ms) */
    update(usedAt: number): void {
        const now = this.#clock.now();
        if (this.#browser === null || usedAt <= this.#usedAt) {
            return;
        }
        const isReturn = this.isInUse;
        this.#usedAt = usedAt;
        if (now - usedAt < PRESENT && (isReturn || now - this.#toldAt >= REPORT_INTERVAL)) {
            this.#toldAt = now;
            this.#tell(USE_EVENT, { browser: this.#browser });
        }
    }

    /** The server tells that a browser of the user is being used. */
    hear(payload: unknown): void {
        const { browser } = (payload ?? {}) as { browser?: unknown };
        if (this.#browser !== null && typeof browser === "string" && browser !== this.#browser) {
            this.#rivalUsedAt = this.#clock.now();
        }
    }
}
