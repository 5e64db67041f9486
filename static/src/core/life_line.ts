import type { TabId } from "./messages";

/** Name of the lock that a tab holds while it is master. */
export function lifeLineName(channel: string, tab: TabId): string {
    return `${channel}.tab.${tab}`;
}
