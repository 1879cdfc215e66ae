"""Log lines for people or for machines, each with what it is about."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from textwrap import indent
from typing import Any, Literal, TextIO

from studio_operator import tracing
from studio_operator.engine.context import current
from studio_operator.kube.resources import Key
from studio_operator.printable import printable, printable_json, printable_lines

Format = Literal["text", "json"]

# Libraries that tell of each request, or of errors that are handled and told by us.
_LOUD = ("aiohttp", "asyncio", "boto3", "botocore", "kopf", "kubernetes", "urllib3")
# What the line itself may say, rather than the work that it was logged in.
_OF_THE_LINE = ("aws_operation", "aws_request_id")


class ContextFilter(logging.Filter):
    """Puts on each line what is at work on where it was logged, and in which trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every line."""
        said = {name: vars(record)[name] for name in _OF_THE_LINE if name in vars(record)}
        fields = {**current(), **said, **tracing.current_ids()}
        record.about = {name: value for name, value in fields.items() if value is not None}
        return True


class TextFormatter(logging.Formatter):
    """`02:10:33 INFO    [Space ml-team/churn-notebooks] UpdateSpace: done (request 0d1f...)`.

    What others wrote can neither end the line nor act on a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback if there is one."""
        about = getattr(record, "about", {})
        moment = datetime.fromtimestamp(record.created, UTC)
        subject = f" [{about['object']}]" if "object" in about else ""
        request = f" (request {about['aws_request_id']})" if "aws_request_id" in about else ""
        said = f"{subject} {record.getMessage()}{request}"
        line = f"{moment:%H:%M:%S} {record.levelname:<7}{printable(said)}"
        if not record.exc_info:
            return line
        # Indented, so that no line of an error's text can pass for one of the log.
        return f"{line}\n{indent(printable_lines(self.formatException(record.exc_info)), '  ')}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The members time, level, logger, message, error, and what the line is about."""
        members = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_as_json(getattr(record, "about", {})),
        }
        if record.exc_info:
            members["error"] = self.formatException(record.exc_info)
        return printable_json(json.dumps(members, ensure_ascii=False))


def _as_json(about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value._asdict() if isinstance(value, Key) else value for name, value in about.items()
    }


def set_up_logs(style: Format, *, verbose: bool, stream: TextIO = sys.stderr) -> None:
    """Log to a stream from now on; `verbose` adds debugging and what the libraries tell."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(ContextFilter())
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
