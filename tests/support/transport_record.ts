import type { Closure, TransportListener } from "../../static/src/transport/transport";

/** What a transport told its owner, in order. */
export class TransportRecord implements TransportListener {
    readonly events: string[] = [];
    closure: Closure | null = null;

    // Arrow functions: a transport may pass them on one by one.
    readonly opened = (): void => this.note("opened");
    readonly interrupted = (): void => this.note("interrupted");
    readonly replaced = (): void => this.note("replaced");
    readonly received = (notifications: { id: number }[]): void =>
        this.note(`received ${notifications.map(({ id }) => id).join()}`);
    readonly closed = (closure: Closure): void => {
        this.closure = closure;
        this.note(`closed ${closure.code}`);
    };

    /** What came since this was asked last. */
    news(): string[] {
        return this.events.splice(0);
    }

    private note(event: string): void {
        this.events.push(event);
    }
}
