import type { HubStart } from "../core/messages";

/** Runs a hub somewhere, until `stop`. */
export interface HubProcess {
    stop(): void;
}

export type StartHub = (start: HubStart) => HubProcess;

/**
 * Runs the hub in a dedicated Worker, which is neither slowed nor blocked with its tab; in the page,
 * where the browser or a content security policy allows no Worker.
 *
 * @param url of the hub's script
 */
export function hubInWorker(url: string): StartHub {
    return (start) => {
        let process: HubProcess;
        const fallBack = () => (process = runInPage(url, start));
        try {
            process = runInWorker(url, start, fallBack);
        } catch {
            process = fallBack();
        }
        return { stop: () => process.stop() };
    };
}

function runInWorker(url: string, start: HubStart, onImpossible: () => void): HubProcess {
    const worker = new Worker(url, { name: "bus_quiet:hub" });
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
