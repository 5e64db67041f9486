import type { Process } from "./fake_clock";

interface LockRequest {
    name: string;
    owner: Process;
    callback: LockGrantedCallback<unknown>;
    signal: AbortSignal | undefined;
    resolve: (value: unknown) => void;
    reject: (reason: unknown) => void;
}

const aborted = (message: string) => new DOMException(message, "AbortError");

/** The Web Locks of one browser: exclusive, first come first served. */
export class FakeLocks {
    /** Grants a lock even when its request was aborted on the way, as older browsers do. */
    grantsAborted = false;
    /** How long a grant is on its way, in milliseconds. */
    delay = 1;

    readonly #held = new Map<string, LockRequest>();
    readonly #waiting: LockRequest[] = [];

    /** `navigator.locks` of a process. */
    of(owner: Process): LockManager {
        owner.atEnd(() => this.#releaseAll(owner));
        const request = (name: string, ...rest: unknown[]) => {
            const callback = rest.pop() as LockGrantedCallback<unknown>;
            const { signal, steal } = (rest[0] ?? {}) as LockOptions;
            return new Promise((resolve, reject) => {
                const request: LockRequest = { name, owner, callback, signal, resolve, reject };
                signal?.addEventListener("abort", () => this.#abort(request));
                if (steal) {
                    this.#steal(request);
                } else {
                    this.#waiting.push(request);
                    this.#grantNext(name);
                }
            });
        };
        return { request, query: () => Promise.resolve(this.snapshot()) } as LockManager;
    }

    snapshot(): LockManagerSnapshot {
        const info = ({ name }: LockRequest): LockInfo => ({ name, mode: "exclusive" });
        return { held: [...this.#held.values()].map(info), pending: this.#waiting.map(info) };
    }

    #abort(request: LockRequest): void {
        const index = this.#waiting.indexOf(request);
        if (index >= 0) {
            this.#waiting.splice(index, 1);
            request.reject(aborted("The request was aborted."));
        }
    }

    #steal(request: LockRequest): void {
        this.#held.get(request.name)?.reject(aborted("The lock was stolen."));
        this.#grant(request);
    }

    #grantNext(name: string): void {
        const index = this.#waiting.findIndex((request) => request.name === name);
        if (index >= 0 && !this.#held.has(name)) {
            this.#grant(this.#waiting.splice(index, 1)[0]!);
        }
    }

    #grant(request: LockRequest): void {
        const { name, owner, callback, signal, resolve, reject } = request;
        this.#held.set(name, request);
        owner.deliver(() => {
            if (signal?.aborted && !this.grantsAborted) {
                reject(aborted("The request was aborted."));
                return this.#release(request);
            }
            Promise.resolve(callback({ name, mode: "exclusive" }))
                .then(resolve, reject)
                .finally(() => this.#release(request));
        }, this.delay);
    }

    #release(request: LockRequest): void {
        if (this.#held.get(request.name) === request) {
            this.#held.delete(request.name);
            this.#grantNext(request.name);
        }
    }

    #releaseAll(owner: Process): void {
        const others = this.#waiting.filter((request) => request.owner !== owner);
        this.#waiting.splice(0, Infinity, ...others);
        [...this.#held.values()]
            .filter((request) => request.owner === owner)
            .forEach((request) => this.#release(request));
    }
}
