{
    "name": "Quiet Bus",
    "summary": "One real-time connection per browser, however many tabs are open",
    "version": "19.0.1.0.0",
    "category": "Productivity/Discuss",
    "author": "Quiet Bus founders",
    "license": "LGPL-3",
    "depends": ["mail"],
    "data": ["addon/views/res_config_settings_views.xml"],
    # Every bundle that lists files of the stock bus, but for live chat's embeds on other
    # sites: those stay stock. A bundle whose module is not installed is never asked for.
    "assets": {
        "web.assets_backend": ["bus_quiet/static/lib/bus_quiet.js"],
        "web.assets_frontend": ["bus_quiet/static/lib/bus_quiet.js"],
        "mail.assets_public": ["bus_quiet/static/lib/bus_quiet.js"],
        "project.webclient": ["bus_quiet/static/lib/bus_quiet.js"],
        "point_of_sale.base_app": ["bus_quiet/static/lib/bus_quiet.js"],
        "web.assets_unit_tests": ["bus_quiet/static/lib/hoot.js"],
    },
    "application": True,
    "uninstall_hook": "uninstall_hook",
}
