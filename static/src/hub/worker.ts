/** Entry of the hub's script: runs it in a Worker, or in the page where no Worker can start. */
import { systemClock } from "../core/clock";
import { broadcastChannel, type HubStart } from "../core/messages";
import { websocketTransport } from "../transport/websocket_transport";
import { Hub } from "./hub";

function startHub(start: HubStart): Hub {
    return new Hub({
        ...start,
        clock: systemClock,
        random: Math.random,
        openChannel: broadcastChannel,
        openTransport: websocketTransport(systemClock),
    });
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
