"""`kubectl studio start`."""

from studio_operator.plugin.asking import asking_command
from studio_operator.plugin.requests import START

HELP = """Start the apps of spaces, without an edit of their specs.

The operator handles the request once: what stops the app later is not undone."""

command = asking_command(START, HELP)
