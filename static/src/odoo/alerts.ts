import type { BusLink } from "./link";
import { isOurMultiTab } from "./multi_tab";
import { isHeard, type SoundEffects } from "./sound";
import { loader, patch } from "./stock";

/** The parts of Discuss's models that are of interest here. */
interface Thread {
    /** The user sees the conversation, if the page is looked at. */
    isDisplayed?: boolean;
}

interface Message {
    id: number;
    thread?: Thread;
}

/** Discuss's service that alerts the user to a message. */
interface OutOfFocusService {
    multiTab: { isOnMainTab(): Promise<boolean> };
    soundEffectService: SoundEffects;
    notify(message: Message, thread?: Thread): unknown;
    _playSound(...args: unknown[]): unknown;
}

let link: BusLink | null = null;

/**
 * Has a message make one native notification and one beep per browser, whichever tabs come and go
 * meanwhile. Discuss's way of alerting is kept, with all that other modules make of it: it only gets
 * another answer to whether it is in the main tab.
 *
 * @param present the link of this page
 */
export function alertOnce(present: BusLink): void {
    const isFirst = link === null;
    link = present;
    // Discuss is not in every bundle.
    const module = loader.modules.get("@mail/core/common/out_of_focus_service");
    if (isFirst && module) {
        const { OutOfFocusService } = module as { OutOfFocusService: { prototype: OutOfFocusService } };
        patch(OutOfFocusService.prototype, {
            notify(this: OutOfFocusService, message: Message, thread?: Thread) {
                if (!isOurMultiTab(this.multiTab)) {
                    return super.notify(message, thread);
                }
                // Each tab hears of the message, if in notifications of its own.
                const alert = new Alert(link!, `message/${message.id}`);
                if (document.hasFocus() && (thread ?? message.thread)?.isDisplayed) {
                    alert.spareSound();
                }
                return super.notify.call(alert.performedBy(this), message, thread);
            },
        } as OutOfFocusService);
    }
}

/** What is done about one message. */
class Alert {
    readonly #link: BusLink;
    readonly #notice: string;
    readonly #sound: string;

    constructor(link: BusLink, key: string) {
        this.#link = link;
        this.#notice = `${key}/notice`;
        this.#sound = `${key}/sound`;
    }

    /** The user reads the message already. */
    spareSound(): void {
        this.#link.claims.spare(this.#sound);
    }

    /** The service, as this alert sees it: the tab that shows the notice need not be one that is heard. */
    performedBy(service: OutOfFocusService): OutOfFocusService {
        const { claims } = this.#link;
        const sounding = seenAs(service, {
            multiTab: seenAs(service.multiTab, { isOnMainTab: () => claims.ask(this.#sound, true) }),
            soundEffectService: seenAs(service.soundEffectService, {
                play: (...sound) => void this.#play(service.soundEffectService, sound),
            }),
        });
        return seenAs(service, {
            multiTab: seenAs(service.multiTab, { isOnMainTab: () => claims.ask(this.#notice, false) }),
            _playSound: (...args) => service._playSound.apply(sounding, args),
        });
    }

    /** Plays it here, later if the browser does not let it be heard before the user clicks. */
    async #play(effects: SoundEffects, sound: Parameters<SoundEffects["play"]>): Promise<void> {
        let isTurn = true;
        while (isTurn && !(await isHeard(this.#link, () => effects.play(...sound)))) {
            isTurn = await this.#link.claims.refuse(this.#sound);
        }
    }
}

/** The object itself, but for these members; what is set on it is set on the object. */
function seenAs<T extends object>(object: T, members: Partial<T>): T {
    return new Proxy(object, {
        get: (_, name, receiver) => Reflect.get(name in members ? members : object, name, receiver),
        set: (_, name, value) => Reflect.set(object, name, value),
    });
}
