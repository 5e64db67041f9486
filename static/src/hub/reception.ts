import type { Draft, Hello, HubMessage, TabId } from "../core/messages";
import type { Relay } from "./relay";
import type { Roster } from "./roster";
import type { ServerLine } from "./server_line";

/** The parts of a hub that have to do with what a tab knows and lacks. */
export interface ReceptionParts {
    line: ServerLine;
    relay: Relay;
    roster: Roster;
    post: (message: Draft<HubMessage>) => void;
}

/** Receives tabs: learns from each what it knows, and sees to it that it gets what it lacks. */
export class Reception {
    readonly #parts: ReceptionParts;

    constructor(parts: ReceptionParts) {
        this.#parts = parts;
    }

    /**
     * A tab says hello.
     *
     * @param position number of the latest item that the tab took from this hub
     * @param now wall clock, ms
     * @returns whether the hub did not know it
     */
    receive({ tab, state, window, isWaiting }: Hello, position: number, now: number): boolean {
        const { line, relay, roster } = this.#parts;
        const isNew = !roster.has(tab);
        roster.put(tab, state, now);
        if (isNew && line.isDisproved(state)) {
            line.startOver();
            relay.startOver();
        }
        if (isWaiting && relay.mayHaveForgotten(state)) {
            line.resumption.forgetRelayed();
        }
        if (state.active) {
            line.learn(state, window.point, isNew, relay.sequence);
        }
        line.connection.setURL(roster.newest!.websocketURL);
        if (isNew) {
            line.connection.inherit(roster.memory);
        }
        if (isWaiting) {
            const start = line.resumption.startFor(state, window.point);
            this.#parts.post({
                kind: "welcome",
                tab,
                state: line.connection.state,
                isOutdated: line.connection.phase === "outdated",
                ...relay.placeOf(state, Math.max(start, position)),
            });
        }
        return isNew;
    }

    /** A tab lacks these of what this hub relayed. */
    fill(tab: TabId, from: number, to: number): void {
        if (!this.#parts.relay.fill(tab, from, to)) {
            // The tab says hello next, with what it knows: the server has to repeat the rest.
            this.#parts.line.resumption.forgetRelayed();
        }
    }
}
