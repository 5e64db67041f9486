/** What the tests use of the tools, which are JavaScript; the tools document it. */
declare module "*/tools/odoo.mjs" {
    export interface OdooOptions {
        database?: string;
        modules?: string[];
        workers?: number;
        warm?: boolean;
        quiet?: boolean;
        addonsFolders?: string[];
    }

    export interface Odoo {
        baseURL: string;
        database: string;
        query(sql: string): Promise<Record<string, any>[]>;
        callKw(
            user: string,
            model: string,
            method: string,
            args?: unknown[],
            kwargs?: Record<string, unknown>
        ): Promise<any>;
        logText(): string;
        shell(code: string): Promise<string>;
        uninstallModule(module: string): Promise<void>;
        stopServer(): Promise<void>;
        startServer(): Promise<void>;
        restart(): Promise<void>;
        stop(): Promise<void>;
    }

    export function startOdoo(options?: OdooOptions): Promise<Odoo>;
}
