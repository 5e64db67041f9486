import type { Audibility, TabAttention } from "../core/attention";
import type { Clock } from "../core/clock";

/** How the user uses the page: by this the hub chooses the master tab. */
export class Usage {
    attention: TabAttention = "visible";
    audibility: Audibility = "untried";
    /** When the user last did something in it, or came or went (wall clock, ms); 0: never. */
    usedAt = 0;

    readonly #clock: Clock;
    readonly #onChange: () => void;

    /** @param onChange told what the hub has to know at once */
    constructor(clock: Clock, onChange: () => void) {
        this.#clock = clock;
        this.#onChange = onChange;
    }

    setAttention(attention: TabAttention): void {
        if (attention !== this.attention) {
            if ([attention, this.attention].includes("focused")) {
                this.touch();
            }
            this.attention = attention;
            this.#onChange();
        }
    }

    setAudibility(audibility: Audibility): void {
        if (audibility !== this.audibility) {
            this.audibility = audibility;
            this.#onChange();
        }
    }

    /** The user does something in the page. */
    touch(): void {
        this.usedAt = this.#clock.now();
    }
}
