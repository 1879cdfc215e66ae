"""`kubectl studio restart`."""

from studio_operator.plugin.asking import asking_command
from studio_operator.plugin.requests import RESTART

HELP = """Stop the apps of spaces and start them again; pending changes are made in between."""

command = asking_command(RESTART, HELP)
