import net from "node:net";
import { Problem } from "./problem.mjs";

/**
 * @param {number} port 0 for any free one
 * @returns {Promise<number>} the port, closed again
 */
function listenOnce(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(found));
    });
  });
}

/**
 * Finds two free ports. They are free now; another process may still be faster.
 * @returns {Promise<{ httpPort: number, eventedPort: number }>}
 */
export async function freePorts() {
  const httpPort = await listenOnce(0);
  let eventedPort = httpPort;
  while (eventedPort === httpPort) {
    eventedPort = await listenOnce(0);
  }
  return { httpPort, eventedPort };
}

/**
 * @param {number} port
 * @returns {Promise<void>}
 * @throws {Problem} that names the port and the option, if it can't be used
 */
export async function assertPortIsFree(port) {
  try {
    await listenOnce(port);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const reason = code === "EADDRINUSE" ? "is already in use" : code === "EACCES" ? "needs root" : `can't be used (${code})`;
    throw new Problem(`port ${port} ${reason}; choose another one: npm start -- --port ${port === 8069 ? 8070 : 8069}`);
  }
}
