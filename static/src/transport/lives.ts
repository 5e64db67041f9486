import type { Clock } from "../core/clock";
import type { Conduct, TransportMemory, TransportName } from "../core/transport_memory";

/** How often in a row a transport may fail before it is blocked. */
const LIVES = 2;
/** How long, in milliseconds, it is then not the first that is tried. */
export const BLOCKED_TIME = 30 * 60_000;

/** Remembers which transports get through here: there are proxies that open a websocket only to cut it. */
export class Lives {
    #memory: TransportMemory;
    readonly #clock: Clock;
    readonly #onChange: (memory: TransportMemory) => void;

    /** @param onChange told what is to be remembered */
    constructor(
        clock: Clock,
        memory: TransportMemory,
        onChange: (memory: TransportMemory) => void
    ) {
        this.#clock = clock;
        this.#memory = memory;
        this.#onChange = onChange;
    }

    isBlocked(name: TransportName): boolean {
        return this.#clock.now() < (this.#memory[name]?.blockedUntil ?? 0);
    }

    /** It failed where another one worked. */
    lose(name: TransportName): void {
        const failures = (this.#memory[name]?.failures ?? 0) + 1;
        const blockedUntil = failures < LIVES ? 0 : this.#clock.now() + BLOCKED_TIME;
        this.#set(name, { failures, blockedUntil });
    }

    /** It has proved to work. */
    restore(name: TransportName): void {
        if (this.#memory[name]) {
            this.#set(name, undefined);
        }
    }

    #set(name: TransportName, conduct: Conduct | undefined): void {
        this.#memory = { ...this.#memory, [name]: conduct };
        this.#onChange(this.#memory);
    }
}
