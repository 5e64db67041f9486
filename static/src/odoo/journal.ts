import { Logger } from "./stock";

/** Name of the IndexedDB database with the entries of the last 24 hours. */
const DATABASE = "bus_quiet";

/** The bus log that users switch on and download in debug mode, in the form of stock's. */
export class Journal {
    #logger: Logger | null = null;
    #isWarned = false;

    readonly #writer: string;

    constructor(writer: string) {
        this.#writer = writer;
    }

    write(event: string, details: unknown): void {
        this.#open()
            .log({ dt: new Date().toISOString(), event, args: [details], worker: this.#writer })
            .catch((error: unknown) => this.#warn(error));
    }

    /** All entries, of all tabs; none when they can't be read. */
    async read(): Promise<unknown[]> {
        try {
            return await this.#open().getLogs();
        } catch (error) {
            this.#warn(error);
            return [];
        }
    }

    #open(): Logger {
        return (this.#logger ??= new Logger(DATABASE));
    }

    #warn(error: unknown): void {
        if (!this.#isWarned) {
            this.#isWarned = true;
            console.warn("Quiet Bus: the bus log can't be kept.", error);
        }
    }
}
