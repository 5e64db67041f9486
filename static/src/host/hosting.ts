import type { HubStart } from "../core/messages";
import type { Election, ElectionListener } from "./election";
import type { HubProcess, StartHub } from "./hub_worker";

/** Stands for election, and runs the hub here for as long as this tab is the host. */
export class Hosting {
    readonly #election: Election;
    #hub: HubProcess | null = null;

    constructor(
        makeElection: (listener: ElectionListener) => Election,
        startHub: StartHub,
        start: Omit<HubStart, "term">
    ) {
        this.#election = makeElection({
            elected: (term) => (this.#hub = startHub({ ...start, term })),
            deposed: () => {
                this.#hub?.stop();
                this.#hub = null;
            },
        });
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

    resign(): void {
        this.#election.resign();
    }
}
