"""What ends a command: each error has an exit code, a message and, as its last words, a remedy.

The codes are part of the interface (docs/kubectl-studio.md), so that scripts can rely on them.
A wrong option or argument is `click.UsageError`, which ends with WRONG_USAGE.
"""

from __future__ import annotations

from typing import IO, Any

import click

from studio_operator.printable import printable

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NOT_FOUND = 3
REFUSED = 4
TIMED_OUT = 5

EXIT_CODES = {
    DONE: "done",
    FAILED: "failed: no cluster, no answer, or the operator or AWS said no",
    WRONG_USAGE: "wrong usage: an option or an argument is not right",
    NOT_FOUND: "not found: no such resource, or its kind is not installed",
    REFUSED: "refused: rights are missing in Kubernetes or AWS, or a request does not apply",
    TIMED_OUT: "not within the time given: what was asked for goes on",
}


class PluginError(click.ClickException):
    """A command failed; its message says why and what helps."""

    exit_code = FAILED

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to stderr, as kubectl does."""
        click.echo(f"error: {printable(self.format_message())}", file=file, err=True)


class NotFoundError(PluginError):
    """There is no such resource, or its kind is not known to the cluster."""

    exit_code = NOT_FOUND


class RefusedError(PluginError):
    """Somebody may not do that, or it does not apply to this resource as it is."""

    exit_code = REFUSED


class TimedOutError(PluginError):
    """It was not seen to end within the time given; it goes on."""

    exit_code = TIMED_OUT
