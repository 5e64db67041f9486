import { isHeard, type SoundEffects } from "./sound";
import { loader, patch } from "./stock";
import type { WorkerServiceShim } from "./worker_service";

const RING = "call-invitation";

/** What rings in this browser, whether in this tab or not. */
interface Ring {
    start(): void;
    stop(): void;
}

let workerService: WorkerServiceShim | null = null;
let ring: Ring | null = null;

/**
 * Has a call ring in the master tab, and move with it; in stock it rings in all tabs.
 *
 * @param present the worker service of this page
 */
export function ringOnce(present: WorkerServiceShim): void {
    const isFirst = workerService === null;
    workerService = present;
    present.listen(({ data: { type } }) => {
        if (type === "ELECTION:ASSIGN_MASTER") {
            ring?.start();
        } else if (type === "ELECTION:UNASSIGN_MASTER") {
            ring?.stop();
        }
    });
    // Discuss is not in every bundle.
    const module = loader.modules.get("@mail/core/common/sound_effects_service");
    if (isFirst && module) {
        const { SoundEffects } = module as { SoundEffects: { prototype: SoundEffects } };
        patch(SoundEffects.prototype, {
            play(name: string, ...options: object[]) {
                if (name !== RING) {
                    return super.play(name, ...options);
                }
                ring = {
                    start: () => void isHeard(workerService!.link, () => super.play(name, ...options)),
                    stop: () => super.stop(name),
                };
                void startHere(ring);
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

async function startHere(started: Ring): Promise<void> {
    if ((await workerService!.link.isMaster()) && ring === started) {
        started.start();
    }
}
