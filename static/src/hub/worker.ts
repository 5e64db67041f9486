/** Entry of the hub's Worker: its first message says whom to serve. */
import { systemClock } from "../core/clock";
import { broadcastChannel } from "../core/messages";
import { websocketTransport } from "../transport/websocket_transport";
import { Hub } from "./hub";

addEventListener(
    "message",
    ({ data: { scope, uid, term, hostTab } }) => {
        new Hub({
            uid,
            term,
            hostTab,
            clock: systemClock,
            random: Math.random,
            openChannel: broadcastChannel(scope),
            openTransport: websocketTransport(systemClock),
        });
    },
    { once: true }
);
