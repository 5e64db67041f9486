import type { BusEvent } from "../../static/src/core/messages";
import type { ServerSnapshot } from "../../static/src/core/resume_window";
import type { Tab } from "../../static/src/tab/tab";

/** What the server writes into the page; but for the snapshot, it comes from the address. */
export interface PageInfo {
    scope: string;
    uid: string;
    build?: string;
    /** Separated by commas. */
    channels?: string;
    version?: string;
    snapshot: ServerSnapshot;
}

export interface Arrival {
    id: number;
    /** Wall-clock time in milliseconds. */
    at: number;
}

/** What the page shows to the tests. */
export interface BusPage {
    tab: Tab;
    /** All events of the bus but notifications. */
    events: { type: string; data: unknown }[];
    /** The notifications, one by one. */
    arrivals: Arrival[];
    /** Answer to the question at load whether this is the master tab; null while it is open. */
    firstAnswer: boolean | null;
    /** The user takes part in a call here. */
    isInCall: boolean;
    /** The page came back from the back/forward cache. */
    isRestored: boolean;
    /** Called with each event, after it has been recorded. */
    subscriber: (event: BusEvent) => void;
}

declare global {
    interface Window {
        busPage: BusPage;
        pageInfo: PageInfo;
    }
}
