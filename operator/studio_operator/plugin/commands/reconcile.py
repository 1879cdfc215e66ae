"""`kubectl studio reconcile`."""

from studio_operator.plugin.asking import asking_command
from studio_operator.plugin.requests import RECONCILE

HELP = """Have spaces, profiles/NAME or domains/NAME looked at now.

What AWS refused for good is tried once more."""

command = asking_command(RECONCILE, HELP)
