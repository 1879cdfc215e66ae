"""A request as it came in, and the answer to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

AMZ_JSON = "application/x-amz-json-1.1"


class Headers(Protocol):
    """What is needed of a request's headers; names are not case-sensitive."""

    def get(self, name: str, /) -> str | None:
        """Return a header's value."""


@dataclass
class Request:
    """One HTTP request with its whole body.

    Attributes:
        is_client_gone: whether the client has closed the connection.
        wsgi: the WSGI environment, made only if moto is to answer.

    """

    method: str
    target: str
    headers: Headers
    body: bytes
    is_client_gone: Callable[[], bool]
    wsgi: Callable[[], dict[str, Any]]

    @cached_property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's values, the last of each name."""
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass
class Answer:
    """An answer; ``None`` in place of one closes the connection without a word."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": AMZ_JSON})


def json_answer(content: Any, status: int = 200, content_type: str = AMZ_JSON) -> Answer:
    """Return an answer in JSON."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": content_type})
