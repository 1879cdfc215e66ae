"""`kubectl studio start|stop|restart|apply-now|reconcile`: one command, a row a verb."""

from studio_operator.plugin.requests.requests import APPLY_NOW, RECONCILE, RESTART, START, STOP
from studio_operator.plugin.requests.user_requests import asking_command

HELP = {
    START: """Start the apps of spaces, without an edit of their specs.

The operator handles the request once: what stops the app later is not undone.""",
    STOP: "Stop the apps of spaces, without an edit of their specs. Volumes stay.",
    RESTART: ("Stop the apps of spaces and start them again; pending changes are made in between."),
    APPLY_NOW: "Apply changes that wait for the app to be stopped: stop, change, start again.",
    RECONCILE: """Have spaces, profiles/NAME or domains/NAME looked at now.

What AWS refused for good is tried once more.""",
}

COMMANDS = {request.verb: asking_command(request, text) for request, text in HELP.items()}
