/** The page of the browser tests: a tab of the bus without Odoo, wired as in odoo/link.ts. */
import { systemClock } from "../../static/src/core/clock";
import { type BusEvent, broadcastChannel, scopeName } from "../../static/src/core/messages";
import { browserElection } from "../../static/src/host/browser_election";
import { storedTerms } from "../../static/src/host/election";
import { WorkerRunner } from "../../static/src/host/hub_worker";
import { followPage } from "../../static/src/tab/page_life";
import { Tab } from "../../static/src/tab/tab";
import { followAttention } from "../../static/src/tab/page_attention";
import { storedClaims } from "../../static/src/tab/claim_store";
import { storedTransports } from "../../static/src/tab/transport_store";
import { storedWindow } from "../../static/src/tab/window_store";
import type { BusPage } from "../support/browser_page_api";

const { scope, uid, build = "1", channels = "", snapshot, version = "1" } = window.pageInfo;
const name = scopeName(scope);
const storage = () => window.localStorage;

const tab = new Tab({
    id: Math.random().toString(36).slice(2),
    scope,
    build,
    websocketURL: `ws://${location.host}/websocket?version=${version}&uid=${uid}`,
    startedAt: Date.now(),
    snapshot,
    clock: systemClock,
    random: Math.random,
    locks: navigator.locks,
    openChannel: broadcastChannel,
    makeElection: browserElection(name, storedTerms(storage, `${name}.term`)),
    hubRunner: new WorkerRunner("/hub.js"),
    store: storedWindow(storage, `${name}.window`),
    transportStore: storedTransports(storage, `${name}.transports`),
    claimStore: storedClaims(storage, `${name}.claims`),
    dormantAfter: 30 * 60_000,
    beepInterval: 1_000,
    browser: null,
    hasMissed: () => Promise.resolve(false),
});

const busPage: BusPage = {
    tab,
    events: [],
    arrivals: [],
    firstAnswer: null,
    isInCall: false,
    isRestored: false,
    subscriber: () => {},
};
window.busPage = busPage;

tab.onEvent = (event: BusEvent) => {
    const at = Date.now();
    if (event.type === "BUS:NOTIFICATION") {
        busPage.arrivals.push(...event.data.map(({ id }) => ({ id, at })));
    } else {
        busPage.events.push({ type: event.type, data: event.data });
    }
    busPage.subscriber(event);
};

// As stock's bus service.
window.addEventListener("online", () => tab.setOnline(true), { capture: true });
window.addEventListener("offline", () => tab.setOnline(false), { capture: true });

followPage(tab);
followAttention(tab.usage, systemClock, () => busPage.isInCall);
window.addEventListener("pageshow", ({ persisted }) => (busPage.isRestored ||= persisted));

void tab.isMaster().then((isMaster) => (busPage.firstAnswer = isMaster));
channels.split(",").forEach((channel) => channel && tab.addChannel(channel));
