/**
 * The lines of a body, each as soon as it is there.
 *
 * @throws when the connection breaks, or is aborted
 */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
        const { done, value } = await reader.read();
        const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
        rest = lines.pop()!;
        yield* lines;
        if (done) {
            if (rest) {
                yield rest;
            }
            return;
        }
    }
}
