from . import main
from . import poll
