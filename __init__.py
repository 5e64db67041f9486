from . import addon
from .addon.hooks import uninstall_hook
