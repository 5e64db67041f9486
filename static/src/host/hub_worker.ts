import type { TabId, Term } from "../core/messages";

/** What the hub's Worker is started with. */
export interface HubStart {
    scope: string;
    uid: number | false;
    term: Term;
    hostTab: TabId;
}

/** Runs a hub somewhere, until `stop`. */
export interface HubProcess {
    stop(): void;
}

export type StartHub = (start: HubStart) => HubProcess;

/** Runs the hub in a dedicated Worker, which is neither slowed nor blocked with its tab. */
export function hubInWorker(url: string): StartHub {
    return (start) => {
        const worker = new Worker(url, { name: "bus_quiet:hub" });
        worker.onerror = (event) => {
            console.error("Quiet Bus: the hub's worker failed.", event.message ?? url);
        };
        worker.postMessage(start);
        return { stop: () => worker.terminate() };
    };
}
