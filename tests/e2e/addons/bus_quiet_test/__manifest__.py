{
    "name": "Quiet Bus: probe for tests",
    "summary": "Counts what reaches the server, and sends notifications; never for production",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Quiet Bus founders",
    "license": "LGPL-3",
    # Not bus_quiet: this module stays when that one is uninstalled, and measures stock as well.
    "depends": ["mail"],
    "assets": {"web.assets_backend": ["bus_quiet_test/static/src/*"]},
}
