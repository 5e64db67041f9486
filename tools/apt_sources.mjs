import fs from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";

/** @typedef {{ types: string[], uris: string[], suites: string[] }} AptSource */

/**
 * @param {string} text a file in the one-line format (`deb [options] URI suite component…`)
 * @returns {AptSource[]}
 */
export function parseOneLineSources(text) {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(deb|deb-src)\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    const [type = "", uri = "", suite = ""] = match?.slice(1) ?? [];
    return match ? [{ types: [type], uris: [uri], suites: [suite] }] : [];
  });
}

/**
 * @param {string} text a file in the deb822 format (`URIs: …`, stanzas separated by empty lines)
 * @returns {AptSource[]}
 */
export function parseDeb822Sources(text) {
  const withoutComments = text.split("\n").filter((line) => !line.startsWith("#")).join("\n");
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    /** @type {Record<string, string>} */
    const fields = {};
    for (const [, name = "", value = ""] of stanza.matchAll(/^([A-Za-z][A-Za-z-]*):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields[name.toLowerCase()] = value;
    }
    const words = (/** @type {string} */ name) => (fields[name] ?? "").split(/\s+/).filter(Boolean);
    const disabled = /^\s*(no|false|off|0)\s*$/i.test(fields.enabled ?? "");
    return !disabled && fields.uris ? [{ types: words("types"), uris: words("uris"), suites: words("suites") }] : [];
  });
}

/**
 * Picks the Debian archive among all sources: the one with the release's own suite, in a folder called debian if
 * there is one (other vendors also call their suites "stable").
 * @param {AptSource[]} sources
 * @param {string} codename for instance bookworm
 * @returns {string | undefined}
 */
export function pickDebianMirror(sources, codename) {
  const main = sources.filter((source) => source.types.includes("deb")
    && source.suites.some((suite) => [codename, "stable", "oldstable"].includes(suite.replace(/\/$/, ""))));
  const isDebianFolder = (/** @type {string} */ uri) => /\/debian\/?$/.test(uri);
  return main.flatMap((source) => source.uris).find(isDebianFolder)
    ?? main.find((source) => source.suites.includes(codename))?.uris[0]
    ?? sources.filter((source) => source.types.includes("deb")).flatMap((source) => source.uris).find(isDebianFolder);
}

/**
 * The Debian mirror that this machine itself uses.
 * @param {string} codename
 * @param {string} [folder] apt's configuration
 * @returns {string}
 */
export function hostDebianMirror(codename, folder = "/etc/apt") {
  const parts = path.join(folder, "sources.list.d");
  const files = [
    path.join(folder, "sources.list"),
    ...(fs.existsSync(parts) ? fs.readdirSync(parts).sort().map((name) => path.join(parts, name)) : []),
  ];
  const sources = files.filter((file) => fs.existsSync(file)).flatMap((file) => {
    const text = fs.readFileSync(file, "utf8");
    return file.endsWith(".list") ? parseOneLineSources(text) : file.endsWith(".sources") ? parseDeb822Sources(text) : [];
  });
  const mirror = pickDebianMirror(sources, codename);
  if (!mirror) {
    throw new Problem("no Debian mirror found in apt's configuration (/etc/apt/sources.list and sources.list.d)");
  }
  return mirror;
}
