/** Entry of the script that the hub loads where a websocket does not get through. */
import { pollTransport } from "./poll_transport";

globalThis.busQuietPollTransport = pollTransport;
