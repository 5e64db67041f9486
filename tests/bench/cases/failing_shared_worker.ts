import { type Bench, forEachSide, textRow } from "../bench";
import { describeAnswers, mainTabAnswers, withTabs } from "../browser";

const TABS = 5;

/** Where SharedWorker exists but does not start: is there a main tab, which may beep? */
export const failingSharedWorker: Bench = {
    name: "failing_shared_worker",
    async run(probe) {
        const answers = await forEachSide((side) =>
            withTabs(probe, side, { tabs: TABS, sharedWorkers: "failing" }, async (tabs) =>
                describeAnswers(await mainTabAnswers(tabs))
            )
        );
        return [textRow("SharedWorker fails to start: isOnMainTab() within 5 s", answers)];
    },
};
