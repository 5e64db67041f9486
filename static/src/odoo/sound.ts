import type { BusLink } from "./link";

/** Discuss's service of sounds. */
export interface SoundEffects {
    play(name: string, options?: object): void;
    stop(name?: string): void;
}

/**
 * Plays a sound; resolves to false where the browser lets the page make none. The service keeps that to
 * itself, so it is asked of the audio element. What else goes wrong would in another tab as well.
 *
 * @param play plays it through the service
 */
export async function isHeard(link: BusLink, play: () => void): Promise<boolean> {
    const { prototype } = HTMLMediaElement;
    const { play: playElement } = prototype;
    let outcome: Promise<unknown> | undefined;
    prototype.play = function () {
        const promise = playElement.call(this);
        outcome = promise;
        return promise;
    };
    try {
        play();
    } finally {
        prototype.play = playElement;
    }
    try {
        await outcome;
        link.usage.setAudibility("heard");
        return true;
    } catch (error) {
        const isMuted = (error as DOMException).name === "NotAllowedError";
        if (isMuted) {
            link.usage.setAudibility("muted");
        }
        return !isMuted;
    }
}
