/** Entry of the hub's script: runs it in a Worker, or in the page where no Worker can start. */
import { systemClock } from "../core/clock";
import { broadcastChannel, type HubStart } from "../core/messages";
import { adaptiveTransport } from "../transport/adaptive_transport";
import { lazyTransport } from "../transport/lazy_transport";
import { Lives } from "../transport/lives";
import { websocketTransport } from "../transport/websocket_transport";
import { loadFallback } from "./fallback_script";
import { Hub } from "./hub";

function startHub(start: HubStart): Hub {
    const environment = { clock: systemClock, random: Math.random };
    const hub: Hub = new Hub({
        ...start,
        ...environment,
        locks: navigator.locks,
        openChannel: broadcastChannel,
        openTransport: adaptiveTransport({
            ...environment,
            lives: new Lives(systemClock, start.transports, (memory) => hub.keep(memory)),
            transports: {
                websocket: websocketTransport(systemClock),
                stream: lazyTransport(() => loadFallback("stream")),
                poll: lazyTransport(() => loadFallback("once")),
            },
        }),
    });
    return hub;
}

if (typeof document === "undefined") {
    const start = ({ data }: MessageEvent) => {
        startHub(data);
        // The page must know that no error can mean any more that there is no hub.
        postMessage("started");
    };
    addEventListener("message", start, { once: true });
} else {
    globalThis.busQuietStartHub = startHub;
}
