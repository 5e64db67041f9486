import http from "node:http";
import QUnit from "qunit";
import WebSocket, { WebSocketServer } from "ws";
import { isEvented, startFrontProxy } from "../../tools/front_proxy.mjs";

const { module, test } = QUnit;

/** @param {http.Server} server */
async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {string} name */
const upstream = (name) => http.createServer((request, response) => {
  response.end(JSON.stringify({ name, url: request.url, headers: request.headers }));
});

module("tools: front proxy", (hooks) => {
  /** @type {http.Server} */
  let httpServer;
  /** @type {http.Server} */
  let evented;
  /** @type {import("../../tools/front_proxy.mjs").FrontProxy} */
  let proxy;
  hooks.beforeEach(async () => {
    httpServer = upstream("http");
    evented = upstream("evented");
    const sockets = new WebSocketServer({ server: evented });
    sockets.on("connection", (socket, request) => {
      socket.on("message", (data) => socket.send(`${request.url} ${request.headers["x-forwarded-host"]} ${data}`));
    });
    proxy = await startFrontProxy({ port: 0, httpPort: await listen(httpServer), eventedPort: await listen(evented) });
  });
  hooks.afterEach(async () => {
    await proxy.close();
    for (const server of [httpServer, evented]) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** @param {string} path */
  const get = async (path) => (await fetch(`http://127.0.0.1:${proxy.port}${path}`)).json();

  test("routes by path", async (assert) => {
    for (const path of ["/", "/web/login?x=1", "/websockets", "/web/websocket", "/bus/websocket_worker_bundle"]) {
      assert.equal((await get(path)).name, "http", path);
    }
    for (const path of ["/websocket", "/websocket?version=1", "/websocket/health", "/websocket/peek_notifications"]) {
      assert.equal((await get(path)).name, "evented", path);
    }
    assert.false(isEvented("/"));
  });

  test("tells both the address that the browser uses", async (assert) => {
    const { headers } = await get("/web");
    assert.equal(headers.host, `127.0.0.1:${proxy.port}`);
    assert.equal(headers["x-forwarded-host"], `127.0.0.1:${proxy.port}`);
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
  });

  test("passes a websocket through to the evented process", async (assert) => {
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/websocket?version=19`);
    await new Promise((resolve) => socket.on("open", resolve));
    socket.send("hello");
    const answer = await new Promise((resolve) => socket.on("message", (data) => resolve(`${data}`)));
    assert.equal(answer, `/websocket?version=19 127.0.0.1:${proxy.port} hello`);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await proxy.close();
    await closed;
    assert.true(true, "closing the proxy cuts it");
  });

  test("streams: what is written arrives before the end", async (assert) => {
    httpServer.removeAllListeners("request");
    /** @type {http.ServerResponse | undefined} */
    let held;
    httpServer.on("request", (_request, response) => {
      held = response;
      response.write("first");
    });
    const response = await fetch(`http://127.0.0.1:${proxy.port}/held`);
    const { value } = await /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader().read();
    assert.equal(new TextDecoder().decode(value), "first");
    held?.end();
  });

  test("502 while Odoo is down, for pages and for websockets", async (assert) => {
    for (const server of [httpServer, evented]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    assert.equal((await fetch(`http://127.0.0.1:${proxy.port}/web`)).status, 502);
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/websocket`);
    await new Promise((resolve) => socket.on("error", resolve));
    assert.true(true, "the upgrade fails at once");
  });
});
