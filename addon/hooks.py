def uninstall_hook(env):
    """Leave no trace in the database: the settings are not data of the module."""
    env["ir.config_parameter"].sudo().search(
        [("key", "=like", r"bus\_quiet.%")],
    ).unlink()
