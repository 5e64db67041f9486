import { type Attention, TAB_ATTENTION, type TabAttention } from "../core/attention";
import { Alarm, type Clock } from "../core/clock";

/**
 * How long, in milliseconds, the attention must have been lower before the server is told: users go from
 * one window to another and back.
 */
export const SETTLING_TIME = 5_000;

/** How much the user attends to the browser: as much as to the tab that has most of it. */
export class BrowserAttention {
    /** What the server is, or is to be, told. */
    level: Attention = "visible";
    /** What the tabs say. */
    #present: TabAttention = "visible";
    readonly #fall: Alarm;
    readonly #sleep: Alarm;

    readonly #dormantAfter: number;
    readonly #onChange: (level: Attention) => void;

    /**
     * @param dormantAfter how long the browser is hidden, in milliseconds, before it counts as dormant
     * @param onChange told each new level: of more attention at once, of less after a while
     */
    constructor(clock: Clock, dormantAfter: number, onChange: (level: Attention) => void) {
        this.#dormantAfter = dormantAfter;
        this.#onChange = onChange;
        this.#fall = new Alarm(clock, () => this.#set(this.#present));
        this.#sleep = new Alarm(clock, () => this.#set("dormant"));
    }

    /** @param tabs the attention of each */
    update(tabs: TabAttention[]): void {
        const highest = TAB_ATTENTION.find((level) => tabs.includes(level));
        if (!highest || highest === this.#present) {
            return;
        }
        this.#present = highest;
        if (highest === this.level) {
            this.#fall.clear();
        } else if (this.level === "dormant" || rank(highest) < rank(this.level)) {
            this.#set(highest);
        } else {
            this.#fall.set(SETTLING_TIME);
        }
    }

    close(): void {
        this.#fall.clear();
        this.#sleep.clear();
    }

    #set(level: Attention): void {
        this.close();
        if (level === "hidden") {
            this.#sleep.set(this.#dormantAfter);
        }
        this.level = level;
        this.#onChange(level);
    }
}

function rank(level: Attention): number {
    return TAB_ATTENTION.indexOf(level as TabAttention);
}
