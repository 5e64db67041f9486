from . import bus_bus
from . import discuss_channel
from . import ir_http
from . import ir_websocket
from . import mail_presence
from . import res_config_settings
