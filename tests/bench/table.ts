/** The outcome as Markdown. */
import os from "node:os";
import type { Row } from "./bench";

const HEADER = { what: "case", stock: "stock 19.0", quiet: "Quiet Bus", ratio: "ratio" };

export function markdownTable(rows: Row[]): string {
    const line = ({ what, stock, quiet, ratio }: Row) =>
        `| ${what} | ${stock} | ${quiet} | ${ratio} |`;
    return [line(HEADER), "| --- | --- | --- | --- |", ...rows.map(line)].join("\n");
}

/** Where and when it was measured. */
export function describeMachine(odoo: string, chromium: string, loads: number[]): string {
    const date = new Date().toISOString().slice(0, 10);
    const range = `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
    return (
        `Odoo ${odoo}, Chromium ${chromium}, ${os.availableParallelism()} cores, ` +
        `load average ${range}, ${date}. Ratio: stock divided by Quiet Bus.`
    );
}
