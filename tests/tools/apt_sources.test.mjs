import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import QUnit from "qunit";
import { hostDebianMirror, parseDeb822Sources, parseOneLineSources, pickDebianMirror } from "../../tools/apt_sources.mjs";
import { Problem } from "../../tools/problem.mjs";

const { module, test } = QUnit;

const DEB822 = `# URIs: http://comment.example.test/debian
Types: deb deb-src
URIs: http://mirror.example.test/debian/
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
# URIs: http://old.example.test/debian
URIs: http://security.example.test/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example.test/debian
Suites: bookworm
Components: main
`;

module("tools: apt sources", (hooks) => {
  /** @type {string} */
  let folder;
  hooks.beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "quiet-bus-test-"));
    fs.mkdirSync(path.join(folder, "sources.list.d"));
  });
  hooks.afterEach(() => fs.rmSync(folder, { recursive: true }));

  test("one-line format", (assert) => {
    const sources = parseOneLineSources(`
# deb http://comment.example.test/debian bookworm main
deb [arch=amd64 signed-by=/some/key.gpg] http://mirror.example.test/debian bookworm main contrib
deb-src http://source.example.test/debian bookworm main
`);
    assert.deepEqual(sources, [
      { types: ["deb"], uris: ["http://mirror.example.test/debian"], suites: ["bookworm"] },
      { types: ["deb-src"], uris: ["http://source.example.test/debian"], suites: ["bookworm"] },
    ]);
  });

  test("deb822 format: comments, folded lines, disabled stanzas", (assert) => {
    assert.deepEqual(parseDeb822Sources(DEB822), [
      { types: ["deb", "deb-src"], uris: ["http://mirror.example.test/debian/"], suites: ["bookworm", "bookworm-updates"] },
      { types: ["deb"], uris: ["http://security.example.test/debian-security"], suites: ["bookworm-security"] },
    ]);
  });

  test("another vendor's \"stable\" is not the Debian archive", (assert) => {
    const mirror = pickDebianMirror(parseOneLineSources(`
deb http://browser.example.test/linux/deb stable main
deb-src http://source.example.test/debian bookworm main
deb http://mirror.example.test/debian bookworm main`), "bookworm");
    assert.equal(mirror, "http://mirror.example.test/debian");
  });

  test("a mirror in a folder of another name is found by its suite", (assert) => {
    const mirror = pickDebianMirror(parseOneLineSources("deb http://mirror.example.test/snapshot/2026 bookworm main"), "bookworm");
    assert.equal(mirror, "http://mirror.example.test/snapshot/2026");
  });

  test("reads both kinds of files, and no others", (assert) => {
    fs.writeFileSync(path.join(folder, "sources.list.d/old.sources.disabled"), "URIs: http://wrong.example.test/debian\nTypes: deb\nSuites: bookworm\n");
    fs.writeFileSync(path.join(folder, "sources.list.d/debian.sources"), DEB822);
    assert.equal(hostDebianMirror("bookworm", folder), "http://mirror.example.test/debian/");
    fs.writeFileSync(path.join(folder, "sources.list"), "deb http://first.example.test/debian bookworm main\n");
    assert.equal(hostDebianMirror("bookworm", folder), "http://first.example.test/debian");
  });

  test("says so if there is no mirror", (assert) => {
    assert.throws(() => hostDebianMirror("bookworm", folder), Problem);
  });
});
