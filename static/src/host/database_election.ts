import type { Term } from "../core/messages";
import type { Election, ElectionListener, TermStore } from "./election";

/**
 * How many terms a generation has. The generation is part of the name of the database, so that
 * nobody has to wait for a host that hangs: the next generation begins without it.
 */
export const GENERATION = 2 ** 20;

/** How often in a row, without any other answer, an attempt may be aborted before it is given up. */
const MOST_ABORTS = 10;

/** - `bystander`: takes no part - `candidate`: waits for the database - `elected`: holds it */
type Standing = "bystander" | "candidate" | "elected";

const generationOf = (term: Term) => Math.floor(term / GENERATION);

/**
 * Election by a database of IndexedDB, for insecure contexts (plain http), which have no Web Locks.
 *
 * To open a higher version of a database, the browser first waits until all connections to the present
 * one are closed; it closes those of a tab that closes, crashes or is discarded. So the tab that
 * makes the next version is elected, for as long as it keeps the database open, and the version is
 * the term. No lease has to be renewed, and no clock be trusted.
 */
export class DatabaseElection implements Election {
    standing: Standing = "bystander";
    /** The present attempt to open the database; what comes of earlier ones is void. */
    #attempt: object | null = null;
    #generation = 0;
    /** The latest term of which a hub was heard, or could have been. */
    #known: Term = 0;
    #database: IDBDatabase | null = null;
    /** IndexedDB has given any sign of life. */
    #isAnswering = false;
    #hasUsurped = false;
    /** How many attempts in a row were aborted. */
    #aborts = 0;

    #databases: IDBFactory;
    readonly #name: string;
    readonly #terms: TermStore;
    readonly #listener: ElectionListener;
    readonly #renewDatabases: () => IDBFactory;

    /** @param renewDatabases makes another access to the same databases */
    constructor(
        databases: IDBFactory,
        name: string,
        terms: TermStore,
        listener: ElectionListener,
        renewDatabases = () => databases
    ) {
        this.#databases = databases;
        this.#name = name;
        this.#terms = terms;
        this.#listener = listener;
        this.#renewDatabases = renewDatabases;
    }

    campaign(): void {
        if (this.standing === "bystander") {
            this.standing = "candidate";
            this.#known = this.#terms.latest();
            this.#open(this.#known + 1);
        }
    }

    usurp(): void {
        if (this.standing !== "candidate") {
            return;
        }
        if (this.#hasUsurped && !this.#isAnswering) {
            return this.#fail("IndexedDB does not answer");
        }
        this.#hasUsurped = true;
        const latest = this.#terms.latest();
        if (latest > this.#known) {
            // Another was elected a moment ago, and its hub has not spoken yet.
            return this.follow(latest);
        }
        this.#open((Math.max(this.#generation, generationOf(latest)) + 1) * GENERATION);
    }

    follow(term: Term): void {
        this.#known = term;
        this.#terms.save(term);
        if (generationOf(term) > this.#generation && this.standing !== "bystander") {
            this.resign();
            this.campaign();
        }
    }

    resign(): void {
        const wasElected = this.standing === "elected";
        this.standing = "bystander";
        this.#attempt = null;
        this.#database?.close();
        this.#database = null;
        if (wasElected) {
            this.#listener.deposed();
        }
    }

    /** @param version without one: that which there is, to learn it */
    #open(version?: number): void {
        const attempt = (this.#attempt = {});
        const isVoid = () => this.#attempt !== attempt;
        if (version !== undefined) {
            this.#generation = generationOf(version);
        }
        let request: IDBOpenDBRequest;
        try {
            request = this.#databases.open(this.#databaseName(this.#generation), version);
        } catch (error) {
            return this.#fail(error);
        }
        let isMade = false;
        request.onblocked = () => {
            this.#noteAnswer();
            if (!isVoid()) {
                // Told only to the first of those that wait.
                this.#listener.nextInLine();
            }
        };
        request.onupgradeneeded = () => (isMade = version !== undefined);
        request.onsuccess = () => {
            this.#noteAnswer();
            const database = request.result;
            if (!isVoid() && isMade) {
                return this.#serve(database);
            }
            database.close();
            if (!isVoid()) {
                this.#open(Math.max(database.version, this.#generation * GENERATION) + 1);
            }
        };
        request.onerror = () => {
            if (isVoid()) {
                return;
            }
            switch (request.error!.name) {
                case "VersionError":
                    // A higher version than ours is there; another is elected, or was.
                    return this.#open();
                case "AbortError":
                    return this.#recover(request.error);
                default:
                    return this.#fail(request.error);
            }
        };
    }

    #noteAnswer(): void {
        this.#isAnswering = true;
        this.#aborts = 0;
    }

    /**
     * The user has cleared the browser's data. Chromium never again answers any request of the context
     * whose request it aborted then; so another one is needed.
     */
    #recover(error: unknown): void {
        if (++this.#aborts > MOST_ABORTS) {
            return this.#fail(error);
        }
        this.#isAnswering = false;
        this.#hasUsurped = false;
        this.#databases = this.#renewDatabases();
        this.#open(this.#terms.latest() + 1);
    }

    /** Holds the database open. */
    #serve(database: IDBDatabase): void {
        this.standing = "elected";
        this.#database = database;
        database.onclose = () => {
            // By the browser: the user has cleared its data.
            this.resign();
            this.campaign();
        };
        if (this.#generation) {
            this.#databases.deleteDatabase(this.#databaseName(this.#generation - 1));
        }
        this.#terms.save(database.version);
        this.#listener.elected(database.version);
    }

    #fail(reason: unknown): void {
        this.resign();
        this.#listener.failed(reason);
    }

    #databaseName(generation: number): string {
        return `${this.#name}.${generation}`;
    }
}
