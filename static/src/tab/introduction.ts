import { NO_CLAIMS } from "../core/claim";
import type { Hello, TabId, TabState } from "../core/messages";
import type { ServerSnapshot } from "../core/resume_window";
import type { Claims } from "./claims";
import type { Feed } from "./feed";
import type { Mastership } from "./mastership";
import type { Outbox } from "./outbox";
import type { Usage } from "./usage";

/** What the page is from its load on. */
export interface Identity {
    id: TabId;
    websocketURL: string;
    /** When the page was loaded (wall clock, ms). */
    startedAt: number;
    snapshot: ServerSnapshot;
}

/** The parts of a tab of which a hub has to know. */
export interface IntroducedParts {
    claims: Claims;
    feed: Feed;
    mastership: Mastership;
    outbox: Outbox;
    usage: Usage;
}

/** What the tab says of itself: all of it each time, so that any hub can take over. */
export class Introduction {
    /** With repetitions: a channel added twice has to be deleted twice. */
    channels: string[] = [];
    isLogging = false;

    readonly #identity: Identity;
    readonly #parts: IntroducedParts;

    constructor(identity: Identity, parts: IntroducedParts) {
        this.#identity = identity;
        this.#parts = parts;
    }

    /** @param isNew the hub has to know also what another hub may know already */
    hello(isNew: boolean): Hello {
        const { claims, feed, outbox } = this.#parts;
        return {
            kind: "hello",
            tab: this.#identity.id,
            state: this.#state(),
            window: feed.window,
            outbox: isNew ? outbox.letters : [],
            isWaiting: feed.isWaiting,
            position: feed.position,
            claims: isNew ? claims.memory : NO_CLAIMS,
        };
    }

    #state(): TabState {
        const { websocketURL, startedAt, snapshot } = this.#identity;
        const { feed, mastership, usage } = this.#parts;
        return {
            active: feed.isOpen,
            candidate: mastership.isCandidate,
            master: mastership.isMaster,
            channels: this.channels,
            websocketURL,
            startedAt,
            settledId: snapshot.settledId,
            memory: feed.memory,
            attention: usage.attention,
            audibility: usage.audibility,
            usedAt: usage.usedAt,
            logging: this.isLogging,
        };
    }
}
