import type { HubStart, Term } from "../core/messages";
import type { Election, ElectionListener } from "./election";
import type { HubProcess, StartHub } from "./hub_worker";
import { LoneElection } from "./lone_election";

/** Stands for election, and runs the hub here for as long as this tab is the host. */
export class Hosting {
    /** Name of the channel on which the hub is heard. */
    channel: string;
    #election: Election;
    #hub: HubProcess | null = null;

    /** @param onAlone called when the tab can't find the others: its hub is heard on another channel */
    constructor(
        makeElection: (listener: ElectionListener) => Election,
        startHub: StartHub,
        start: Omit<HubStart, "term">,
        onAlone: () => void
    ) {
        this.channel = start.channel;
        const listener: ElectionListener = {
            elected: (term) => (this.#hub = startHub({ ...start, channel: this.channel, term })),
            deposed: () => {
                this.#hub?.stop();
                this.#hub = null;
            },
            failed: (reason) => {
                console.warn(
                    "Quiet Bus: the browser keeps the tabs from finding each other (is storage " +
                        "forbidden?); this one works alone.",
                    reason
                );
                this.channel += `.${start.hostTab}`;
                this.#election = new LoneElection(listener);
                onAlone();
                this.#election.campaign();
            },
        };
        this.#election = makeElection(listener);
    }

    /** Whether the hub runs here. */
    get isHost(): boolean {
        return this.#hub !== null;
    }

    campaign(): void {
        this.#election.campaign();
    }

    /** Replaces a host that gives no sign of life; if that is this tab, its own hub. */
    usurp(): void {
        this.#election.usurp();
    }

    /** A hub of this term was heard. */
    follow(term: Term): void {
        this.#election.follow(term);
    }

    resign(): void {
        this.#election.resign();
    }
}
