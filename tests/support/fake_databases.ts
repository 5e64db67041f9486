import type { Process } from "./fake_clock";

type Outcome = "upgradeneeded" | "success" | "error" | "blocked";

interface OpenRequest {
    owner: Process;
    name: string;
    /** Null: the database is to be deleted. */
    version: number | null | undefined;
    request: IDBOpenDBRequest;
    isBlocked: boolean;
}

interface Connection {
    owner: Process;
    database: IDBDatabase;
}

interface Database {
    version: number;
    connections: Connection[];
    queue: OpenRequest[];
}

/** The IndexedDB databases of one browser, as far as opening and closing goes. */
export class FakeDatabases {
    /** How long an event is on its way, in milliseconds. */
    delay = 1;
    /** What each `open` throws, if anything: access is forbidden. */
    refusal: DOMException | null = null;
    /** No request is ever answered. */
    isMute = false;
    readonly #databases = new Map<string, Database>();

    get names(): string[] {
        return [...this.#databases].filter(([, { version }]) => version).map(([name]) => name);
    }

    /** `indexedDB` of a process. */
    of(owner: Process): IDBFactory {
        owner.atEnd(() => this.#forget(owner));
        return {
            open: (name: string, version?: number) => this.#request(owner, name, version),
            deleteDatabase: (name: string) => this.#request(owner, name, null),
        } as IDBFactory;
    }

    /** The user clears the data of the site: every connection ends. */
    clear(): void {
        for (const [name, database] of this.#databases) {
            const closed = database.connections.splice(0);
            database.version = 0;
            for (const { owner, database: it } of closed) {
                owner.deliver(() => it.onclose?.({} as Event), this.delay);
            }
            this.#serve(name);
        }
    }

    #request(owner: Process, name: string, version: number | null | undefined): IDBOpenDBRequest {
        if (this.refusal) {
            throw this.refusal;
        }
        const request = { error: null } as IDBOpenDBRequest;
        if (!this.isMute) {
            this.#of(name).queue.push({ owner, name, version, request, isBlocked: false });
            this.#serve(name);
        }
        return request;
    }

    #of(name: string): Database {
        if (!this.#databases.has(name)) {
            this.#databases.set(name, { version: 0, connections: [], queue: [] });
        }
        return this.#databases.get(name)!;
    }

    /** Serves requests in their order, until one has to wait. */
    #serve(name: string): void {
        const database = this.#of(name);
        for (let next; (next = database.queue[0]); database.queue.shift()) {
            const { owner, version, request } = next;
            const wanted = version === undefined ? database.version || 1 : version;
            if (wanted !== null && wanted < database.version) {
                Object.assign(request, { error: new DOMException("too low", "VersionError") });
                this.#tell(owner, request, "error");
                continue;
            }
            const isChange = wanted !== database.version;
            if (isChange && database.connections.length) {
                if (!next.isBlocked) {
                    next.isBlocked = true;
                    this.#tell(owner, request, "blocked");
                }
                return;
            }
            database.version = wanted ?? 0;
            if (wanted !== null) {
                const result = this.#connect(owner, name);
                Object.assign(request, { result });
                if (isChange) {
                    this.#tell(owner, request, "upgradeneeded");
                }
                this.#tell(owner, request, "success");
            }
        }
    }

    #connect(owner: Process, name: string): IDBDatabase {
        const { version, connections } = this.#of(name);
        const database = { version, close: () => this.#close(name, database) } as IDBDatabase;
        connections.push({ owner, database });
        return database;
    }

    #close(name: string, closed: IDBDatabase): void {
        const state = this.#of(name);
        state.connections = state.connections.filter(({ database }) => database !== closed);
        this.#serve(name);
    }

    #tell(owner: Process, request: IDBOpenDBRequest, outcome: Outcome): void {
        owner.deliver(() => request[`on${outcome}`]?.({} as IDBVersionChangeEvent), this.delay);
    }

    #forget(owner: Process): void {
        for (const [name, database] of this.#databases) {
            database.queue = database.queue.filter((request) => request.owner !== owner);
            database.connections = database.connections.filter((it) => it.owner !== owner);
            this.#serve(name);
        }
    }
}
