/** Entry of what each page loads. */
import { isQuietBusWanted } from "./kill_switch";
import { joinEarly } from "./link";
import { takeOver } from "./take_over";

if (isQuietBusWanted()) {
    joinEarly();
    takeOver();
}
