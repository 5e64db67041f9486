from . import test_has_missed
from . import test_session_info
from . import test_subscribe
from . import test_uninstall
