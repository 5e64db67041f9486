import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import type {
    BusEvent,
    Channel,
    HubMessage,
    Letter,
    OpenChannel,
    ServerNotification,
    TabId,
    TabMessage,
    TabState,
    Term,
} from "../core/messages";
import { ResumeWindow, type WindowState } from "../core/resume_window";
import { RelayLog } from "../core/sequence";
import type { OpenTransport } from "../transport/transport";
import { appointMaster } from "./appointment";
import { Connection } from "./connection";
import { PresenceReports } from "./presence";
import { Roster } from "./roster";
import { Sender } from "./sender";
import { SUBSCRIBE_DELAY, Subscription } from "./subscription";

/** Interval of the heartbeat in milliseconds. */
export const BEAT_INTERVAL = 1_000;
/** How long, in milliseconds, a new hub waits for the tabs of the old one before it subscribes. */
export const HANDOVER_DELAY = 30;

type WithoutTerm<Message> = Message extends unknown ? Omit<Message, "term"> : never;

export interface HubOptions {
    term: Term;
    hostTab: TabId;
    /** Id of the user that the scope belongs to, false for the public; the server checks it. */
    uid: number | false;
    clock: Clock;
    random: Random;
    openChannel: OpenChannel;
    openTransport: OpenTransport;
}

/** The one place per browser and scope that talks to the server, for all tabs. */
export class Hub {
    readonly #channel: Channel;
    readonly #connection: Connection;
    readonly #sender: Sender;
    readonly #subscription: Subscription;
    readonly #presence: PresenceReports;
    readonly #roster = new Roster();
    readonly #relayed = new RelayLog<BusEvent>();
    readonly #heartbeat: Alarm;
    readonly #firstStart: Alarm;
    /** What the server sent to this hub. */
    #window: ResumeWindow;
    /** Everything after this id was or will be relayed by this hub; infinite before it knows a tab. */
    #servesFrom = Infinity;
    /** The same for each channel by itself: the server was told of some of them later. */
    #coverage = new Map<string, number>();
    /** The server was told channels on the present connection. */
    #isSubscribed = false;
    #master: TabId | null = null;
    /** The first connection was asked for; from then on `start` is up to the tabs. */
    #isStarted = false;
    #isLogging = false;

    readonly #options: HubOptions;

    constructor(options: HubOptions) {
        this.#options = options;
        const { clock, random, openChannel, openTransport } = options;
        this.#window = new ResumeWindow(clock, { point: Infinity, recent: [] });
        this.#connection = new Connection(clock, random, openTransport, {
            event: (event) => this.#relay(event),
            connected: () => this.#connected(),
            received: (notifications) => this.#received(notifications),
            disconnected: () => this.#disconnected(),
        });
        this.#sender = new Sender(clock, (event, data) => {
            this.#log("send", { event, data });
            this.#connection.send(event, data);
        });
        this.#subscription = new Subscription(clock, (channels) =>
            this.#sender.subscribe(() => {
                const last = this.#window.resumePoint;
                this.#cover(channels, last);
                this.#window.note(this.#roster.settledId);
                return { channels, last, uid: options.uid };
            })
        );
        this.#presence = new PresenceReports(clock, (inactivity, sent) =>
            this.#sender.send("update_presence", { inactivity_period: inactivity }, sent)
        );
        this.#heartbeat = new Alarm(clock, () => this.#beat());
        this.#firstStart = new Alarm(clock, () => {
            this.#isStarted = true;
            this.#connection.start();
        });
        this.#channel = openChannel((message) => this.#receive(message as TabMessage));
        this.#post({ kind: "up" });
        this.#heartbeat.set(BEAT_INTERVAL);
    }

    /** Stops serving at once: another hub takes over, or nobody is left. */
    close(): void {
        this.#heartbeat.clear();
        this.#firstStart.clear();
        this.#channel.close();
        this.#connection.close();
    }

    #receive(message: TabMessage): void {
        if (message.kind !== "here") {
            this.#log("receive", message);
        }
        switch (message.kind) {
            case "hello":
                return this.#welcome(message.tab, message.state, message.window, message.outbox);
            case "goodbye":
                this.#roster.remove(message.tab);
                return this.#rosterChanged();
            case "here":
                this.#roster.hear(message.tab, this.#options.clock.now());
                return this.#appoint();
            case "send":
                return this.#take(message.tab, message.letter);
            case "hole":
                return this.#fill(message.tab, message.term, message.from, message.to);
            case "command":
                return this.#obey(message.command);
            case "logging":
                this.#isLogging = message.isEnabled;
                return;
            case "inquire":
                return this.#post({
                    kind: "report",
                    tab: message.tab,
                    report: this.#report(),
                });
        }
    }

    #welcome(tab: TabId, state: TabState, window: WindowState | undefined, outbox: Letter[]) {
        const isNew = !this.#roster.has(tab);
        const wasActive = this.#roster.state(tab)?.active ?? false;
        this.#roster.put(tab, state, this.#options.clock.now());
        if (state.active && window) {
            this.#learn(isNew, state, window);
        }
        if (isNew) {
            this.#isLogging ||= state.logging;
            this.#connection.inherit(this.#roster.memory);
        }
        if (isNew || (state.active && !wasActive)) {
            // A tab without a part in the bus heard nothing: now it has to know where things are.
            this.#post({
                kind: "welcome",
                tab,
                sequence: this.#relayed.sequence,
                state: this.#connection.state,
                missed: state.memory === "none" ? this.#relayedAfter(state.settledId || Infinity) : [],
            });
        }
        // In a handover the channels are known already and come at once from all tabs.
        this.#rosterChanged(isNew && state.memory !== "none" ? HANDOVER_DELAY : SUBSCRIBE_DELAY);
        outbox.forEach((letter) => this.#take(tab, letter));
    }

    #relayedAfter(id: number): ServerNotification[] {
        return this.#relayed.items
            .flatMap((event) => (event.type === "BUS:NOTIFICATION" ? event.data : []))
            .filter((notification) => notification.id > id);
    }

    /** Makes sure that whatever the tab lacks is, or will be, in what this hub relays. */
    #learn(isNew: boolean, { memory, settledId, channels }: TabState, { point }: WindowState): void {
        if (this.#servesFrom === Infinity) {
            return this.#rewind(point);
        }
        // A page without a past wants what came since it was made. Its channels, and those of a tab
        // that was here all the time, were added just now.
        const isFresh = memory === "none";
        const from = isFresh ? settledId || Infinity : point;
        const isCovered = (channel: string) => this.#coverage.get(channel)! <= point;
        if (from < this.#servesFrom || (isNew && !isFresh && !channels.every(isCovered))) {
            this.#rewind(from);
        } else if (this.#subscription.isTold) {
            this.#window.note(settledId);
        }
    }

    /**
     * Starts anew from an earlier id. Nothing of what was received is taken over: the server is to
     * repeat it, and each tab drops what it has.
     */
    #rewind(to: number): void {
        this.#servesFrom = Math.min(to, this.#servesFrom);
        const point = Math.min(to, this.#window.resumePoint);
        this.#window = new ResumeWindow(this.#options.clock, { point, recent: [] });
        if (this.#subscription.isTold) {
            this.#connection.reopen();
        }
    }

    /** Notes from which id on each of the channels is served, now that the server is told of them. */
    #cover(channels: string[], last: number): void {
        // A connection has one starting point, however often its channels change.
        const from = this.#isSubscribed ? this.#window.highest : last;
        this.#isSubscribed = true;
        this.#coverage = new Map(channels.map((it) => [it, this.#coverage.get(it) ?? from]));
    }

    #rosterChanged(settleDelay = SUBSCRIBE_DELAY): void {
        const newest = this.#roster.newest;
        if (newest) {
            this.#connection.setURL(newest.websocketURL);
        }
        this.#subscription.setChannels(this.#roster.channels, settleDelay);
        this.#appoint();
        if (!this.#roster.hasActiveTab) {
            this.#connection.stop();
        } else if (!this.#isStarted) {
            // At once for tabs that had a connection, and else after giving such tabs the time to say
            // so: a page that was just loaded may be the first that a new hub hears of.
            this.#firstStart.ensure(HANDOVER_DELAY);
            if (this.#roster.memory !== "none") {
                this.#firstStart.set(0);
            }
        }
    }

    #obey(command: (TabMessage & { kind: "command" })["command"]): void {
        if (command === "offline") {
            this.#connection.stop();
        } else if (command === "resubscribe") {
            this.#subscription.renew();
        } else {
            if (command === "online") {
                this.#connection.forgive();
            }
            if (this.#roster.hasActiveTab && this.#isStarted) {
                this.#connection.start();
            }
        }
    }

    #take(tab: TabId, letter: Letter): void {
        if (!this.#roster.takeLetter(tab, letter.number)) {
            return;
        }
        const sent = () =>
            this.#post({
                kind: "receipt",
                tab,
                number: letter.number,
            });
        const inactivity = (letter.data as { inactivity_period?: unknown } | null)?.inactivity_period;
        if (letter.event === "update_presence" && typeof inactivity === "number") {
            this.#presence.add(inactivity, sent);
        } else {
            this.#sender.send(letter.event, letter.data, sent);
        }
    }

    #connected(): void {
        this.#sender.opened();
        this.#subscription.opened();
    }

    #disconnected(): void {
        this.#sender.closed();
        this.#subscription.closed();
        this.#isSubscribed = false;
        this.#window.forgetNotes();
    }

    #received(notifications: ServerNotification[]): void {
        const fresh = notifications.filter(({ id }) => this.#window.accept(id));
        if (fresh.length) {
            this.#relay({ type: "BUS:NOTIFICATION", data: fresh });
        }
    }

    #relay(event: BusEvent): void {
        this.#log("relay", event);
        const first = this.#relayed.append(event);
        this.#post({ kind: "relay", first, items: [event] });
    }

    #fill(tab: TabId, term: Term, from: number, to: number): void {
        if (term !== this.#options.term) {
            return;
        }
        const items = this.#relayed.range(from, to);
        if (!items) {
            // The tab says hello next, with what it knows: the server has to repeat the rest.
            this.#servesFrom = Infinity;
        }
        this.#post(
            items
                ? { kind: "relay", tab, first: from, items }
                : { kind: "gap", tab, to }
        );
    }

    #appoint(): void {
        const { clock, hostTab } = this.#options;
        const master = appointMaster(this.#roster, this.#master, hostTab, clock.now());
        if (master !== this.#master) {
            this.#log("appoint", { master, before: this.#master });
            this.#master = master;
            this.#postBeat();
        }
    }

    #beat(): void {
        if (this.#roster.removeSilent(this.#options.clock.now())) {
            this.#rosterChanged();
        }
        this.#appoint();
        this.#postBeat();
        this.#heartbeat.set(BEAT_INTERVAL);
    }

    #postBeat(): void {
        this.#post({
            kind: "beat",
            sequence: this.#relayed.sequence,
            master: this.#master,
            tabs: this.#roster.tabs,
        });
    }

    #log(event: string, details: unknown): void {
        if (this.#isLogging) {
            this.#post({ kind: "log", event, details });
        }
    }

    #report(): Record<string, unknown> {
        const { term, hostTab, uid } = this.#options;
        return {
            term,
            host_tab: hostTab,
            master_tab: this.#master,
            uid,
            phase: this.#connection.phase,
            state: this.#connection.state,
            channels: this.#roster.channels,
            tabs: this.#roster.tabs,
            resume_point: this.#window.resumePoint,
            websocket_url: this.#roster.newest?.websocketURL,
        };
    }

    #post(message: WithoutTerm<HubMessage>): void {
        this.#channel.post({ ...message, term: this.#options.term } as HubMessage);
    }
}
