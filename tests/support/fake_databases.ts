import type { DatabaseAccess } from "../../static/src/host/database_election";
import type { Process } from "./fake_clock";

/** From where a page or a frame in it asks; Chromium answers nothing there once it aborted a request. */
interface Context {
    owner: Process;
    isMute: boolean;
}

interface OpenRequest {
    owner: Process;
    context: Context;
    /** Null: the database is to be deleted. */
    version: number | null | undefined;
    request: IDBOpenDBRequest;
    /** The connections that are told of the change that is wanted, and those that have heard it. */
    told: Set<Connection>;
    heard: Set<Connection>;
    isBlocked: boolean;
}

interface Connection {
    owner: Process;
    context: Context;
    database: IDBDatabase;
}

interface Upgrade extends Connection {
    /** The version that is back when the upgrade comes to nothing. */
    before: number;
}

interface Database {
    version: number;
    connections: Connection[];
    /** Each request waits until those before it are done. */
    queue: OpenRequest[];
    /** That of the first request; nothing else is served before its page has run it. */
    upgrade: Upgrade | null;
}

/** The IndexedDB databases of one browser, as far as opening, closing and deleting them goes. */
export class FakeDatabases {
    /** How long an event is on its way, in milliseconds. */
    delay = 1;
    /** What each `open` throws, if anything: access is forbidden. */
    refusal: DOMException | null = null;
    /** The error with which each request is answered, if any. */
    failure: DOMException | null = null;
    /** No request is ever answered. */
    isMute = false;
    readonly #databases = new Map<string, Database>();

    get names(): string[] {
        return [...this.#databases].filter(([, { version }]) => version).map(([name]) => name);
    }

    /** A way to the databases for a process, from a context of its own. */
    access(owner: Process): DatabaseAccess {
        const context = { owner, isMute: false };
        owner.atEnd(() => this.#forget(context));
        const databases = {
            open: (name: string, version?: number) => this.#request(context, name, version),
            deleteDatabase: (name: string) => this.#request(context, name, null),
            databases: () =>
                new Promise<IDBDatabaseInfo[]>((resolve) => {
                    if (!this.isMute && !context.isMute) {
                        owner.deliver(() => resolve([]), this.delay);
                    }
                }),
        } as IDBFactory;
        // In a page that goes to sleep with this it is done at the end of that.
        return { databases, close: () => owner.deliver(() => this.#forget(context), 0) };
    }

    /**
     * The user clears the data of the site: connections end, and what waits for them fails, for good
     * in its context. No specification says so; it is what Chromium does.
     */
    clear(): void {
        for (const [name, { connections, queue, upgrade }] of this.#databases) {
            this.#databases.delete(name);
            for (const wish of queue) {
                wish.context.isMute = true;
                this.#fail(wish, "AbortError");
            }
            for (const { owner, database } of connections) {
                if (database !== upgrade?.database) {
                    owner.deliver(() => database.onclose?.({} as Event), this.delay);
                }
            }
        }
    }

    #request(context: Context, name: string, version: number | null | undefined): IDBOpenDBRequest {
        if (this.refusal) {
            throw this.refusal;
        }
        const request = { error: null } as IDBOpenDBRequest;
        const [told, heard] = [new Set<Connection>(), new Set<Connection>()];
        const { owner } = context;
        const wish = { owner, context, version, request, told, heard, isBlocked: false };
        if (this.failure) {
            this.#fail(wish, this.failure.name);
        } else if (!this.isMute && !context.isMute) {
            this.#of(name).queue.push(wish);
            this.#serve(name);
        }
        return request;
    }

    #of(name: string): Database {
        if (!this.#databases.has(name)) {
            this.#databases.set(name, { version: 0, connections: [], queue: [], upgrade: null });
        }
        return this.#databases.get(name)!;
    }

    /** Serves requests in their order, until one has to wait. */
    #serve(name: string): void {
        const database = this.#of(name);
        for (let next; !database.upgrade && (next = database.queue[0]); database.queue.shift()) {
            const wanted = next.version === undefined ? database.version || 1 : next.version;
            if (wanted !== null && wanted < database.version) {
                this.#fail(next, "VersionError");
            } else if (wanted === database.version) {
                this.#succeed(next, this.#connect(name, next.context));
            } else if (database.connections.length) {
                return this.#warn(name, next);
            } else if (wanted !== null) {
                return this.#upgrade(name, next, wanted);
            } else {
                database.version = 0;
                this.#succeed(next);
            }
        }
    }

    /** Tells those that hold the database; blocked when all of them have heard and some stay. */
    #warn(name: string, next: OpenRequest): void {
        const { connections } = this.#of(name);
        for (const connection of connections.filter((it) => !next.told.has(it))) {
            next.told.add(connection);
            connection.owner.deliver(() => {
                next.heard.add(connection);
                connection.database.onversionchange?.({} as IDBVersionChangeEvent);
                this.#serve(name);
            }, this.delay);
        }
        if (!next.isBlocked && connections.every((it) => next.heard.has(it))) {
            next.isBlocked = true;
            this.#tell(next, "blocked");
        }
    }

    #upgrade(name: string, next: OpenRequest, version: number): void {
        const database = this.#of(name);
        const { owner, context, request } = next;
        const before = database.version;
        database.version = version;
        const upgrade = { ...this.#connect(name, context), before };
        database.upgrade = upgrade;
        Object.assign(request, { result: upgrade.database });
        owner.deliver(() => {
            // Else it came to nothing meanwhile.
            if (database.upgrade === upgrade && this.#of(name) === database) {
                request.onupgradeneeded?.({} as IDBVersionChangeEvent);
                database.upgrade = null;
                database.queue.shift();
                this.#succeed(next, upgrade);
                this.#serve(name);
            }
        }, this.delay);
    }

    #connect(name: string, context: Context): Connection {
        const { version, connections } = this.#of(name);
        const database = { version, close: () => this.#close(name, database) } as IDBDatabase;
        const connection = { owner: context.owner, context, database };
        connections.push(connection);
        return connection;
    }

    #close(name: string, closed: IDBDatabase): void {
        const state = this.#of(name);
        state.connections = state.connections.filter(({ database }) => database !== closed);
        this.#serve(name);
    }

    #succeed(wish: OpenRequest, connection?: Connection): void {
        Object.assign(wish.request, { result: connection?.database });
        this.#tell(wish, "success");
    }

    #fail(wish: OpenRequest, name: string): void {
        Object.assign(wish.request, { error: new DOMException("The request failed.", name) });
        this.#tell(wish, "error");
    }

    #tell({ owner, request }: OpenRequest, outcome: "success" | "error" | "blocked"): void {
        owner.deliver(() => request[`on${outcome}`]?.({} as IDBVersionChangeEvent), this.delay);
    }

    /** It ends, by itself or with its process. */
    #forget(context: Context): void {
        for (const [name, database] of this.#databases) {
            if (database.upgrade?.context === context) {
                database.version = database.upgrade.before;
                database.upgrade = null;
            }
            database.queue = database.queue.filter((wish) => wish.context !== context);
            database.connections = database.connections.filter((it) => it.context !== context);
            this.#serve(name);
        }
    }
}
