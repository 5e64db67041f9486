import { parseTransportMemory, type TransportMemory } from "../core/transport_memory";

/** Keeps how the transports did, for all tabs and for the next page. */
export interface TransportStore {
    load(): TransportMemory;
    save(memory: TransportMemory): void;
}

export function storedTransports(storage: () => Storage, key: string): TransportStore {
    return {
        load() {
            try {
                return parseTransportMemory(JSON.parse(storage().getItem(key)!)) ?? {};
            } catch {
                return {};
            }
        },
        save(memory) {
            try {
                storage().setItem(key, JSON.stringify(memory));
            } catch {
                // Full or forbidden: the next hub finds out by itself.
            }
        },
    };
}
