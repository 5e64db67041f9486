import type { Attention } from "../core/attention";
import { readLines } from "./line_reader";
import { checkAnswer, type Line, parseLine, PollFailure } from "./poll_answer";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a client asks: `PollRequest` in addon/poll/poll_request.py documents it. */
export interface Poll {
    client: string;
    hold: "stream" | "once";
    attention: Attention;
    /** Null: only asks what the server can do; the rest is left out then. */
    channels: string[] | null;
    scope?: string;
    is_new?: boolean;
    last?: number;
    seen?: number[];
    events?: { event_name: string; data: unknown }[];
}

/**
 * Makes a request; gives the lines of the answer, each as soon as it is there.
 *
 * @throws PollFailure for whatever is no answer of our server, and for the end that it tells
 * @throws when the connection breaks, or is aborted
 */
export async function* ask(
    fetch: Fetch,
    url: string,
    poll: Poll,
    signal: AbortSignal
): AsyncGenerator<Line> {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(poll);
    const response = await fetch(url, { method: "POST", headers, signal, body });
    await checkAnswer(response);
    for await (const text of readLines(response.body!)) {
        signal.throwIfAborted();
        const line = parseLine(text);
        if (line?.kind === "end") {
            throw new PollFailure(line.closure);
        }
        yield line;
    }
}
