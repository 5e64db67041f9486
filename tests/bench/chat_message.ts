/** A chat message from a colleague: how soon it is in a browser, and beeps there. */
import type { Tab } from "../support/e2e_browser";
import { chatOf } from "../support/e2e_discuss";
import { waitUntil } from "../support/e2e_odoo";
import { type Probe, USER } from "./probe";

const COLLEAGUE = "julia";
/** Until it must be in all tabs, in milliseconds. */
const TIMEOUT = 20_000;

/** In milliseconds from the sending on. */
export interface MessageTimes {
    /** Until it is in the last tab. */
    message: number;
    /** Undefined where there is none. */
    beep: number | undefined;
}

declare global {
    interface Window {
        chatNoted: { messages: number[]; beeps: number[] };
    }
}

/** Has the tab note when messages come, and when it beeps. */
export function noteMessages({ page }: Tab): Promise<void> {
    return page.evaluate(() => {
        window.chatNoted = { messages: [], beeps: [] };
        const note = () => window.chatNoted.messages.push(Date.now());
        window.services.bus_service.subscribe("discuss.channel/new_message", note);
        const { play } = HTMLMediaElement.prototype;
        HTMLMediaElement.prototype.play = function () {
            window.chatNoted.beeps.push(Date.now());
            return play.call(this);
        };
    });
}

/**
 * Has the colleague write to the user of these tabs, all of which note messages.
 *
 * @param patience how long the beep may take, in milliseconds
 */
export async function timeMessage({ server }: Probe, tabs: Tab[], patience: number): Promise<MessageTimes> {
    const chat = await chatOf(server, COLLEAGUE, USER);
    const sentAt = Date.now();
    await server.post(COLLEAGUE, chat);
    const noted = async () => {
        const all = await Promise.all(tabs.map(({ page }) => page.evaluate(() => window.chatNoted)));
        const isLater = (time: number) => time >= sentAt;
        return all.map(({ messages, beeps }) => ({
            message: messages.find(isLater),
            beep: beeps.find(isLater),
        }));
    };
    await waitUntil("a message in all tabs", TIMEOUT, async () =>
        (await noted()).every(({ message }) => message !== undefined)
    );
    await new Promise((resolve) => setTimeout(resolve, patience));
    const times = await noted();
    const beeps = times.flatMap(({ beep }) => beep ?? []);
    return {
        message: Math.max(...times.map(({ message }) => message!)) - sentAt,
        beep: beeps.length ? Math.min(...beeps) - sentAt : undefined,
    };
}
