/** The parts of Odoo 19.0 that the adapters use; written by hand, so that no Odoo tree is needed. */

declare module "@web/core/browser/browser" {
    export const browser: Window & typeof globalThis;
}

declare module "@web/core/l10n/translation" {
    /** Translates with the terms of the named module. */
    export function appTranslateFn(source: string, module: string): string;
}

declare module "@web/core/network/download" {
    export function downloadFile(data: Blob | string, name: string, type: string): unknown;
}

declare module "@web/core/network/rpc" {
    export function rpc(route: string, params: object, settings: { silent: boolean }): Promise<unknown>;
}

declare module "@web/core/utils/patch" {
    export function patch<T extends object>(target: T, extension: object & ThisType<T>): () => void;
}

declare module "@web/core/utils/concurrency" {
    export class Deferred<T = void> extends Promise<T> {
        constructor();
        resolve(value: T): void;
        reject(reason: unknown): void;
    }
}

declare module "@web/core/user" {
    export const user: { userId: number | false | undefined };
}

declare module "@web/session" {
    export const session: {
        db?: string;
        user_id?: number | false | [number, string];
        websocket_worker_version: string;
        /** A page of the website, of the portal, or of the login. */
        is_frontend?: boolean;
        /** Left out by the server while Quiet Bus is switched off. */
        bus_quiet?: {
            /** Tells databases and users apart without naming them. */
            scope: string;
            /** For how many milliseconds one beep makes others superfluous. */
            beep_interval: number;
            /** Only the user's browser that was used last beeps. */
            beep_last_used: boolean;
            /** After how many minutes a hidden browser is dormant. */
            dormant_after: number;
            /** As in `ServerSnapshot`. */
            settled_id: number;
            recent_ids: number[];
        };
    };
}

declare module "@bus/workers/bus_worker_utils" {
    export class Logger {
        constructor(name: string);
        log(message: unknown): Promise<void>;
        getLogs(): Promise<unknown[]>;
    }
}

declare module "@bus/services/worker_service" {
    export const WORKER_STATE: Readonly<
        Record<"UNINITIALIZED" | "INITIALIZING" | "INITIALIZED" | "FAILED", string>
    >;
    export const workerService: {
        dependencies: string[];
        start(env: unknown, services: Record<string, unknown>): object;
    };
    export class WorkerService {
        constructor(env: unknown, services: Record<string, unknown>);
        connectionInitializedDeferred: Promise<void>;
        ensureWorkerStarted(): Promise<void>;
        registerHandler(handler: (event: { data: { type: string; data?: any } }) => void): Promise<void>;
        send(action: string, data?: unknown): Promise<void>;
    }
}

declare module "@bus/multi_tab_service" {
    export const multiTabService: {
        dependencies?: string[];
        start(env: unknown, services: Record<string, unknown>): object;
    };
}

declare module "@bus/services/bus_service" {
    export const busService: {
        dependencies: string[];
        start(env: unknown, services: Record<string, unknown>): object;
        /** Test hook: sees each notification. */
        _onMessage(env: unknown, id: number, type: string, payload: unknown): void;
    };
}

declare const luxon: {
    DateTime: { now(): { set(values: object): object; toFormat(format: string): string } };
};

declare const odoo: { debug: string };

/** Set by build.mjs: tells builds apart. */
declare const BUILD: string;
