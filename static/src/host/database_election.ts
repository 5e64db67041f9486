import type { Term } from "../core/messages";
import type { Election, ElectionListener, TermStore } from "./election";

/**
 * How many terms a generation has. The generation is part of the name of the database, so that
 * nobody has to wait for a host that hangs: the next generation begins without it.
 */
export const GENERATION = 2 ** 20;

/** How often in a row, without any other answer, an attempt may be aborted before it is given up. */
const MOST_ABORTS = 10;

/** How often in a row an office may be usurped, without any answer, before that is given up. */
const MOST_SILENCES = 1;

/**
 * A way to the browser's databases. What was opened or asked for by it ends when it is closed; at the
 * latest when the page comes back, if it is just being left.
 */
export interface DatabaseAccess {
    readonly databases: IDBFactory;
    close(): void;
}

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
    /** The present way; what comes by earlier ones is void. */
    #access: DatabaseAccess | null = null;
    /** IndexedDB has given no sign of life on it. */
    #isMute = true;
    #silences = 0;
    /** How many attempts in a row were aborted. */
    #aborts = 0;
    #generation = 0;
    /** The latest term of which a hub was heard, or could have been. */
    #known: Term = 0;
    #database: IDBDatabase | null = null;

    readonly #openAccess: () => DatabaseAccess;
    readonly #name: string;
    readonly #terms: TermStore;
    readonly #listener: ElectionListener;

    constructor(
        openAccess: () => DatabaseAccess,
        name: string,
        terms: TermStore,
        listener: ElectionListener
    ) {
        this.#openAccess = openAccess;
        this.#name = name;
        this.#terms = terms;
        this.#listener = listener;
    }

    campaign(): void {
        if (this.standing === "bystander") {
            this.standing = "candidate";
            this.#known = this.#terms.latest();
            this.#beginAnew(this.#known + 1);
        }
    }

    usurp(): void {
        if (this.standing !== "candidate") {
            return;
        }
        this.#silences = this.#isMute ? this.#silences + 1 : 0;
        if (this.#silences > MOST_SILENCES) {
            return this.#fail("IndexedDB does not answer");
        }
        const latest = this.#terms.latest();
        if (latest > this.#known) {
            // Another was elected a moment ago, and its hub has not spoken yet.
            return this.follow(latest);
        }
        this.#beginAnew((Math.max(this.#generation, generationOf(latest)) + 1) * GENERATION);
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
        this.#database?.close();
        this.#database = null;
        this.#access?.close();
        this.#access = null;
        if (wasElected) {
            this.#listener.deposed();
        }
    }

    /** Opens a database by a new way: a request can't be taken back otherwise. */
    #beginAnew(version: Term): void {
        this.#access?.close();
        try {
            const access = (this.#access = this.#openAccess());
            this.#isMute = true;
            // A request that has to wait for others is not answered until its turn.
            access.databases.databases?.().then(
                () => (this.#isMute &&= this.#access !== access),
                () => {}
            );
        } catch (error) {
            return this.#fail(error);
        }
        this.#open(version);
    }

    /** @param version without one: that which there is, to learn it */
    #open(version?: number): void {
        const access = this.#access!;
        const isVoid = () => this.#access !== access;
        if (version !== undefined) {
            this.#generation = generationOf(version);
        }
        let request: IDBOpenDBRequest;
        try {
            request = access.databases.open(this.#databaseName(this.#generation), version);
        } catch (error) {
            return this.#fail(error);
        }
        let isMade = false;
        request.onblocked = () => {
            if (!isVoid()) {
                this.#noteAnswer();
                // Told only to the first of those that wait.
                this.#listener.nextInLine();
            }
        };
        request.onupgradeneeded = () => (isMade = version !== undefined);
        request.onsuccess = () => {
            const database = request.result;
            if (isVoid()) {
                return database.close();
            }
            this.#noteAnswer();
            if (isMade) {
                return this.#serve(database);
            }
            database.close();
            this.#open(Math.max(database.version, this.#generation * GENERATION) + 1);
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
        this.#isMute = false;
        this.#aborts = 0;
    }

    /**
     * The user has cleared the browser's data. Chromium never again answers any request made where
     * it aborted one then; so another way is needed.
     */
    #recover(error: unknown): void {
        if (++this.#aborts > MOST_ABORTS) {
            return this.#fail(error);
        }
        this.#beginAnew(this.#terms.latest() + 1);
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
            this.#access!.databases.deleteDatabase(this.#databaseName(this.#generation - 1));
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
