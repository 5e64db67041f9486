import type { ClaimMemory, ClaimOutcome, ClaimRequest, Grant } from "../core/claim";
import type { Clock } from "../core/clock";
import type { BusMessage, Draft, TabId, TabMessage } from "../core/messages";
import { RecentMap } from "../core/recent_map";
import type { ClaimStore } from "./claim_store";

/**
 * How long, in milliseconds, a tab waits for an answer before it takes it for a no: the answer must never
 * stay away. A sound may be waited for until a tab can be heard.
 */
export const CLAIM_TIMEOUT = 10_000;
/** Of how many events a tab remembers, for a new hub, that they are done. */
const MEMORY = 50;
/** Microtasks within which whoever is told yes has acted, overrides of other modules included. */
const DEED_TURNS = 20;

interface OpenClaim extends ClaimRequest {
    answer: Promise<boolean>;
    resolve: (isOurs: boolean) => void;
    timeout: unknown;
}

/** What this tab would do, and one of all is to do: asks the hub whether it is this one. */
export class Claims {
    readonly #open = new Map<string, OpenClaim>();
    /** What is settled, and whether it was ours. */
    readonly #answers = new RecentMap<boolean>(MEMORY);
    /** Who may do what, or has, for all that this tab has heard; it may not have asked for that itself yet. */
    readonly #grants = new RecentMap<Grant>(MEMORY);
    /** What this tab has done, until the hub says that it knows. */
    readonly #unconfirmed = new Set<string>();
    #beepedAt = 0;

    readonly #store: ClaimStore;
    readonly #id: TabId;
    readonly #clock: Clock;
    readonly #isCandidate: () => boolean;
    readonly #post: (message: Draft<TabMessage>) => void;

    /** @param isCandidate whether the tab may be the master tab, and do what is done once */
    constructor(
        id: TabId,
        clock: Clock,
        store: ClaimStore,
        isCandidate: () => boolean,
        post: (message: Draft<TabMessage>) => void
    ) {
        this.#id = id;
        this.#clock = clock;
        this.#store = store;
        this.#isCandidate = isCandidate;
        this.#post = post;
    }

    get memory(): ClaimMemory {
        const open = [...this.#open.values()];
        const { settled, beepedAt } = this.#store.load();
        return {
            open: open.map(({ key, isSound, askedAt }) => {
                return { key, isSound, askedAt, grant: this.#grants.get(key) ?? null };
            }),
            settled: [...new Set([...settled, ...this.#answers.keys()])],
            beepedAt: Math.max(this.#beepedAt, beepedAt),
        };
    }

    /** Whether this tab is to do it; asked in each tab, it is true in one. */
    async ask(key: string, isSound: boolean): Promise<boolean> {
        if (!this.#isCandidate()) {
            return false;
        }
        return this.#answers.get(key) ?? (this.#open.get(key) ?? this.#request(key, isSound)).answer;
    }

    /**
     * The browser let it make no sound: another tab may try. Resolves to whether this one is to try again,
     * because the user has clicked in it since.
     */
    refuse(key: string): Promise<boolean> {
        this.#answers.delete(key);
        this.#grants.delete(key);
        this.#unconfirmed.delete(key);
        this.#beepedAt = 0;
        this.#store.remove(key);
        const { answer } = this.#reopen(key, true);
        this.#report(key, "refused");
        return answer;
    }

    /** No tab is to do it. */
    spare(key: string): void {
        this.#settle(key, false);
        this.#report(key, "unneeded");
    }

    /** The hub has chosen a tab. */
    grant(key: string, holder: TabId, until: number): void {
        if (!this.#grants.get(key)?.isTaken) {
            this.#grants.set(key, { holder, until, isTaken: false });
        }
        const claim = this.#open.get(key);
        const now = this.#clock.now();
        // Too late if this tab was frozen or busy: another may be at it.
        if (!claim || holder !== this.#id || now > until) {
            return;
        }
        if (this.#store.load().settled.includes(key)) {
            // By a tab that this hub does not hear, or never heard.
            this.spare(key);
        } else {
            void this.#begin(claim, now);
        }
    }

    /** Takes note of what another tab tells the hub: the next hub may not have heard it. */
    overhear(message: BusMessage): void {
        if (message.kind === "claimed") {
            const { key, outcome, tab: holder } = message;
            if (outcome === "taken") {
                // Its grant may still be on its way.
                this.#grants.set(key, { holder, until: 0, isTaken: true });
            } else {
                this.#grants.delete(key);
            }
        } else if (message.kind === "goodbye") {
            this.#releaseGrantsOf(message.tab);
        }
    }

    /** The page hears nothing from now on: whoever has a grant may begin. */
    leave(): void {
        this.#grants.clear();
        this.#unconfirmed.forEach((key) => this.#keep(key));
    }

    /** The hub says that it is done, or not to be done any more. */
    settle(key: string, beepedAt: number): void {
        this.#beepedAt = Math.max(this.#beepedAt, beepedAt);
        this.#settle(key, false);
        this.#keep(key);
    }

    /** What a tab that is gone had not begun is another's. */
    #releaseGrantsOf(tab: TabId): void {
        this.#grants.forEach(({ holder, isTaken }, key) => {
            if (holder === tab && !isTaken) {
                this.#grants.delete(key);
            }
        });
    }

    #request(key: string, isSound: boolean): OpenClaim {
        const claim = this.#reopen(key, isSound);
        this.#post({ kind: "claim", tab: this.#id, key, isSound, askedAt: claim.askedAt });
        return claim;
    }

    #reopen(key: string, isSound: boolean): OpenClaim {
        const { promise: answer, resolve } = deferred();
        const timeout = this.#clock.setTimeout(() => this.#settle(key, false), CLAIM_TIMEOUT);
        const askedAt = this.#clock.now();
        const claim = { key, isSound, askedAt, answer, resolve, timeout };
        this.#open.set(key, claim);
        return claim;
    }

    #settle(key: string, isOurs: boolean): void {
        const claim = this.#open.get(key);
        this.#open.delete(key);
        this.#clock.clearTimeout(claim?.timeout);
        claim?.resolve(isOurs);
        if (!this.#answers.has(key)) {
            this.#answers.set(key, isOurs);
        }
    }

    /**
     * Says so when it is done, though in the same task: if the tab crashes before its word is out, another does
     * it. The other way round nobody would.
     */
    async #begin({ key, isSound }: OpenClaim, now: number): Promise<void> {
        if (isSound) {
            this.#beepedAt = now;
        }
        this.#unconfirmed.add(key);
        this.#settle(key, true);
        for (let turn = 0; turn < DEED_TURNS; turn++) {
            await null;
        }
        // Unless it was refused by now.
        if (this.#unconfirmed.has(key)) {
            this.#report(key, "taken");
        }
    }

    /** Stores what was done here. Not sooner: of a tab that crashes, that outruns its word, and what it did. */
    #keep(key: string): void {
        if (this.#unconfirmed.delete(key)) {
            this.#store.add(key, this.#beepedAt);
        }
    }

    #report(key: string, outcome: ClaimOutcome): void {
        this.#post({ kind: "claimed", tab: this.#id, key, outcome });
    }
}

function deferred() {
    let resolve!: (isOurs: boolean) => void;
    const promise = new Promise<boolean>((it) => (resolve = it));
    return { promise, resolve };
}
