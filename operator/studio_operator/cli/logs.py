"""Log lines for people or for machines, each with what it is about."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

from studio_operator.engine.context import current

Format = Literal["text", "json"]

# Libraries that tell of each request, or of errors that are handled and told by us.
_LOUD = ("aiohttp", "asyncio", "boto3", "botocore", "kopf", "kubernetes", "urllib3")


class ContextFilter(logging.Filter):
    """Puts on each line what is at work on where it was logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every line."""
        record.about = current()
        return True


class TextFormatter(logging.Formatter):
    """`02:10:33 INFO  [Space ml-team/churn-notebooks] UpdateSpace: done`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback if there is one."""
        about = getattr(record, "about", {})
        moment = datetime.fromtimestamp(record.created, UTC)
        subject = f" [{about['object']}]" if "object" in about else ""
        request = f" (request {about['request_id']})" if "request_id" in about else ""
        line = f"{moment:%H:%M:%S} {record.levelname:<7}{subject} {record.getMessage()}{request}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The members time, level, logger, message, error, and what the line is about."""
        members = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            members["error"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=False)


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
