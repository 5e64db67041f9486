import { Alarm, type Clock } from "../core/clock";
import type { Draft, HubMessage, TabId } from "../core/messages";

/** Interval of the heartbeat in milliseconds. */
export const BEAT_INTERVAL = 1_000;

type Beat = Draft<HubMessage & { kind: "beat" }>;

/** The hub's sign of life. It also says who is master, so it comes at once when that changes. */
export class Heartbeat {
    /** Number of the latest. */
    number = 0;
    readonly #alarm: Alarm;
    readonly #describe: () => Omit<Beat, "kind" | "number" | "master">;
    readonly #post: (message: Beat) => void;

    /**
     * @param describe what else a heartbeat says, at that moment
     * @param findMaster called before each regular one; returns who is master, if anybody
     */
    constructor(
        clock: Clock,
        describe: () => Omit<Beat, "kind" | "number" | "master">,
        post: (message: Beat) => void,
        findMaster: () => TabId | null
    ) {
        this.#describe = describe;
        this.#post = post;
        this.#alarm = new Alarm(clock, () => {
            this.beat(findMaster());
            this.start();
        });
    }

    start(): void {
        this.#alarm.set(BEAT_INTERVAL);
    }

    stop(): void {
        this.#alarm.clear();
    }

    /** Says who is master, if anybody. Returns the number of this heartbeat. */
    beat(master: TabId | null): number {
        this.#post({ kind: "beat", number: ++this.number, master, ...this.#describe() });
        return this.number;
    }
}
