import { Problem } from "./problem.mjs";

/** Odoo's code for an expired or missing session. */
const SESSION_EXPIRED = 100;

/** @typedef {{ login: string, password: string }} Credentials */

/**
 * Calls models through HTTP as the web client does, with one session a user.
 * In the databases made here the password is the login.
 */
export class JsonRpcClient {
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /**
   * @param {string} baseURL
   * @param {string} database
   */
  constructor(baseURL, database) {
    this.baseURL = baseURL;
    this.database = database;
  }

  /**
   * @param {string | Credentials} user
   * @returns {Promise<string>} value for a Cookie header
   */
  async login(user) {
    const { login, password } = typeof user === "string" ? { login: user, password: user } : user;
    const key = `${login}\0${password}`;
    const known = this.#cookies.get(key);
    if (known) {
      return known;
    }
    const { headers } = await this.#post("/web/session/authenticate", { db: this.database, login, password });
    const session = headers.getSetCookie().map((line) => line.split(";")[0]).find((pair) => pair?.startsWith("session_id="));
    if (!session) {
      throw new Problem(`no session for ${login}`);
    }
    this.#cookies.set(key, session);
    return session;
  }

  /**
   * Calls a method of a model.
   * @param {string | Credentials} user
   * @param {string} model
   * @param {string} method
   * @param {any[]} [args]
   * @param {Record<string, any>} [kwargs]
   * @returns {Promise<any>}
   */
  async callKw(user, model, method, args = [], kwargs = {}) {
    return this.call(user, `/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
  }

  /**
   * Calls any JSON route.
   * @param {string | Credentials} user
   * @param {string} route
   * @param {Record<string, any>} params
   * @returns {Promise<any>}
   */
  async call(user, route, params) {
    try {
      return (await this.#post(route, params, await this.login(user))).result;
    } catch (error) {
      if (/** @type {any} */ (error).odooCode !== SESSION_EXPIRED) {
        throw error;
      }
      this.#cookies.clear();
      return (await this.#post(route, params, await this.login(user))).result;
    }
  }

  /**
   * @param {string} route
   * @param {Record<string, any>} params
   * @param {string} [cookie]
   * @returns {Promise<{ result: any, headers: Headers }>}
   */
  async #post(route, params, cookie) {
    const response = await fetch(this.baseURL + route, {
      method: "POST",
      headers: { "content-type": "application/json", ...(cookie ? { cookie } : {}) },
      body: JSON.stringify({ jsonrpc: "2.0", method: "call", id: 1, params }),
    });
    if (!response.ok) {
      throw new Error(`${route}: HTTP ${response.status}`);
    }
    const { result, error } = await response.json();
    if (error) {
      const message = `${route}: ${error.data?.name ?? error.message}: ${error.data?.message ?? ""}`;
      throw Object.assign(new Error(message), { odooCode: error.code, debug: error.data?.debug });
    }
    return { result, headers: response.headers };
  }
}
