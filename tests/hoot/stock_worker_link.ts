import { WorkerService } from "@bus/services/worker_service";
import { browser } from "@web/core/browser/browser";
import { Deferred } from "@web/core/utils/concurrency";
import { user } from "@web/core/user";
import { session } from "@web/session";
import type { BusEvent } from "../../static/src/core/messages";
import type { BusLink, LinkServices, LogReport } from "../../static/src/odoo/link";

interface Services extends LinkServices {
    legacy_multi_tab?: { getSharedValue(key: string, otherwise: unknown): unknown };
}

/**
 * The link of Odoo's own browser tests. They have no server and no second page: their stand-in for
 * both is stock's worker, mocked. This link puts that worker in the place of our hub, so that all of
 * ours above the link (the services) is under test, in Odoo's suites and in those of other addons.
 */
export class StockWorkerLink implements BusLink {
    readonly isHost = true;
    readonly isMasterTab = false;
    readonly claims = {
        ask: () => this.isMaster(),
        refuse: () => Promise.resolve(false),
        spare: () => {},
    };
    readonly usage = { setAudibility: () => {} };
    onEvent: (event: BusEvent) => void = () => {};
    onMasterChange: (isMaster: boolean) => void = () => {};

    readonly #worker: WorkerService;
    readonly #startedAt = Date.now();
    #connected: Deferred | null = null;
    #registered: Promise<void> | null = null;
    #isCandidate = true;
    #questions: Deferred<boolean>[] = [];
    #reports: Deferred<LogReport>[] = [];

    readonly #env: { services: Services };
    readonly #services: Services;

    constructor(
        env: { services: Services },
        services: Services
    ) {
        this.#env = env;
        this.#services = services;
        this.#worker = new WorkerService(env, services as unknown as Record<string, unknown>);
        browser.addEventListener("pagehide", (event) => {
            this.resignMastership();
            if (!(event as PageTransitionEvent).persisted) {
                this.#worker.send("BUS:LEAVE");
            }
        });
    }

    join(): Promise<void> {
        return this.#worker.ensureWorkerStarted();
    }

    async start(): Promise<void> {
        await this.#connect();
        this.#worker.send("BUS:START");
    }

    stop(): void {
        this.#worker.send("BUS:LEAVE");
    }

    async addChannel(channel: string): Promise<void> {
        await this.#connect();
        this.#worker.send("BUS:ADD_CHANNEL", channel);
        this.#worker.send("BUS:START");
    }

    deleteChannel(channel: string): void {
        this.#worker.send("BUS:DELETE_CHANNEL", channel);
    }

    resubscribe(): void {
        this.#worker.send("BUS:FORCE_UPDATE_CHANNELS");
    }

    send(event: string, data: unknown): void {
        this.#worker.send("BUS:SEND", { event_name: event, data });
    }

    setOnline(isOnline: boolean): void {
        this.#worker.send(isOnline ? "BUS:START" : "BUS:STOP");
    }

    setLogging(isEnabled: boolean): void {
        this.#worker.send("BUS:SET_LOGGING_ENABLED", isEnabled);
    }

    requestLogs(): Promise<LogReport> {
        const answer = new Deferred<LogReport>();
        this.#reports.push(answer);
        this.#worker.send("BUS:REQUEST_LOGS");
        return answer;
    }

    async isMaster(): Promise<boolean> {
        if (!this.#isCandidate) {
            return false;
        }
        await (this.#registered ??= this.#register());
        const answer = new Deferred<boolean>();
        this.#questions.push(answer);
        this.#worker.send("ELECTION:IS_MASTER?");
        return answer;
    }

    resignMastership(): void {
        this.#isCandidate = false;
        this.#worker.send("ELECTION:UNREGISTER");
    }

    async #register(): Promise<void> {
        await this.#worker.registerHandler(({ data: { type, data } }) => {
            switch (type) {
                case "ELECTION:IS_MASTER_RESPONSE":
                    return this.#questions.shift()?.resolve(data.answer);
                case "ELECTION:HEARTBEAT_REQUEST":
                    return this.#worker.send("ELECTION:HEARTBEAT");
                case "ELECTION:ASSIGN_MASTER":
                    return this.onMasterChange(true);
                case "ELECTION:UNASSIGN_MASTER":
                    return this.onMasterChange(false);
            }
        });
        this.#worker.send("ELECTION:REGISTER");
    }

    async #connect(): Promise<void> {
        if (!this.#connected) {
            this.#connected = new Deferred();
            await this.#worker.registerHandler(({ data: { type, data } }) => this.#receive(type, data));
            const uid = Array.isArray(session.user_id) ? session.user_id[0] : user.userId;
            const { serverURL } = this.#services["bus.parameters"];
            this.#worker.send("BUS:INITIALIZE_CONNECTION", {
                websocketURL: `${serverURL.replace("http", "ws")}/websocket?version=${session.websocket_worker_version}`,
                db: session.db,
                debug: odoo.debug,
                lastNotificationId: this.#env.services.legacy_multi_tab?.getSharedValue(
                    "last_notification_id",
                    0
                ),
                uid: !uid && uid !== undefined ? false : uid,
                startTs: this.#startedAt,
            });
        }
        await this.#connected;
    }

    #receive(type: string, data: unknown): void {
        if (type === "BUS:INITIALIZED") {
            this.#connected!.resolve();
        } else if (type === "BUS:PROVIDE_LOGS") {
            this.#reports.shift()?.resolve(data as LogReport);
        } else if (type.startsWith("BUS:")) {
            this.onEvent({ type, data } as BusEvent);
        }
    }
}
