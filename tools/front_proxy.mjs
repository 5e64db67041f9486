import http from "node:http";

/**
 * @typedef {object} FrontProxy
 * @property {number} port
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} url path and query of a request
 * @returns {boolean} whether Odoo's evented process answers it
 */
export function isEvented(url) {
  return /^\/websocket(?:[/?]|$)/.test(url);
}

/**
 * Does what the deployment guide asks of a reverse proxy: the bus goes to the evented port, the rest to the HTTP
 * port, and both learn the address that the browser uses.
 * @param {{ port: number, httpPort: number, eventedPort: number, host?: string }} options port 0: a free one
 * @returns {Promise<FrontProxy>}
 */
export async function startFrontProxy({ port, httpPort, eventedPort, host = "127.0.0.1" }) {
  // loaded late: the modules beside this one must work before npm packages are installed
  const { default: httpProxy } = await import("http-proxy-3");
  const proxy = httpProxy.createProxyServer({ proxyTimeout: 600_000 });
  const target = (/** @type {http.IncomingMessage} */ request) =>
    ({ target: `http://127.0.0.1:${isEvented(request.url ?? "/") ? eventedPort : httpPort}` });
  const forward = (/** @type {http.IncomingMessage} */ request) => {
    const address = request.socket.remoteAddress ?? "";
    request.headers["x-forwarded-for"] = [request.headers["x-forwarded-for"], address].filter(Boolean).join(", ");
    request.headers["x-forwarded-proto"] ??= "http";
    request.headers["x-forwarded-host"] ??= request.headers.host;
  };
  proxy.on("error", (_error, _request, response) => {
    // Odoo is down or restarting
    if (response instanceof http.ServerResponse) {
      if (!response.headersSent) {
        response.writeHead(502, { "content-type": "text/plain" });
      }
      response.end("Bad gateway\n");
    } else {
      response?.destroy();
    }
  });
  const server = http.createServer((request, response) => {
    forward(request);
    proxy.web(request, response, target(request));
  });
  /** @type {Set<import("node:stream").Duplex>} */
  const upgraded = new Set();
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    forward(request);
    proxy.ws(request, socket, head, target(request));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(undefined));
  });
  return {
    port: /** @type {import("node:net").AddressInfo} */ (server.address()).port,
    close() {
      const closed = new Promise((resolve) => server.close(() => resolve(undefined)));
      upgraded.forEach((socket) => socket.destroy());
      server.closeAllConnections();
      proxy.close();
      return closed;
    },
  };
}
