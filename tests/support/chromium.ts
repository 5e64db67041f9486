/** The browser of all tests. */

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A host that the browser takes for any other on plain http: a context there is not secure. */
export const INSECURE_HOST = "odoo.test";

/** How the browser is started: it finds the insecure host here, and talks to nobody else. */
export const ARGUMENTS = [
    `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
];
