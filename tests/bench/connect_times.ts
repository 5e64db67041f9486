/** Milliseconds since the page's navigation began. */
export interface ConnectTimes {
    /** When something asked the bus to start. */
    started: number;
    /** When the page was told that it is connected. */
    connected: number;
}

declare global {
    interface Window {
        connectTimes?: ConnectTimes;
    }
}

/**
 * Init script of a page: notes when its bus service starts and when it is connected. Looks over the
 * shoulder of Odoo's registry, because the page says nothing of itself before all services run.
 */
export function noteConnectTimes(): void {
    const times = {} as ConnectTimes;
    window.connectTimes = times;

    const watched = (service: any) =>
        Object.assign(Object.create(service), {
            start(...args: any[]) {
                const bus = service.start(...args);
                bus.addEventListener("BUS:WORKER_STATE_UPDATED", ({ detail }: any) => {
                    if (detail === "CONNECTED") {
                        times.connected ??= performance.now();
                    }
                });
                for (const name of ["start", "addChannel"]) {
                    const method = bus[name];
                    bus[name] = (...rest: any[]) => {
                        times.started ??= performance.now();
                        return method(...rest);
                    };
                }
                return bus;
            },
        });

    const watchRegistry = (services: any) => {
        const { add } = services;
        services.add = (key: string, service: any, options?: object) =>
            add.call(services, key, key === "bus_service" ? watched(service) : service, options);
    };

    // Assigned by the page: first `odoo`, then its `loader`.
    onceAssigned(window, "odoo", (odoo) =>
        onceAssigned(odoo, "loader", (loader) =>
            loader.bus.addEventListener("module-started", ({ detail }: any) => {
                if (detail.moduleName === "@web/core/registry") {
                    watchRegistry(detail.module.registry.category("services"));
                }
            })
        )
    );

    function onceAssigned(target: any, name: string, use: (value: any) => void): void {
        Object.defineProperty(target, name, {
            configurable: true,
            set(value) {
                Object.defineProperty(target, name, {
                    value,
                    configurable: true,
                    enumerable: true,
                    writable: true,
                });
                use(value);
            },
        });
    }
}
