/** What goes wrong in browsers, on the way and at the server: each fault is a case by itself. */
import type { Bench } from "../../bench";
import type { Fault } from "./fault";
import { EXTRA_HALT_FAULTS, HALT_FAULTS } from "./halt_faults";
import { HOST_FAULTS } from "./host_faults";
import { EXTRA_LINE_FAULTS, LINE_FAULTS } from "./line_faults";
import { playFault } from "./play";

const asCase = (group: string) => (fault: Fault): Bench => ({
    name: `${group} ${fault.name}`,
    run: (probe) => playFault(probe, fault),
});

/** `npm run bench faults` runs all but the extra ones, `npm run bench faults closed` one. */
export const faults: Bench[] = [
    ...[...HOST_FAULTS, ...HALT_FAULTS, ...LINE_FAULTS].map(asCase("faults")),
    ...[...EXTRA_HALT_FAULTS, ...EXTRA_LINE_FAULTS].map(asCase("extra")),
];
