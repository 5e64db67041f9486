from . import bus_quiet_test
