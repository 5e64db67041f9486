import type { TabState } from "../../static/src/core/messages";

/** What an ordinary tab says of itself. */
export function tabState(state: Partial<TabState> = {}): TabState {
    return {
        active: true,
        candidate: true,
        master: false,
        channels: [],
        websocketURL: "ws://server",
        startedAt: 0,
        settledId: 0,
        memory: "none",
        attention: "focused",
        audibility: "untried",
        usedAt: 0,
        logging: false,
        ...state,
    };
}
