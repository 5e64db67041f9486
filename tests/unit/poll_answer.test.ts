import QUnit from "qunit";
import sinon from "sinon";
import {
    checkAnswer,
    parseLine,
    parseRetryAfter,
    PollFailure,
} from "../../static/src/transport/poll_answer";
import { CloseCode, type Closure } from "../../static/src/transport/transport";

const HTML = { "content-type": "text/html; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };

QUnit.module("answer to a poll", (hooks) => {
    let warn: sinon.SinonStub;

    hooks.beforeEach(() => {
        warn = sinon.stub(console, "warn");
    });

    hooks.afterEach(() => warn.restore());

    /** How the connection is closed after it. */
    async function closureOf(
        status: number,
        body: string,
        headers: Record<string, string> = {},
        redirectedTo = ""
    ): Promise<Closure | null> {
        const response = new Response(body, { status, headers });
        if (redirectedTo) {
            Object.defineProperty(response, "redirected", { value: true });
            Object.defineProperty(response, "url", { value: redirectedTo });
        }
        try {
            await checkAnswer(response);
            return null;
        } catch (error) {
            return (error as PollFailure).closure;
        }
    }

    QUnit.test("our server's", async (assert) => {
        assert.equal(await closureOf(200, "", { "content-type": "application/x-ndjson" }), null);
    });

    QUnit.test("a refusal closes as the server says", async (assert) => {
        const refusal = (code: number | null) => JSON.stringify({ code, reason: "because" });
        assert.deepEqual(await closureOf(401, refusal(4001), JSON_TYPE), {
            code: CloseCode.SESSION_EXPIRED,
            reason: "because",
        });
        assert.deepEqual(await closureOf(410, refusal(1000), JSON_TYPE), {
            code: CloseCode.CLEAN,
            reason: "because",
        });
        assert.deepEqual(await closureOf(429, refusal(null), { ...JSON_TYPE, "retry-after": "30" }), {
            code: CloseCode.TRY_LATER,
            reason: "because",
            retryAfter: 30_000,
        });
        assert.false(warn.called);
        assert.equal((await closureOf(400, refusal(null), JSON_TYPE))!.code, CloseCode.ABNORMAL);
        assert.true(warn.called, "a bug, or a foreign server: somebody has to see it");
    });

    QUnit.test("a proxy whose server is down or busy", async (assert) => {
        for (const status of [502, 503, 504]) {
            const closure = await closureOf(status, "<title>Bad gateway</title>", HTML);
            assert.equal(closure!.code, CloseCode.TRY_LATER);
            assert.equal(closure!.retryAfter, undefined);
        }
        const closure = await closureOf(503, "", { "retry-after": "120" });
        assert.equal(closure!.retryAfter, 120_000);
    });

    QUnit.test("an HTML page is named", async (assert) => {
        const { code, reason } = (await closureOf(200, "<title> Blocked by ACME </title>", HTML))!;
        assert.equal(code, CloseCode.ABNORMAL);
        assert.equal(reason, 'an HTML page, "Blocked by ACME", with status 200');
        assert.true(warn.firstCall.args[0].includes("Blocked by ACME"));
    });

    QUnit.test("the login page means that the session has expired", async (assert) => {
        const url = "https://odoo.test/web/login?redirect=x";
        const closure = await closureOf(200, "<title>Login | Odoo</title>", HTML, url);
        assert.equal(closure!.code, CloseCode.SESSION_EXPIRED);
        assert.equal((await closureOf(401, "", HTML))!.code, CloseCode.SESSION_EXPIRED);
    });

    QUnit.test("nonsense", async (assert) => {
        assert.equal((await closureOf(200, "{", JSON_TYPE))!.code, CloseCode.ABNORMAL);
        assert.equal((await closureOf(404, ""))!.code, CloseCode.ABNORMAL);
    });

    QUnit.test("lines", (assert) => {
        assert.equal(parseLine(""), null);
        assert.equal(parseLine('{"reason":"replaced"}'), null);
        assert.deepEqual(parseLine("[]"), { kind: "notifications", notifications: [] });
        const greeting = { hold: true, wait: 0, latest: 3 };
        assert.deepEqual(parseLine(JSON.stringify(greeting)), { kind: "greeting", greeting });
        assert.deepEqual(parseLine('{"done":true}'), { kind: "done" });
        const closure = { code: 1001, reason: "x" };
        assert.deepEqual(parseLine(JSON.stringify(closure)), { kind: "end", closure });
        for (const text of ["<html>", "{", "null"]) {
            assert.throws(() => parseLine(text), PollFailure, text);
        }
    });

    QUnit.test("Retry-After", (assert) => {
        assert.equal(parseRetryAfter(null), 0);
        assert.equal(parseRetryAfter("7"), 7_000);
        assert.equal(parseRetryAfter("soon"), 0);
        assert.equal(parseRetryAfter("-5"), 0);
        const now = Date.UTC(2026, 0, 1);
        assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:01:00 GMT", now), 60_000);
        assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
    });
});
