import { broadcastChannel, type Channel, scopeName } from "../core/messages";
import { isHeard, type SoundEffects } from "./sound";
import { loader, patch, session } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

const RING = "call-invitation";

/** What tabs tell each other: that it rings here from now on; or no more, and is another's, by a claim of this name. */
type RingMessage = { kind: "rings" } | { kind: "left"; claim: string };

/** What rings in this browser, whether in this tab or not. */
class Ring {
    #isHere = false;
    readonly #play: () => void;
    readonly #silence: () => void;

    constructor(play: () => void, silence: () => void) {
        this.#play = play;
        this.#silence = silence;
    }

    /** Rings in this tab, and in no other. */
    start(): void {
        if (!this.#isHere) {
            this.#isHere = true;
            channel!.post({ kind: "rings" });
            void isHeard(workerService!.link, this.#play);
        }
    }

    stop(): void {
        this.#isHere = false;
        this.#silence();
    }

    /** It is no longer this tab's: the new master tab rings on, or another if that knows nothing of the call. */
    leave(): void {
        if (this.#isHere) {
            this.stop();
            const claim = `ring/${Math.random()}`;
            channel!.post({ kind: "left", claim });
            void startInOneTab(this, claim);
        }
    }
}

let workerService: WorkerServiceShim | null = null;
let ring: Ring | null = null;
let channel: Channel<RingMessage> | null = null;

/**
 * Has a call ring in one tab: the master tab, with which it moves, or another if that has no Discuss. In
 * stock it rings in all tabs.
 *
 * @param present the worker service of this page
 */
export function ringOnce(present: WorkerServiceShim): void {
    const isFirst = workerService === null;
    workerService = present;
    // Discuss is not in every bundle.
    const module = loader.modules.get("@mail/core/common/sound_effects_service");
    if (!module) {
        return;
    }
    present.listen(({ data: { type } }) => {
        if (type === "ELECTION:ASSIGN_MASTER") {
            ring?.start();
        } else if (type === "ELECTION:UNASSIGN_MASTER") {
            ring?.leave();
        }
    });
    channel?.close();
    const name = `${scopeName(session.bus_quiet?.scope ?? "")}.ring`;
    channel = broadcastChannel(name, (message: RingMessage) => {
        if (message.kind === "rings") {
            ring?.stop();
        } else if (ring) {
            void startInOneTab(ring, message.claim);
        }
    });
    if (isFirst) {
        // For one that is not the master tab; that has left by now.
        window.addEventListener("pagehide", () => ring?.leave());
        const { SoundEffects } = module as { SoundEffects: { prototype: SoundEffects } };
        patch(SoundEffects.prototype, {
            play(name: string, ...options: object[]) {
                if (name !== RING) {
                    return super.play(name, ...options);
                }
                ring = new Ring(
                    () => super.play(name, ...options),
                    () => super.stop(name)
                );
                // A page may be loaded while it rings; else a notification has brought the call to all tabs.
                const { handedOut } = workerService!;
                const claim = handedOut === null ? null : `notification/${handedOut}/ring`;
                void startInOneTab(ring, claim);
            },
            stop(...names: string[]) {
                if (!names.length || names[0] === RING) {
                    ring = null;
                }
                super.stop(...names);
            },
        } as SoundEffects);
    }
}

/** @param claim by which the tabs agree on one; null where only the master tab is to ring */
async function startInOneTab(started: Ring, claim: string | null): Promise<void> {
    const { link } = workerService!;
    const isHere = await (claim === null ? link.isMaster() : link.claims.ask(claim, false));
    if (isHere && ring === started) {
        started.start();
    }
}
