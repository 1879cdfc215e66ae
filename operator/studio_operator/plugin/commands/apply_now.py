"""`kubectl studio apply-now`."""

from studio_operator.plugin.asking import asking_command
from studio_operator.plugin.requests import APPLY_NOW

HELP = """Apply changes that wait for the app to be stopped: stop, change, start again."""

command = asking_command(APPLY_NOW, HELP)
