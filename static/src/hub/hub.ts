import type { Random } from "../core/back_off";
import { Alarm, type Clock } from "../core/clock";
import {
    type BusMessage,
    type Channel,
    type Draft,
    type Hello,
    type HubMessage,
    type HubStart,
    type Letter,
    type OpenChannel,
    type TabId,
} from "../core/messages";
import type { TransportMemory } from "../core/transport_memory";
import { WakingTime } from "../core/waking_time";
import type { OpenTransport } from "../transport/transport";
import { Appointment } from "./appointment";
import { Claims } from "./claims";
import { Demand } from "./demand";
import { Heartbeat } from "./heartbeat";
import { LifeWatch } from "./life_watch";
import { Reception } from "./reception";
import { Relay } from "./relay";
import { Rivals, USED_TYPE } from "./rivals";
import { Roster } from "./roster";
import { ServerLine } from "./server_line";
import { SUBSCRIBE_DELAY } from "./subscription";

/** How long, in milliseconds, a new hub waits for the tabs of the one before to say hello. */
export const HANDOVER_DELAY = 30;

export interface HubOptions extends HubStart {
    clock: Clock;
    random: Random;
    /** Undefined in a context that is not secure. */
    locks: LockManager | undefined;
    openChannel: OpenChannel;
    openTransport: OpenTransport;
}

/** The one place per browser and scope that talks to the server, for all tabs. */
export class Hub {
    readonly #channel: Channel<BusMessage>;
    readonly #line: ServerLine;
    readonly #roster = new Roster();
    readonly #reception: Reception;
    readonly #relay = new Relay((message) => this.#post(message));
    readonly #heartbeat: Heartbeat;
    readonly #time: WakingTime;
    readonly #settling: Alarm;
    readonly #appointment: Appointment;
    readonly #claims: Claims;
    readonly #rivals: Rivals;
    /**
     * The tabs of the hub before have had the time to speak. A page that was just loaded may be the
     * first that is heard; it must not be taken for the only one.
     */
    #isSettled = false;
    readonly #demand: Demand;
    readonly #lives: LifeWatch;
    #isLogging = false;

    readonly #options: HubOptions;

    constructor(options: HubOptions) {
        this.#options = options;
        const { channel, clock, hello, locks, openChannel } = options;
        this.#time = new WakingTime(clock);
        this.#appointment = new Appointment(clock, this.#roster, hello.tab, (master) => {
            this.#log("appoint", { master });
            return this.#heartbeat.beat(master);
        });
        this.#line = new ServerLine({
            ...options,
            evidence: this.#time,
            onEvent: (event) => {
                this.#log("relay", event);
                this.#relay.send(event);
            },
            onNotifications: (notifications) =>
                notifications
                    .filter(({ message }) => message.type === USED_TYPE)
                    .forEach(({ message }) => this.#rivals.hear(message.payload)),
            onSend: (event, data) => this.#log("send", { event, data }),
            settledId: () => this.#roster.settledId,
        });
        this.#reception = new Reception({
            line: this.#line,
            relay: this.#relay,
            roster: this.#roster,
            post: (message) => this.#post(message),
        });
        this.#rivals = new Rivals(clock, options.browser, (event, data) =>
            this.#line.tell(event, data)
        );
        this.#claims = new Claims(clock, this.#roster, {
            beepInterval: options.beepInterval,
            isQuiet: () => this.#rivals.isInUse,
            master: () => this.#appointment.master,
            post: (message) => this.#post(message),
        });
        this.#demand = new Demand(this.#roster, this.#line.connection);
        this.#lives = new LifeWatch(locks, channel, (tab) => this.#doubt(tab));
        this.#heartbeat = new Heartbeat(
            clock,
            () => ({
                sequence: this.#relay.sequence,
                challenger: this.#appointment.challenger,
                tabs: this.#roster.tabs,
            }),
            (message) => this.#post(message),
            () => this.#findMaster()
        );
        this.#settling = new Alarm(clock, () => {
            this.#isSettled = true;
            this.#rosterChanged();
            this.#claims.begin();
        });
        this.#channel = openChannel(channel, (message) => this.#receive(message));
        this.#post({ kind: "up" });
        this.#greet(hello, 0);
        this.#settling.set(HANDOVER_DELAY);
        this.#heartbeat.start();
    }

    /** Has the host tab keep what was learnt of the transports. */
    keep(memory: TransportMemory): void {
        this.#post({ kind: "transports", memory });
    }

    /** Stops serving at once: another hub takes over, or nobody is left. */
    close(): void {
        this.#heartbeat.stop();
        this.#settling.clear();
        this.#appointment.close();
        this.#claims.close();
        this.#lives.follow(null);
        this.#channel.close();
        this.#line.close();
    }

    #receive(message: BusMessage): void {
        const { term } = this.#options;
        if (message.term > term) {
            // While this one was frozen or hung, another took over.
            return this.close();
        }
        if ("isHub" in message) {
            return;
        }
        if (message.kind !== "here") {
            this.#log("receive", message);
        }
        switch (message.kind) {
            case "hello":
                // What it took of a lower term was from the hub before.
                return this.#greet(message, message.term === term ? message.position : 0);
            case "goodbye":
                return this.#dismiss(message.tab);
            case "here":
                this.#roster.hear(message.tab, this.#options.clock.now());
                this.#appointment.answered(message.tab, message.beat);
                this.#appointment.update(this.#isSettled);
                if (message.holdsLifeLine && this.#appointment.isHeldBy(message.tab, message.beat)) {
                    this.#lives.follow(message.tab);
                }
                return;
            case "claim":
                return this.#claims.ask(message.tab, message);
            case "claimed":
                return this.#claims.report(message.tab, message.key, message.outcome);
            case "send":
                return this.#take(message.tab, message.letter);
            case "hole":
                // One of a lower term is about what the hub before relayed.
                if (message.term === term) {
                    this.#reception.fill(message.tab, message.from, message.to);
                }
                return;
            case "command":
                return message.command === "resubscribe"
                    ? this.#line.subscription.renew()
                    : this.#demand.obey(message.command);
            case "logging":
                this.#isLogging = message.isEnabled;
                return;
            case "inquire":
                return this.#post({ kind: "report", tab: message.tab, report: this.#report() });
        }
    }

    /** @param position number of the latest item that the tab took from this hub */
    #greet(hello: Hello, position: number): void {
        const { tab, state, outbox, claims } = hello;
        const { number } = this.#heartbeat;
        const isNew = this.#reception.receive(hello, position, this.#options.clock.now());
        const isLoaded = isNew && state.memory === "none";
        this.#isLogging ||= isNew && state.logging;
        if (isLoaded) {
            this.#appointment.pageOpened(tab);
        }
        // In a handover the channels are known already and come at once from all tabs.
        this.#rosterChanged(isNew && !isLoaded ? HANDOVER_DELAY : SUBSCRIBE_DELAY);
        outbox.forEach((letter) => this.#take(tab, letter));
        this.#claims.adopt(tab, claims);
        if (isNew && this.#isSettled && number === this.#heartbeat.number) {
            // It may be asked already whether it is the main tab.
            this.#heartbeat.beat(this.#appointment.master);
        }
    }

    #dismiss(tab: TabId): void {
        if (tab === this.#options.hello.tab) {
            // Its Worker ends with it; what it still said would only keep others busy.
            return this.close();
        }
        this.#roster.remove(tab);
        this.#claims.dismiss(tab);
        this.#rosterChanged();
    }

    /** The tab holds its life line no more: the master has crashed, or is just leaving. */
    #doubt(tab: TabId): void {
        if (tab === this.#appointment.master) {
            this.#roster.doubt(tab);
            this.#appointment.update(this.#isSettled);
        }
    }

    #rosterChanged(settleDelay = SUBSCRIBE_DELAY): void {
        this.#line.attention.update(this.#roster.attentions);
        this.#rivals.update(this.#roster.usedAt);
        this.#line.subscription.setChannels(this.#roster.channels, settleDelay);
        this.#appointment.update(this.#isSettled);
        this.#claims.update();
        this.#demand.rosterChanged(this.#isSettled);
    }

    #take(tab: TabId, letter: Letter): void {
        const { number } = letter;
        if (this.#roster.takeLetter(tab, number)) {
            this.#line.send(letter, () => this.#post({ kind: "receipt", tab, number }));
        }
    }

    /** Time goes on: tabs may have become silent. */
    #findMaster(): TabId | null {
        this.#time.beat();
        if (this.#roster.removeSilent(this.#options.clock.now())) {
            this.#rosterChanged();
        }
        this.#appointment.update(this.#isSettled);
        return this.#appointment.master;
    }

    #log(event: string, details: unknown): void {
        if (this.#isLogging) {
            this.#post({ kind: "log", event, details });
        }
    }

    #report(): Record<string, unknown> {
        const { term, hello, scope } = this.#options;
        return {
            term,
            host_tab: hello.tab,
            master_tab: this.#appointment.master,
            scope,
            phase: this.#line.connection.phase,
            attention: this.#line.attention.level,
            state: this.#line.connection.state,
            channels: this.#roster.channels,
            tabs: this.#roster.tabs,
            resume_point: this.#line.resumption.point,
            websocket_url: this.#roster.newest?.websocketURL,
        };
    }

    #post(message: Draft<HubMessage>): void {
        const { term } = this.#options;
        this.#channel.post({ ...message, term, isHub: true, at: this.#time.now() } as HubMessage);
    }
}
