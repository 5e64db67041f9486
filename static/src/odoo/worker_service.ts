import type { BusEvent } from "../core/messages";
import type { BusLink } from "./link";
import { Deferred, WORKER_STATE } from "./stock";

type Handler = (message: { data: { type: string; data?: any } }) => void;

/**
 * Stands in for stock's `worker_service`: no worker is behind it, but whoever speaks the protocol of
 * stock's worker through it is answered by our bus.
 */
export class WorkerServiceShim {
    readonly isUsingSharedWorker = false;
    /** Id of the notification that subscribers are just being handed. */
    handedOut: number | null = null;
    readonly connectionInitializedDeferred = new Deferred();
    _state = WORKER_STATE.UNINITIALIZED;

    readonly #handlers = new Set<Handler>();

    constructor(readonly link: BusLink) {
        link.onMasterChange = (isMaster) =>
            this.#emit(isMaster ? "ELECTION:ASSIGN_MASTER" : "ELECTION:UNASSIGN_MASTER");
        link.onEvent = (event) => this.#emit(event.type, event.data);
    }

    get state(): string {
        return this._state;
    }

    async ensureWorkerStarted(): Promise<void> {
        if (this._state === WORKER_STATE.UNINITIALIZED) {
            this._state = WORKER_STATE.INITIALIZING!;
            await this.link.join();
            this._state = WORKER_STATE.INITIALIZED!;
            this.connectionInitializedDeferred.resolve();
        }
        await this.connectionInitializedDeferred;
    }

    /** Hears all messages from now on, without starting anything. */
    listen(handler: Handler): void {
        this.#handlers.add(handler);
    }

    async registerHandler(handler: Handler): Promise<void> {
        this.listen(handler);
        await this.ensureWorkerStarted();
    }

    /** Takes the actions of stock's worker; ignored before it was started, as there. */
    async send(action: string, data?: any): Promise<void> {
        if (this._state === WORKER_STATE.UNINITIALIZED) {
            return;
        }
        await this.connectionInitializedDeferred;
        const { link } = this;
        switch (action) {
            case "BASE:INIT":
                return this.#emit("BASE:INITIALIZED");
            case "BUS:INITIALIZE_CONNECTION":
                return this.#emit("BUS:INITIALIZED");
            case "BUS:START":
                return link.start();
            case "BUS:STOP":
                return link.setOnline(false);
            case "BUS:LEAVE":
                return link.stop();
            case "BUS:ADD_CHANNEL":
                return link.addChannel(data);
            case "BUS:DELETE_CHANNEL":
                return link.deleteChannel(data);
            case "BUS:FORCE_UPDATE_CHANNELS":
                return link.resubscribe();
            case "BUS:SEND":
                return link.send(data.event_name, data.data);
            case "BUS:SET_LOGGING_ENABLED":
                return link.setLogging(data);
            case "BUS:REQUEST_LOGS":
                return this.#emit("BUS:PROVIDE_LOGS", await link.requestLogs());
            case "ELECTION:IS_MASTER?":
                return this.#emit("ELECTION:IS_MASTER_RESPONSE", { answer: await link.isMaster() });
            case "ELECTION:UNREGISTER":
                return link.resignMastership();
        }
    }

    #emit(type: BusEvent["type"] | string, data?: unknown): void {
        for (const handler of this.#handlers) {
            handler({ data: { type, data } });
        }
    }
}
