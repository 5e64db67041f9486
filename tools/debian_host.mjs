import fs from "node:fs";
import { isRoot } from "./cache_folder.mjs";
import { commandExists, runCommand, tryCommand } from "./command.mjs";
import { Problem } from "./problem.mjs";

/** Odoo runs with Debian's own Python; the one in PATH may be another. */
export const DEBIAN_PYTHON = "/usr/bin/python3";

/** The release whose Python and Python packages fit Odoo 19. */
export const CODENAME = "bookworm";

/** What base, web, bus and mail import, at the start or later. */
const ODOO_PYTHON_PACKAGES = ["python3", ...`
  asn1crypto babel cbor2 chardet cryptography dateutil docutils geoip2 idna jinja2 lxml magic markupsafe num2words
  ofxparse openpyxl openssl passlib pil polib psutil psycopg2 pypdf qrcode reportlab requests rjsmin stdnum tz urllib3
  vobject werkzeug xlrd xlsxwriter zeep
  `.trim().split(/\s+/).map((name) => `python3-${name}`),
  // style sheets; the evented process; Odoo's own tests
  "python3-libsass", "python3-gevent", "python3-greenlet", "python3-freezegun", "python3-websocket",
  // to check where Odoo's package comes from
  "debian-archive-keyring"];

const OTHER_WAYS = "Set ODOO_HOME to an Odoo 19 checkout (and PGHOST to a PostgreSQL), or use compose.yaml; see docs/running.md.";

/**
 * @param {{ odoo: boolean, postgres: "server" | "client" | undefined }} what has to come from Debian
 * @returns {string[]} names of the packages
 */
export function requiredPackages({ odoo, postgres }) {
  return [
    ...(odoo ? ODOO_PYTHON_PACKAGES : []),
    ...(postgres === "server" ? ["postgresql"] : postgres === "client" ? ["postgresql-client"] : []),
  ];
}

/** @returns {Promise<boolean>} */
async function isDebianLike() {
  return (await commandExists("dpkg-query")) && (await commandExists("apt-get"));
}

/**
 * @returns {Promise<void>}
 * @throws {Problem} if Debian's Odoo 19 can't run on this machine
 */
export async function assertSupportedDebian() {
  const release = fs.existsSync("/etc/os-release") ? fs.readFileSync("/etc/os-release", "utf8") : "";
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(release)?.[1] ?? "";
  const python = fs.existsSync(DEBIAN_PYTHON)
    ? /\d+\.\d+/.exec((await tryCommand(DEBIAN_PYTHON, ["--version"])).output)?.[0]
    : undefined;
  const isDebian12 = field("ID") === "debian" && field("VERSION_ID") === "12";
  if (!(await isDebianLike()) || !isDebian12 || (python !== undefined && python !== "3.11")) {
    const here = `${field("PRETTY_NAME") || process.platform}${python ? ` with Python ${python}` : ""}`;
    throw new Problem(`this machine is ${here}; npm start brings its own Odoo only on Debian 12 (Python 3.11). ${OTHER_WAYS}`);
  }
}

/**
 * @param {string[]} packages
 * @returns {Promise<string[]>} those that are not installed
 */
async function missingPackages(packages) {
  const { output } = await tryCommand("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...packages]);
  const installed = new Set(output.split("\n").filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]));
  return packages.filter((name) => !installed.has(name));
}

/**
 * Installs what is missing with the machine's own apt configuration.
 * @param {string[]} packages
 * @param {import("./progress.mjs").Progress} progress
 * @returns {Promise<void>}
 * @throws {Problem} with the command to run, if we may not install
 */
export async function ensurePackages(packages, progress) {
  if (!(await isDebianLike())) {
    // with ODOO_HOME: what is needed may be there under another name
    return;
  }
  const missing = await missingPackages(packages);
  if (missing.length === 0) {
    return;
  }
  if (!isRoot()) {
    throw new Problem(`these Debian packages are missing; run as root:\n  apt-get update && apt-get install -y --no-install-recommends ${missing.join(" ")}`);
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  await progress.step("apt-get update", (detail) =>
    runCommand("apt-get", ["update", "-q"], { env: environment, onLine: detail, ownGroup: true }));
  await progress.step(`installing ${missing.length} Debian packages`, (detail) =>
    runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...missing], { env: environment, onLine: detail, ownGroup: true }));
}
