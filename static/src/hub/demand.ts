import type { TabMessage } from "../core/messages";
import type { Connection } from "./connection";
import type { Roster } from "./roster";

type Command = (TabMessage & { kind: "command" })["command"];

/**
 * Whether a connection is wanted.
 *
 * - `unknown`: until it is clear what the tabs had of the hub before
 * - `told`: the first one was asked for; from then on the tabs say when to start and stop
 * - `dropped`: it was closed for want of a tab; the next tab needs one, though it may not ask
 */
type Phase = "unknown" | "told" | "dropped";

/** Starts and stops the connection as the tabs want it. */
export class Demand {
    #phase: Phase = "unknown";
    readonly #roster: Roster;
    readonly #connection: Connection;

    constructor(roster: Roster, connection: Connection) {
        this.#roster = roster;
        this.#connection = connection;
    }

    /** @param isSettled whether the tabs of the hub before have had the time to speak */
    rosterChanged(isSettled: boolean): void {
        if (!this.#roster.hasActiveTab) {
            if (!["idle", "outdated"].includes(this.#connection.phase)) {
                this.#phase = "dropped";
            }
            this.#connection.stop();
        } else if (this.#phase === "dropped" || this.#isFirstDue(isSettled)) {
            this.#phase = "told";
            this.#connection.start();
        }
    }

    obey(command: Exclude<Command, "resubscribe">): void {
        if (command === "offline") {
            if (this.#phase === "dropped") {
                this.#phase = "told";
            }
            return this.#connection.stop();
        }
        if (command === "online") {
            this.#connection.forgive();
        }
        if (this.#roster.hasActiveTab && this.#phase === "told") {
            this.#connection.start();
        }
    }

    #isFirstDue(isSettled: boolean): boolean {
        return this.#phase === "unknown" && (isSettled || this.#roster.memory !== "none");
    }
}
