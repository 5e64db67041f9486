import { Alarm, type Clock } from "../core/clock";
import type { HubStart, TabId, Term } from "../core/messages";
import type { Election, ElectionListener } from "./election";
import type { HubProcess, HubRunner } from "./hub_worker";
import { LoneElection } from "./lone_election";

/** How long, in milliseconds, a tab that is next in line leaves the browser to other things. */
export const PREPARATION_DELAY = 3_000;

export interface HostingOptions {
    clock: Clock;
    makeElection: (listener: ElectionListener) => Election;
    hubRunner: HubRunner;
    /** Name of the channel between the tabs and the hub. */
    channel: string;
    id: TabId;
    /** What else a hub is started with, at that moment. */
    describe: () => Omit<HubStart, "channel" | "term">;
    /** Called when the tab can't find the others: its hub is heard on another channel. */
    onAlone: () => void;
}

/** Stands for election, and runs the hub here for as long as this tab is the host. */
export class Hosting {
    /** Name of the channel on which the hub is heard. */
    channel: string;
    #election: Election;
    #hub: HubProcess | null = null;
    readonly #preparation: Alarm;

    readonly #options: HostingOptions;

    constructor(options: HostingOptions) {
        this.#options = options;
        const { channel, clock, describe, hubRunner, id, makeElection, onAlone } = options;
        this.channel = channel;
        this.#preparation = new Alarm(clock, () => hubRunner.prepare());
        const listener: ElectionListener = {
            nextInLine: () => this.#preparation.ensure(PREPARATION_DELAY),
            elected: (term) => {
                this.#preparation.clear();
                this.#hub = hubRunner.start({ ...describe(), channel: this.channel, term });
            },
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
                this.channel += `.${id}`;
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
        this.#preparation.clear();
        this.#options.hubRunner.discard();
        this.#election.resign();
    }
}
