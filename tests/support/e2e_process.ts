/** The processes of a server, as Linux tells of them. */
import fs from "node:fs";

const LISTENING = "0A";

/** The process that listens on a port of this machine. */
export function listenerOf(port: number): number {
    const inode = inodeOfListener(port);
    const pid = fs
        .readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .find((name) => openFiles(name).includes(`socket:[${inode}]`));
    if (!inode || !pid) {
        throw new Error(`nobody listens on port ${port}`);
    }
    return Number(pid);
}

function inodeOfListener(port: number): string | undefined {
    const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const rows = fs.readFileSync("/proc/net/tcp", "utf8").trim().split("\n");
    const columns = rows.map((row) => row.trim().split(/\s+/));
    return columns.find(([, local, , state]) => local!.endsWith(end) && state === LISTENING)?.[9];
}

function openFiles(pid: string): string[] {
    try {
        return fs.readdirSync(`/proc/${pid}/fd`).map((file) => readLink(`/proc/${pid}/fd/${file}`));
    } catch {
        // It has ended, or is another user's.
        return [];
    }
}

function readLink(file: string): string {
    try {
        return fs.readlinkSync(file);
    } catch {
        return "";
    }
}

/** Resident memory, in MiB. */
export function residentMemory(pid: number): number {
    const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}
