import type { BusMessage, Channel } from "../../static/src/core/messages";
import type { Process } from "./fake_clock";

interface Port {
    process: Process;
    name: string;
    receive: (message: any) => void;
    /** When the latest message of each sender arrives. */
    arrivals: Map<Port, number>;
}

/** The BroadcastChannels of one browser, in memory. */
export class FakeChannels {
    /** How long a message is on its way, in milliseconds. */
    delay: (sender: Process) => number = () => 1;
    /** Whether a message gets lost on its way to a receiver. */
    loses: (message: BusMessage, receiver: Process) => boolean = () => false;
    /** All that was posted. */
    readonly posted: BusMessage[] = [];

    readonly #ports = new Set<Port>();

    open<Message>(
        process: Process,
        name: string,
        receive: (message: Message) => void
    ): Channel<Message> {
        const port: Port = { process, name, receive, arrivals: new Map() };
        this.#ports.add(port);
        const close = () => {
            this.#ports.delete(port);
            this.#ports.forEach(({ arrivals }) => arrivals.delete(port));
        };
        process.atEnd(close);
        return {
            post: (message) => {
                if (process.isAlive) {
                    this.#post(port, message as BusMessage);
                }
            },
            close,
        };
    }

    /** The posted messages of a kind. */
    ofKind<Kind extends BusMessage["kind"]>(kind: Kind): (BusMessage & { kind: Kind })[] {
        return this.posted.filter((it): it is BusMessage & { kind: Kind } => it.kind === kind);
    }

    /** Lets others hear a message that no port of theirs has posted. */
    inject(message: BusMessage): void {
        this.#ports.forEach(({ receive, process }) => process.run(() => receive(message)));
    }

    #post(sender: Port, message: BusMessage): void {
        const text = structuredClone(message);
        this.posted.push(text);
        for (const port of this.#ports) {
            if (port !== sender && port.name === sender.name && !this.loses(text, port.process)) {
                this.#carry(sender, port, text);
            }
        }
    }

    #carry(sender: Port, port: Port, message: BusMessage): void {
        const now = port.process.now();
        const arrival = Math.max(now + this.delay(sender.process), port.arrivals.get(sender) ?? 0);
        port.arrivals.set(sender, arrival);
        port.process.deliver(() => {
            if (this.#ports.has(port)) {
                port.receive(structuredClone(message));
            }
        }, arrival - now);
    }
}
