/** Ways to talk to the server, the best first. */
export const TRANSPORTS = ["websocket", "stream", "poll"] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** How a transport did lately. */
export interface Conduct {
    /** How often in a row it failed where another one worked. */
    failures: number;
    /** Until when it is not tried first (wall clock, ms). */
    blockedUntil: number;
}

/** What the tabs of a browser remember of the way to the server, also for the next page. */
export type TransportMemory = Partial<Record<TransportName, Conduct>>;

/** Parses what was stored; null when it is not such a memory. */
export function parseTransportMemory(value: unknown): TransportMemory | null {
    const isConduct = (conduct: Partial<Conduct> | undefined) =>
        conduct === undefined ||
        (Number.isFinite(conduct?.failures) && Number.isFinite(conduct?.blockedUntil));
    const isMemory =
        typeof value === "object" &&
        value !== null &&
        TRANSPORTS.every((name) => isConduct((value as TransportMemory)[name]));
    return isMemory ? (value as TransportMemory) : null;
}
