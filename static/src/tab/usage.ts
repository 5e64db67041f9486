import type { Audibility, TabAttention } from "../core/attention";
import type { Clock } from "../core/clock";

/** How often, in milliseconds, the hub is told of a use that goes on, where it has to know. */
const USE_INTERVAL = 2_000;

/** How the user uses the page: by this the hub chooses the master tab. */
export class Usage {
    attention: TabAttention = "visible";
    audibility: Audibility = "untried";
    /** When the user last did something in it, or came or went (wall clock, ms); 0: never. */
    usedAt = 0;

    readonly #clock: Clock;
    #toldAt = 0;
    readonly #isFollowed: boolean;
    readonly #onChange: () => void;

    /**
     * @param isFollowed whether the hub has to know of a use that goes on
     * @param onChange told what the hub has to know at once
     */
    constructor(clock: Clock, isFollowed: boolean, onChange: () => void) {
        this.#clock = clock;
        this.#isFollowed = isFollowed;
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
        if (this.#isFollowed && this.usedAt - this.#toldAt >= USE_INTERVAL) {
            this.#toldAt = this.usedAt;
            this.#onChange();
        }
    }
}
