from . import test_attention
from . import test_has_missed
from . import test_held_poll
from . import test_poll
from . import test_session_info
from . import test_settings
from . import test_subscribe
from . import test_uninstall
