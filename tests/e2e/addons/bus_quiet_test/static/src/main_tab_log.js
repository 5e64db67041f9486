import { registry } from "@web/core/registry";

/** Listens to the main tab's events as early as a service of another module can. */
registry.category("services").add("bus_quiet_test.main_tab_log", {
    dependencies: ["multi_tab"],
    start(env, { multi_tab }) {
        const log = (globalThis.mainTabLog = []);
        for (const name of ["become_main_tab", "no_longer_main_tab"]) {
            multi_tab.bus.addEventListener(name, () => log.push(name));
        }
    },
});
