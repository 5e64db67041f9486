/** Entry of what each page loads. */
import { isQuietBusWanted } from "./kill_switch";
import { takeOver } from "./take_over";

if (isQuietBusWanted()) {
    takeOver();
}
