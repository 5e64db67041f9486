/** Odoo's chat, as its users see it. */
import type { Profile, Tab } from "./e2e_browser";
import type { ProbedOdoo } from "./e2e_odoo";

/** Id of the chat that the two users have had with each other since the set-up. */
export async function chatOf(server: ProbedOdoo, user: string, other: string): Promise<number> {
    const [id] = await server.odoo.callKw(user, "discuss.channel", "search", [
        [
            ["channel_type", "=", "chat"],
            ["channel_member_ids.partner_id", "=", await server.partnerOf(other)],
        ],
    ]);
    return id;
}

/** Ids of new group chats of the two users. */
export async function newGroups(
    server: ProbedOdoo,
    [user, other]: [string, string],
    count: number
): Promise<number[]> {
    const members = [[4, await server.partnerOf(user)], [4, await server.partnerOf(other)]];
    const groups = Array.from({ length: count }, (_, index) => ({
        channel_type: "group",
        name: `Group ${index + 1}`,
        channel_partner_ids: members,
    }));
    return server.odoo.callKw("admin", "discuss.channel", "create", [groups]);
}

/** The user calls the others of the chat. */
export async function startCall(server: ProbedOdoo, user: string, chat: number): Promise<void> {
    await server.odoo.rpc.call(user, "/mail/rtc/channel/join_call", { channel_id: chat });
}

/** The user hangs up; with nobody in it, the call is over. */
export async function leaveCall(server: ProbedOdoo, user: string, chat: number): Promise<void> {
    await server.odoo.rpc.call(user, "/mail/rtc/channel/leave_call", { channel_id: chat });
}

export async function openChat(profile: Profile, chat: number): Promise<Tab> {
    const tab = await profile.openTab(`/odoo/discuss?active_id=discuss.channel_${chat}`);
    await tab.page.locator(".o-mail-Composer-input").waitFor();
    await tab.waitForConnected();
    return tab;
}

/** Until then an answer that was made before a call puts an end to it in the tab, with any bus. */
export async function untilChatsAreThere({ page }: Tab): Promise<void> {
    await page.evaluate(async () => {
        const store = window.services["mail.store"];
        await store.isReady;
        await store.channels.fetch();
    });
}

export async function write(tab: Tab, text: string): Promise<void> {
    const composer = tab.page.locator(".o-mail-Composer-input");
    await composer.fill(text);
    await composer.press("Enter");
}

/** Waits until the thread of the tab shows the message, once. */
export async function waitForMessage(tab: Tab, text: string): Promise<void> {
    await tab.page.locator(".o-mail-Message", { hasText: text }).waitFor();
}

export function countMessages(tab: Tab, text: string): Promise<number> {
    return tab.page.locator(".o-mail-Message", { hasText: text }).count();
}
