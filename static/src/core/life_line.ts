import type { TabId } from "./messages";

/** Name of the lock that a tab holds as long as it lives. */
export function lifeLineName(channel: string, tab: TabId): string {
    return `${channel}.tab.${tab}`;
}
