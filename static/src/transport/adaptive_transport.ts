import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import { TRANSPORTS, type TransportName } from "../core/transport_memory";
import type { Lives } from "./lives";
import {
    CloseCode,
    type Closure,
    type OpenTransport,
    type Transport,
    type TransportListener,
} from "./transport";

/** How long, in milliseconds, a websocket may take to open before the next is tried as well. */
export const PATIENCE = 2_500;
/** How long, in milliseconds, none may open before all are given up. */
export const RACE_TIME = 30_000;
/** A connection that breaks before this age, in milliseconds, may have been cut by a proxy. */
export const PROVEN_AGE = 30_000;
/** How long, in milliseconds, a better transport must last, unused, before it takes over. */
export const PROOF = 10_000;
/** When a better transport is first looked for, in milliseconds; each time the wait doubles. */
export const FIRST_PROBE = 60_000;
const LONGEST_PROBE_INTERVAL = 30 * 60_000;

/** A transport that was tried, and is opening or open. */
interface Attempt {
    /** Its place in the order of preference. */
    rank: number;
    transport: Transport;
    openedAt: number;
}

export interface AdaptiveOptions {
    clock: Clock;
    random: Random;
    lives: Lives;
    /** How to open each. */
    transports: Record<TransportName, OpenTransport>;
}

/**
 * The best transport that gets through: the next one is tried where one fails or takes long, and a
 * better one is looked for while a worse one serves. Whoever uses it sees one connection.
 *
 * - `racing`: none is open; the first that opens serves
 * - `serving`: one is open; a better one may be on trial
 * - `closed`: nothing more comes
 */
export class AdaptiveTransport implements Transport {
    #phase: "racing" | "serving" | "closed" = "racing";
    #serving: Attempt | null = null;
    /** Opening, or on trial. */
    #others = new Set<Attempt>();
    /** Those that failed since one served last: they lose a life if another one works. */
    #suspects = new Set<TransportName>();
    /** How the connection ended that is being replaced, or what the last attempt came to. */
    #closure: Closure | null = null;
    #wasOpened = false;
    #nextRank = 0;
    readonly #patience: Alarm;
    readonly #probe: Alarm;
    /** Judges what is on trial. */
    readonly #trial: Alarm;
    #probeInterval = FIRST_PROBE;

    readonly #url: string;
    readonly #listener: TransportListener;
    readonly #options: AdaptiveOptions;

    constructor(url: string, listener: TransportListener, options: AdaptiveOptions) {
        this.#url = url;
        this.#listener = listener;
        this.#options = options;
        const { clock } = options;
        this.#patience = new Alarm(clock, () => this.#tryNext());
        this.#probe = new Alarm(clock, () => this.#probeBetter());
        this.#trial = new Alarm(clock, () => this.#judge());
        this.#trial.set(RACE_TIME);
        this.#tryNext();
    }

    send(event: string, data: unknown): void {
        this.#serving?.transport.send(event, data);
    }

    close(): void {
        this.#phase = "closed";
        [this.#patience, this.#probe, this.#trial].forEach((alarm) => alarm.clear());
        this.#drop(() => true);
        this.#serving?.transport.close();
        this.#serving = null;
    }

    /** Tries the best that is neither blocked nor tried yet. */
    #tryNext(): void {
        const { lives } = this.#options;
        while (this.#nextRank < TRANSPORTS.length - 1 && lives.isBlocked(this.#name())) {
            this.#nextRank++;
        }
        if (this.#nextRank === 0) {
            // Set first: the attempt may fail at once. The two others go the same way as each other.
            this.#patience.set(PATIENCE);
        }
        if (this.#nextRank < TRANSPORTS.length) {
            this.#try(this.#nextRank++);
        }
    }

    #name(rank = this.#nextRank): TransportName {
        return TRANSPORTS[rank]!;
    }

    #try(rank: number): void {
        const attempt = { rank, openedAt: Infinity } as Attempt;
        this.#others.add(attempt);
        attempt.transport = this.#options.transports[this.#name(rank)](this.#url, {
            opened: () => this.#opened(attempt),
            received: (notifications) => this.#listener.received(notifications),
            interrupted: () => {},
            replaced: () => {},
            closed: (closure) => this.#closed(attempt, closure),
        });
    }

    #opened(attempt: Attempt): void {
        attempt.openedAt = this.#options.clock.now();
        if (this.#phase === "serving") {
            this.#trial.set(PROOF);
        } else {
            this.#patience.clear();
            this.#suspects.forEach((name) => this.#options.lives.lose(name));
            this.#suspects.clear();
            this.#serve(attempt);
        }
    }

    /** What is open but has to prove itself. */
    get #onTrial(): Attempt | undefined {
        return [...this.#others].find(({ openedAt }) => openedAt < Infinity);
    }

    /** What is open has lasted, and takes over; what is not open by now never will be. */
    #judge(): void {
        const better = this.#onTrial;
        if (this.#phase === "racing") {
            this.#end(this.#closure ?? { code: CloseCode.ABNORMAL, reason: "nothing opens" });
        } else if (better) {
            this.#options.lives.restore(this.#name(better.rank));
            this.#serving?.transport.close();
            this.#serve(better);
        } else {
            this.#others.forEach(({ rank }) => this.#options.lives.lose(this.#name(rank)));
            this.#drop(() => true);
        }
    }

    #serve(attempt: Attempt): void {
        this.#phase = "serving";
        this.#serving = attempt;
        this.#others.delete(attempt);
        this.#drop(({ rank }) => rank > attempt.rank);
        this.#closure = null;
        this.#probe.clear();
        this.#trial.clear();
        if (attempt.rank > 0) {
            this.#trial.set(PROOF);
            this.#scheduleProbe();
        }
        if (this.#wasOpened) {
            this.#listener.interrupted();
            this.#listener.replaced();
        } else {
            this.#wasOpened = true;
            this.#listener.opened();
        }
    }

    #closed(attempt: Attempt, closure: Closure): void {
        if (attempt === this.#serving) {
            return this.#lost(attempt, closure);
        }
        this.#others.delete(attempt);
        if (this.#phase === "serving") {
            // It was opening still, or on trial.
            this.#options.lives.lose(this.#name(attempt.rank));
            return;
        }
        this.#suspects.add(this.#name(attempt.rank));
        this.#giveWay(attempt, closure);
    }

    /** What served is gone. */
    #lost(attempt: Attempt, closure: Closure): void {
        this.#serving = null;
        const age = this.#options.clock.now() - attempt.openedAt;
        const isCut = closure.code === CloseCode.ABNORMAL && attempt.rank === 0;
        const onTrial = closure.code === CloseCode.ABNORMAL && this.#onTrial;
        if (onTrial) {
            return this.#serve(onTrial);
        }
        if (closure.code !== CloseCode.BUFFERED && !(isCut && age < PROVEN_AGE)) {
            if (attempt.rank === 0) {
                this.#options.lives.restore(this.#name(0));
            }
            return this.#end(closure);
        }
        this.#listener.interrupted();
        this.#phase = "racing";
        this.#probe.clear();
        this.#trial.set(RACE_TIME);
        this.#suspects.add(this.#name(attempt.rank));
        this.#nextRank = attempt.rank + 1;
        this.#giveWay(attempt, closure);
    }

    /** What has failed makes room for the next, if that may do better. */
    #giveWay({ rank }: Attempt, closure: Closure): void {
        // What the server itself says tells more than that a connection broke.
        if (!this.#closure || closure.code !== CloseCode.ABNORMAL) {
            this.#closure = closure;
        }
        const isNextDue = rank === 0 && !this.#others.size;
        // What the second can't reach, the third can't either.
        if (isNextDue || closure.code === CloseCode.BUFFERED) {
            this.#tryNext();
        }
        if (this.#phase === "racing" && !this.#others.size) {
            this.#end(this.#closure!);
        }
    }

    #end(closure: Closure): void {
        this.close();
        this.#listener.closed(closure);
    }

    #scheduleProbe(): void {
        this.#probe.set(this.#probeInterval * (0.5 + this.#options.random() / 2));
        this.#probeInterval = Math.min(this.#probeInterval * 2, LONGEST_PROBE_INTERVAL);
    }

    #probeBetter(): void {
        this.#scheduleProbe();
        if (!this.#others.size) {
            this.#trial.set(PROOF);
            this.#try(0);
        }
    }

    #drop(isSuperfluous: (attempt: Attempt) => boolean): void {
        for (const attempt of this.#others) {
            if (isSuperfluous(attempt)) {
                this.#others.delete(attempt);
                attempt.transport.close();
            }
        }
    }
}

export function adaptiveTransport(options: AdaptiveOptions): OpenTransport {
    return (url, listener) => new AdaptiveTransport(url, listener, options);
}
