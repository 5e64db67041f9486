const POLL_INTERVAL = 20;

/** Waits until the condition holds; fails with what was waited for when it never does. */
export async function until(
    what: string,
    condition: () => boolean | Promise<boolean>,
    timeout = 15_000
): Promise<void> {
    const end = Date.now() + timeout;
    while (!(await condition())) {
        if (Date.now() > end) {
            throw new Error(`Not within ${timeout} ms: ${what}`);
        }
        await pause(POLL_INTERVAL);
    }
}

/** Lets time pass where time is what is tested. */
export function pause(duration: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, duration));
}
