/** A real nginx before Odoo, configured well, or as badly as it is found out there. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensurePackages } from "../../tools/debian_host.mjs";
import type { Odoo } from "../../tools/odoo.mjs";
import { freePorts } from "../../tools/ports.mjs";
import { createProgress } from "../../tools/progress.mjs";
import { registerCleanUp } from "../../tools/shutdown.mjs";
import { type ProbedOdoo, waitUntil } from "./e2e_odoo";

const NGINX = process.env.NGINX ?? "/usr/sbin/nginx";
const HOST = "127.0.0.1";
/** Here nginx tells which configuration it follows. */
const EDITION_PATH = "/.edition";

/** What Odoo's deployment guide asks for; a location that sets headers inherits none. */
const FORWARDED = `
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Real-IP $remote_addr;`;
const UPGRADE = `
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;`;

function location(prefix: string, upstream: "http" | "evented", more = ""): string {
    return `
        location ${prefix} {
            proxy_pass http://${upstream};${FORWARDED}${more}
        }`;
}

const REST = location("/", "http");

/** How nginx leads to Odoo, by name. */
export const SITES = {
    /** As the deployment guide says. */
    right: location("/websocket", "evented", UPGRADE) + REST,
    /** Made for Odoo before 16.0, which had no websockets. */
    old: location("/longpolling", "evented") + REST,
    /** Made for an Odoo without workers. */
    httpOnly: REST,
    /** Without the headers that make a websocket. */
    withoutUpgrade: location("/websocket", "evented") + REST,
    /** Keeps answers back until they are whole, whatever Odoo asks for. */
    buffering: `
        proxy_buffering on;
        proxy_ignore_headers X-Accel-Buffering;
        proxy_buffer_size 64k;
        proxy_buffers 16 64k;
        proxy_busy_buffers_size 128k;
        ${location("/websocket", "evented")}${REST}`,
    /** Lets nobody leave HTTP. */
    refusing: `
        if ($http_upgrade) {
            return 400;
        }
        ${REST}`,
} as const;

export type SiteName = keyof typeof SITES;

interface Ports {
    own: number;
    http: number;
    evented: number;
}

function configuration(site: SiteName, ports: Ports, edition: number): string {
    return `
daemon off;
worker_processes 1;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    gzip on;
    gzip_types text/css text/scss text/plain text/xml
        application/xml application/json application/javascript;
    map $http_upgrade $connection_upgrade {
        default upgrade;
        "" close;
    }
    upstream http {
        server ${HOST}:${ports.http};
    }
    upstream evented {
        server ${HOST}:${ports.evented};
    }
    server {
        listen ${HOST}:${ports.own};
        client_max_body_size 64m;
        proxy_read_timeout 720s;
        location = ${EDITION_PATH} {
            return 200 "${edition}";
        }
        ${SITES[site]}
    }
}
`;
}

class Nginx {
    /** Stops it, and removes what it wrote. */
    readonly stop: () => Promise<void>;
    #edition = 0;
    readonly #process: ChildProcess;
    readonly #ports: Ports;
    readonly #folder: string;

    private constructor(folder: string, ports: Ports, site: SiteName) {
        this.#folder = folder;
        this.#ports = ports;
        this.#configure(site);
        const log = path.join(folder, "error.log");
        this.#process = spawn(NGINX, ["-p", folder, "-c", "nginx.conf", "-e", log], {
            stdio: "ignore",
        });
        const ended = new Promise((resolve) => {
            this.#process.once("exit", resolve);
            this.#process.once("error", resolve);
        });
        const kill = () => void this.#process.kill();
        process.on("exit", kill);
        this.stop = registerCleanUp(async () => {
            kill();
            await ended;
            process.off("exit", kill);
            rmSync(folder, { recursive: true, force: true });
        });
    }

    static async start(site: SiteName, { httpPort, eventedPort }: Odoo): Promise<Nginx> {
        await ensurePackages(["nginx-light"], createProgress());
        const folder = mkdtempSync(path.join(tmpdir(), "quiet-bus-nginx-"));
        // As root it works as another user, who has to reach its own files.
        chmodSync(folder, 0o711);
        const { httpPort: own } = await freePorts();
        const nginx = new Nginx(folder, { own, http: httpPort, evented: eventedPort }, site);
        try {
            await nginx.#settled();
            return nginx;
        } catch (error) {
            await nginx.stop();
            throw error;
        }
    }

    get port(): number {
        return this.#ports.own;
    }

    /** Changes its ways as an administrator does: what is under way goes on as before. */
    async become(site: SiteName): Promise<void> {
        this.#configure(site);
        this.#process.kill("SIGHUP");
        await this.#settled();
    }

    #configure(site: SiteName): void {
        const text = configuration(site, this.#ports, ++this.#edition);
        writeFileSync(path.join(this.#folder, "nginx.conf"), text);
    }

    /** Waits until it follows its present configuration. */
    #settled(): Promise<void> {
        return waitUntil("nginx with its configuration", 10_000, async () => {
            const url = `http://${HOST}:${this.port}${EDITION_PATH}`;
            const edition = await fetch(url, { headers: { connection: "close" } })
                .then((response) => response.text())
                .catch(() => "");
            return edition === String(this.#edition) || this.#complaints();
        });
    }

    #complaints(): string {
        try {
            return readFileSync(path.join(this.#folder, "error.log"), "utf8");
        } catch {
            return `${NGINX} wrote no log`;
        }
    }
}

export async function withNginx(
    site: SiteName,
    { odoo }: ProbedOdoo,
    check: (nginx: Nginx) => Promise<void>
): Promise<void> {
    const nginx = await Nginx.start(site, odoo);
    try {
        await check(nginx);
    } finally {
        await nginx.stop();
    }
}
