import { CloseCode, type OpenTransport, type Transport, type TransportListener } from "./transport";

/** A transport whose code is loaded when it is first needed. */
class LazyTransport implements Transport {
    #transport: Transport | null = null;
    #isClosed = false;

    constructor(load: () => Promise<OpenTransport>, url: string, listener: TransportListener) {
        load().then(
            (open) => {
                if (!this.#isClosed) {
                    this.#transport = open(url, listener);
                }
            },
            (error: unknown) => {
                if (!this.#isClosed) {
                    listener.closed({ code: CloseCode.ABNORMAL, reason: String(error) });
                }
            }
        );
    }

    send(event: string, data: unknown): void {
        this.#transport!.send(event, data);
    }

    close(): void {
        this.#isClosed = true;
        this.#transport?.close();
    }
}

export function lazyTransport(load: () => Promise<OpenTransport>): OpenTransport {
    return (url, listener) => new LazyTransport(load, url, listener);
}
