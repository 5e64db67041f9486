import sinon from "sinon";
import type { Clock } from "../../static/src/core/clock";

const EPOCH = Date.UTC(2026, 0, 1);

/** Sinon's fake time behind our `Clock`; the timers of the test runner stay real. */
export class FakeClock implements Clock {
    readonly #time = sinon.useFakeTimers({ now: EPOCH, toFake: [] });

    constructor() {
        // Only the clock object is wanted: nothing global stays faked.
        this.#time.restore();
    }

    now(): number {
        return this.#time.now;
    }

    setTimeout(callback: () => void, delay: number): unknown {
        return this.#time.setTimeout(callback, delay);
    }

    clearTimeout(handle: unknown): void {
        this.#time.clearTimeout(handle as number);
    }

    /** Passes time; after each timer everything that promises have to do is done. */
    async pass(milliseconds: number): Promise<void> {
        let isOver = false;
        await settlePromises();
        this.#time.setTimeout(() => (isOver = true), milliseconds);
        while (!isOver) {
            this.#time.next();
            await settlePromises();
        }
    }
}

/** Lets promises go on; takes no time. */
export function settlePromises(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}

/** An event loop of its own, of a page or a Worker: it can be frozen, and it can die. */
export class Process implements Clock {
    isAlive = true;
    isFrozen = false;
    wasFrozen = false;
    /** Timers fire at the next multiple of this, in milliseconds, as those of hidden pages do. */
    #timerStep = 0;
    #slowed: (() => void)[] = [];
    #backlog: (() => void)[] = [];
    #atEnd: (() => void)[] = [];

    readonly #clock: Clock;

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    now(): number {
        return this.#clock.now();
    }

    setTimeout(callback: () => void, delay: number): unknown {
        const timer = { isCleared: false };
        // It may be cleared while it waits for the thaw.
        const task = () => timer.isCleared || callback();
        this.#clock.setTimeout(() => this.#ring(task), delay);
        return timer;
    }

    /** Runs a task after a time that no throttling changes: what comes from outside the process. */
    deliver(task: () => void, delay: number): void {
        this.#clock.setTimeout(() => this.run(task), delay);
    }

    /** Slows all timers, or with 0 lets them run again. */
    throttle(timerStep: number): void {
        this.#timerStep = timerStep;
        if (!timerStep) {
            this.#slowed.splice(0).forEach((task) => this.run(task));
        }
    }

    clearTimeout(handle: unknown): void {
        if (handle) {
            (handle as { isCleared: boolean }).isCleared = true;
        }
    }

    /** Runs a task here: at once, after the thaw, or never. */
    run(task: () => void): void {
        if (this.isFrozen) {
            this.#backlog.push(task);
        } else if (this.isAlive) {
            task();
        }
    }

    #ring(task: () => void): void {
        if (!this.#timerStep) {
            return this.run(task);
        }
        this.#slowed.push(task);
        const wait = this.#timerStep - (this.now() % this.#timerStep);
        this.#clock.setTimeout(() => this.#slowed.splice(0).forEach((it) => this.run(it)), wait);
    }

    /** What the browser does for a process that ends, however it ends. */
    atEnd(clean: () => void): void {
        this.#atEnd.push(clean);
    }

    freeze(): void {
        this.isFrozen = this.wasFrozen = true;
    }

    thaw(): void {
        this.isFrozen = false;
        this.#backlog.splice(0).forEach((task) => this.run(task));
    }

    kill(): void {
        this.isAlive = false;
        this.#backlog = [];
        this.#atEnd.splice(0).forEach((clean) => clean());
    }
}
