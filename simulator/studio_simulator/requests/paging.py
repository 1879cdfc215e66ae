"""Pages of a listing: 10 items unless asked for up to 100, and an opaque token for the rest."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from studio_simulator.errors import validation
from studio_simulator.state.resources import Json, Resource

DEFAULT_PAGE_SIZE = 10
PAGING_MEMBERS = {"NextToken", "MaxResults"}

R = TypeVar("R", bound=Resource)
Position = tuple[float | str, int]


def by_creation(resource: Resource) -> float:
    """Sort key: the time of creation."""
    return resource.created


def by_modification(resource: Resource) -> float:
    """Sort key: the time of the last modification."""
    return resource.modified


SORT_KEYS: dict[str, Callable[[Resource], float]] = {
    "CreationTime": by_creation,
    "LastModifiedTime": by_modification,
}


def page(
    resources: Iterable[R],
    parameters: Json,
    key: Callable[[R], float | str] | None = None,
    *,
    descending: bool | None = None,
) -> tuple[list[R], str | None]:
    """Return one page of the resources and the token of the next page.

    The token remembers the place by sort key, so that resources which come and go in between
    neither repeat nor hide others. It only fits the same question.
    """
    chosen = key or SORT_KEYS[parameters.get("SortBy", "CreationTime")]
    backwards = parameters.get("SortOrder") == "Descending" if descending is None else descending
    positioned = sorted(
        (((chosen(resource), resource.serial), resource) for resource in resources),
        key=lambda pair: pair[0],
        reverse=backwards,
    )
    token = parameters.get("NextToken")
    if token is not None:
        last = _decode(token, parameters)
        positioned = [
            pair for pair in positioned if (pair[0] < last if backwards else pair[0] > last)
        ]
    size = parameters.get("MaxResults", DEFAULT_PAGE_SIZE)
    chunk = positioned[:size]
    more = len(positioned) > size
    next_token = _encode(chunk[-1][0], parameters) if more else None
    return [resource for _, resource in chunk], next_token


def question_of(parameters: Json) -> str:
    """Return what a token is bound to: the parameters other than the page itself."""
    asked = {name: value for name, value in parameters.items() if name not in PAGING_MEMBERS}
    return json.dumps(asked, sort_keys=True)


def _encode(position: Position, parameters: Json) -> str:
    content = json.dumps([*position, question_of(parameters)])
    return base64.urlsafe_b64encode(content.encode()).decode()


def _decode(token: str, parameters: Json) -> Position:
    try:
        value, serial, question = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise validation("Invalid NextToken.") from error
    if question != question_of(parameters):
        raise validation("NextToken does not belong to a request with these parameters.")
    return value, serial
