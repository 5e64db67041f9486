import type { HubStart } from "../core/messages";

/** Runs a hub somewhere, until `stop`. */
export interface HubProcess {
    stop(): void;
}

export interface HubRunner {
    /** Gets ready: a hub is to be started soon, and then at once. */
    prepare(): void;
    /** Takes that back. */
    discard(): void;
    start(start: HubStart): HubProcess;
}

/**
 * Runs hubs in a dedicated Worker, which is neither slowed nor blocked with its tab; in the page,
 * where the browser or a content security policy allows no Worker.
 */
export class WorkerRunner implements HubRunner {
    readonly #url: string;
    /** To start a Worker takes most of the time of a takeover; this one was started before. */
    #spare: Worker | null = null;

    /** @param url of the hub's script */
    constructor(url: string) {
        this.#url = url;
    }

    prepare(): void {
        try {
            this.#spare ??= this.#makeWorker();
            this.#spare.onerror = () => this.discard();
        } catch {
            // No Worker can be made; `start` does without.
        }
    }

    discard(): void {
        this.#spare?.terminate();
        this.#spare = null;
    }

    start(start: HubStart): HubProcess {
        let process: HubProcess;
        const fallBack = () => (process = runInPage(this.#url, start));
        try {
            process = runInWorker(this.#spare ?? this.#makeWorker(), start, fallBack);
        } catch {
            process = fallBack();
        }
        this.#spare = null;
        return { stop: () => process.stop() };
    }

    #makeWorker(): Worker {
        return new Worker(this.#url, { name: "bus_quiet:hub" });
    }
}

function runInWorker(worker: Worker, start: HubStart, onImpossible: () => void): HubProcess {
    let isStarted = false;
    worker.onmessage = () => (isStarted = true);
    worker.onerror = (event) => {
        if (isStarted) {
            console.error("Quiet Bus: an error in the hub.", event.message);
        } else {
            worker.terminate();
            onImpossible();
        }
    };
    worker.postMessage(start);
    return { stop: () => worker.terminate() };
}

function runInPage(url: string, start: HubStart): HubProcess {
    console.warn("Quiet Bus: no Worker can be started; the hub runs in the page.");
    let isStopped = false;
    let hub: { close(): void } | undefined;
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => {
        if (!isStopped) {
            hub = globalThis.busQuietStartHub!(start);
        }
    };
    document.head.append(script);
    return {
        stop: () => {
            isStopped = true;
            hub?.close();
        },
    };
}
