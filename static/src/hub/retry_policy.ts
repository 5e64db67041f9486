import {
    FIRST_RETRY_DELAY,
    longestDelayIn,
    type Random,
    retryDelay,
    SERVER_CLOSE_SPREAD,
} from "../core/back_off";
import type { Clock } from "../core/clock";
import { CloseCode, type Closure } from "../transport/transport";

/** A connection that closes sooner, in milliseconds, counts as an attempt that failed. */
const LEAST_SERVICE = 1_000;
/** The same where the server refuses us; a busy one takes its time to say so. */
const REFUSAL_PERIOD = 10_000;

/** Tells from how the attempts before went when to connect again. */
export class RetryPolicy {
    /** Attempts in a row that came to nothing, those included that opened only to close. */
    #failures = 0;
    #triedAt = -Infinity;
    #openedAt = Infinity;
    /** Until when the server asks to be left alone. */
    #leftAloneUntil = -Infinity;
    /** When the server was in reach last, or was to be reached first. */
    #reachedAt: number;

    readonly #clock: Clock;
    readonly #random: Random;

    constructor(clock: Clock, random: Random) {
        this.#clock = clock;
        this.#random = random;
        this.#reachedAt = clock.now();
    }

    /** There was an attempt. */
    get hasTried(): boolean {
        return this.#triedAt > -Infinity;
    }

    /** An attempt begins. */
    tried(): void {
        this.#triedAt = this.#clock.now();
    }

    /** It opened a connection. */
    opened(): void {
        this.#openedAt = this.#clock.now();
    }

    /** Forgets what failed: the reason for it is gone. */
    forgive(): void {
        this.#failures = 0;
    }

    /** How long to wait, in milliseconds, where a tab wants a connection now: no hammering. */
    get shortestDelay(): number {
        const earliest = Math.max(this.#triedAt + FIRST_RETRY_DELAY, this.#leftAloneUntil);
        return Math.max(0, earliest - this.#clock.now());
    }

    /** The connection, or the attempt, ended; returns how long to wait, in milliseconds. */
    delayAfter({ code, retryAfter = 0 }: Closure): number {
        this.#leftAloneUntil = this.#clock.now() + retryAfter;
        return retryAfter + this.#delayAfter(code);
    }

    #delayAfter(code: number): number {
        const isRefusal = code === CloseCode.SESSION_EXPIRED || code === CloseCode.TRY_LATER;
        const now = this.#clock.now();
        const wasReached = this.#openedAt < Infinity;
        const served = now - this.#openedAt;
        this.#openedAt = Infinity;
        if (wasReached) {
            this.#reachedAt = now;
        }
        if (served >= (isRefusal ? REFUSAL_PERIOD : LEAST_SERVICE)) {
            this.#failures = 0;
        }
        const attempt = this.#failures++;
        switch (code) {
            case CloseCode.KEEP_ALIVE_TIMEOUT:
                // The server recycles each socket at a random age: no herd to spread.
                return attempt && retryDelay(attempt, this.#random);
            case CloseCode.GOING_AWAY:
            case CloseCode.RESTART:
            case CloseCode.TRY_LATER:
                return retryDelay(attempt, this.#random, { least: SERVER_CLOSE_SPREAD });
            default:
                return retryDelay(attempt, this.#random, {
                    // What opens only to die is no outage: there the attempts become rare.
                    ...(!wasReached && { most: longestDelayIn(now - this.#reachedAt) }),
                });
        }
    }
}
