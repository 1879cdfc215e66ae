"""`kubectl studio stop`."""

from studio_operator.plugin.asking import asking_command
from studio_operator.plugin.requests import STOP

HELP = """Stop the apps of spaces, without an edit of their specs. Volumes stay."""

command = asking_command(STOP, HELP)
