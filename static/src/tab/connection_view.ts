import type { ConnectionMemory, WorkerState } from "../core/messages";

/** What the tab knows of the connection to the server. */
export class ConnectionView {
    /** Null before it was told anything. */
    state: WorkerState | null = null;
    /** There was a connection once: from then on the tab wants all that comes. */
    hasHistory = false;

    /** What the next hub is told. */
    get memory(): ConnectionMemory {
        if (this.state === "CONNECTED") {
            return "connected";
        }
        return this.hasHistory ? "lost" : "none";
    }

    /** Takes note of a state; false when it is no news. */
    learn(state: WorkerState): boolean {
        const isNews = state !== this.state;
        this.state = state;
        this.hasHistory ||= state === "CONNECTED";
        return isNews;
    }
}
