/** Requests to the polls' routes that no client of ours makes. */
import type { OutgoingHttpHeaders } from "node:http";
import {
    type HttpRequest,
    OLD_POLL_PATH,
    POLL_PATH,
    pollBody,
    type PollSession,
    pollRequest,
} from "./e2e_poll_client";
import { Prng } from "./prng";

/** Who and what there is. */
export interface Scene {
    port: number;
    /** Of the user who attacks. */
    own: PollSession;
    visitor: PollSession;
    /** A session that has been destroyed. */
    ended: PollSession;
    /** Of the user who is attacked. */
    foreignScope: string;
    foreignPartner: number;
    /** A chat in which the attacker is not. */
    foreignChat: number;
    /** The latest notification from before the attack. */
    last: number;
}

export interface BadRequest extends HttpRequest {
    /** What the server may say; nothing else will do. */
    statuses: number[];
    /** - `cut`: the connection is closed before all of the request was sent
     *  - `abandoned`: it is closed when the answer begins
     *  - `unread`: the server need not read all of it, so that the answer may get lost */
    fate?: "cut" | "abandoned" | "unread";
}

const MEBIBYTE = 2 ** 20;
const NOBODYS_COOKIE = `session_id=${"x".repeat(84)}`;
const JUNK = [
    null, true, false, 0, -1, 0.5, 1e308, 2 ** 31, 2 ** 53, "", "x", "\0", "\u202e", "\ud800",
    "x".repeat(5_000), [], [[]], [null], {}, { a: { b: [] } }, [{}], "discuss.channel_1",
]; // prettier-ignore
const KEYS = [
    "scope", "client", "hold", "attention", "channels", "is_new", "last", "seen", "events", "other",
]; // prettier-ignore
const MODELS = [
    "res.partner", "res.users", "mail.thread", "ir.websocket", "base", "no.model", "ir.rule",
]; // prettier-ignore
const HEXADECIMAL = "0123456789abcdef";

/** What is done with random numbers to make a bad request. */
type Kind = (make: Maker) => BadRequest;

export class Maker {
    constructor(
        readonly scene: Scene,
        readonly random: Prng
    ) {}

    next(): { kind: string; request: BadRequest } {
        const kind = this.random.pick(Object.keys(KINDS))!;
        return { kind, request: KINDS[kind]!(this) };
    }

    path(): string {
        return this.random.pick([POLL_PATH, OLD_POLL_PATH])!;
    }

    junk(): unknown {
        return this.random.pick<unknown>(JUNK);
    }

    bytes(length: number): Buffer {
        return Buffer.from(Array.from({ length }, () => this.random.below(256)));
    }

    /** A poll in which only these values are not right. */
    poll(session: PollSession, values: object, ...statuses: number[]): BadRequest {
        const request = pollRequest(
            this.scene.port,
            session,
            { last: this.scene.last, ...values },
            this.path()
        );
        return { ...request, statuses };
    }

    ownPoll(values: object, ...statuses: number[]): BadRequest {
        return this.poll(this.scene.own, values, ...statuses);
    }

    /** A request in which only the body is not right. */
    withBody(body: string | Buffer, ...statuses: number[]): BadRequest {
        const request = this.ownPoll({}, ...statuses);
        const headers = { ...request.headers, "content-length": Buffer.byteLength(body) };
        return { ...request, headers, body };
    }

    /** A request in which only these headers are not right; undefined: not there. */
    withHeaders(changed: OutgoingHttpHeaders, ...statuses: number[]): BadRequest {
        const request = this.ownPoll({}, ...statuses);
        const headers = Object.entries({ ...request.headers, ...changed });
        const present = headers.filter(([, value]) => value !== undefined);
        return { ...request, headers: Object.fromEntries(present) };
    }

    token(): string {
        const digits = Array.from({ length: 64 }, () => this.random.pick([...HEXADECIMAL])!);
        return `${digits.join("")}o0x${this.random.below(2 ** 31).toString(16)}`;
    }

    /** Something that is not the attacker's to hear, or not anybody's. */
    foreignChannel(): string {
        const { foreignPartner: partner, foreignChat: chat } = this.scene;
        const { random } = this;
        return random.pick([
            `discuss.channel_${chat}`,
            `discuss.channel_${random.below(100)}`,
            `x discuss.channel_${chat} discuss.channel_${random.below(2 ** 31)}`,
            `res.partner_${partner}`,
            `res.partner,${partner}`,
            JSON.stringify(["res.partner", partner]),
            `odoo-presence-res.partner_${random.below(100)}-${this.token()}`,
            `odoo-presence-mail.guest_${random.below(100)}-${this.token()}`,
            `odoo-presence-res.partner_${partner}-${random.below(100)}`,
            `odoo-presence-${random.below(100)}`,
            `mail.guest_${random.below(100)}|${this.token()}`,
            `mail.guest_${this.token()}|x`,
            `mail.guest_discuss.channel_${chat}`,
            "mail.guest_",
            `discuss.channel_${"٣".repeat(random.below(12))}`,
            `editor_collaboration:${random.pick(MODELS)}:name:${random.below(100)}`,
            `editor_collaboration:${random.pick(MODELS)}:name:${random.below(2 ** 31) * 1_000}`,
            `editor_collaboration:res.partner:${"x".repeat(random.below(400))}:1`,
        ])!;
    }
}

function nested(make: Maker): string {
    const depth = make.random.pick([50, 900, 5_000, 150_000])!;
    const deep = make.random.pick([
        "[".repeat(depth) + "]".repeat(depth),
        '{"a":'.repeat(depth) + "1" + "}".repeat(depth),
        "[".repeat(depth),
    ])!;
    const event = `{"event_name": "x", "data": {"a": ${deep}}}`;
    return make.random.pick([
        deep,
        JSON.stringify(pollBody(make.scene.own)).replace(/"events":\[\]/, `"events":[${event}]`),
        JSON.stringify(pollBody(make.scene.own)).replace(/"channels":\[\]/, `"channels":${deep}`),
    ])!;
}

const KINDS: Record<string, Kind> = {
    "broken JSON": (make) => {
        const body = JSON.stringify(pollBody(make.scene.own));
        return make.withBody(body.slice(0, make.random.below(body.length)), 400);
    },
    "random bytes": (make) => make.withBody(make.bytes(make.random.below(2_000)), 400),
    "deep nesting": (make) => make.withBody(nested(make), 200, 400),
    "wrong types": (make) => {
        const key = make.random.pick(KEYS)!;
        const value = make.random.below(2) ? make.junk() : [make.junk(), make.junk()];
        return make.ownPoll({ [key]: value }, 200, 400, 401);
    },
    "absurd ids": (make) => {
        const id = make.random.pick([-1, 2 ** 31 - 1, 2 ** 31, 1e308, 0.1, 2 ** 80, -(2 ** 63)]);
        // An id that there is not yet does no harm among those that are known.
        return make.random.below(2)
            ? make.ownPoll({ last: id }, 400, 410)
            : make.ownPoll({ seen: [id] }, 200, 400);
    },
    "huge lists": (make) => {
        const length = make.random.pick([2_000, 2_001, 5_000, 5_001, 50_000])!;
        const key = make.random.pick(["channels", "seen", "events"] as const)!;
        const items = {
            channels: new Array(length).fill(`x${make.random.below(1e9)}`),
            seen: new Array(length).fill(1),
            events: new Array(length).fill({ event_name: "x" }),
        };
        return { ...make.ownPoll({ [key]: items[key] }, 200, 400, 413), fate: "unread" };
    },
    "too large": (make) => {
        const size = MEBIBYTE + 1 + make.random.below(MEBIBYTE / 16);
        return { ...make.withBody(Buffer.alloc(size, " "), 413), fate: "unread" };
    },
    "wrong Content-Type": (make) => {
        const type = make.random.pick([
            undefined, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
            "multipart/form-data; boundary=x", "multipart/form-data", "\xff", ";",
        ]); // prettier-ignore
        return make.withHeaders({ "content-type": type }, 415);
    },
    "no Content-Length": (make) => {
        const chunked = { "content-length": undefined, "transfer-encoding": "chunked" };
        return { ...make.withHeaders(chunked, 411), fate: "unread" };
    },
    "wrong method": (make) => {
        const method = make.random.pick([
            "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND",
        ])!; // prettier-ignore
        // Odoo takes OPTIONS for each route; a page of another site can send it, but no body.
        const statuses = method === "OPTIONS" ? [200] : [400, 405];
        return { ...make.ownPoll({}, ...statuses), method, fate: "unread" };
    },
    "wrong version": (make) => {
        const query = make.random.pick([
            "", "?version=", "?version=1", "?version=19.0-1&version=2", "?version[]=1", "?%ff=%00",
            `?version=${"9".repeat(make.random.below(3_000))}`,
        ])!; // prettier-ignore
        return { ...make.ownPoll({}, 410), path: make.path() + query };
    },
    "foreign scope": (make) => {
        const { foreignScope, visitor } = make.scene;
        const scope = make.random.pick([foreignScope, visitor.scope, "x", `${foreignScope}0`]);
        return make.ownPoll({ scope }, 401);
    },
    "no session": (make) => {
        const { own, visitor } = make.scene;
        const cookie = make.random.pick([
            "", NOBODYS_COOKIE, "session_id=", "session_id=../x", "=;=",
        ])!; // prettier-ignore
        const channels = [make.foreignChannel()];
        return make.random.below(2)
            ? make.poll({ ...own, cookie }, { channels }, 400, 401)
            : make.poll({ ...visitor, cookie }, { channels }, 200, 400, 403);
    },
    "destroyed session": (make) => make.poll(make.scene.ended, {}, 401),
    "foreign channels": (make) => {
        const length = 1 + make.random.below(5);
        const channels = Array.from({ length }, () => make.foreignChannel());
        return make.ownPoll({ channels, is_new: make.random.below(2) === 1 }, 200, 400, 403);
    },
    "events of nonsense": (make) => {
        const data = make.random.pick<unknown>([
            make.junk(), { inactivity_period: make.junk() }, { level: make.junk() }, { self: 1 },
            { inactivity_period: -1e13 }, { inactivity_period: 1e13 },
            { inactivity_period: 1, "\ud800": 1 },
        ]); // prettier-ignore
        const name = make.random.pick([
            "update_presence", "bus_quiet_attention", "subscribe", "x",
        ]); // prettier-ignore
        return make.ownPoll({ events: [{ event_name: name, data }] }, 200, 400);
    },
    "a guest's cookie": (make) => {
        const { visitor, own } = make.scene;
        const value = make.random.pick([
            "|", "x|y", `1|${make.token()}`, "99999999999|x", "-1|", "1||",
        ]); // prettier-ignore
        const session = make.random.pick([visitor, own])!;
        const cookie = `${session.cookie}; dgid=${value}`;
        return make.poll({ ...session, cookie }, {}, 200, 400);
    },
    "cut off": (make) => {
        const request = make.ownPoll({ hold: make.random.pick(["stream", "no"]) });
        const body = String(request.body);
        return { ...request, body: body.slice(0, make.random.below(body.length)), fate: "cut" };
    },
    abandoned: (make) => {
        const session = make.random.pick([make.scene.own, make.scene.visitor])!;
        const values = {
            client: `client ${make.random.below(40)}`,
            hold: make.random.pick(["stream", "once"]),
            attention: make.random.pick(["focused", "hidden"]),
            channels: [make.foreignChannel()],
        };
        return { ...make.poll(session, values, 200, 400, 403, 429), fate: "abandoned" };
    },
};
