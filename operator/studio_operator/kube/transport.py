"""One API server: requests in raw JSON, their answers, lists by pages, streams and refusals.

The `kubernetes` library gives the connection, its TLS, its proxy and its credentials; its model
classes are left aside: they cost several times the request itself. All of this blocks: the operator
calls it in threads (`kube.client`), and `kubectl studio` as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from kubernetes.client import ApiClient, ApiException, Configuration
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from studio_operator.kube.list_pages import read_page

JSON = "application/json"
APPLY_PATCH = "application/apply-patch+yaml"  # JSON is YAML too
MERGE_PATCH = "application/merge-patch+json"
NO_ANSWER = 0

# Bytes of a list that are read at once.
_CHUNK = 65_536
_NOTHING: Mapping[str, Any] = {}

T = TypeVar("T")
Raw = dict[str, Any]


class ApiError(Exception):
    """The API server refused a request, or did not answer it (`status` is 0 then).

    `details` are those of the `Status` that it answered, empty for a proxy's page.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        retry_after: float = 0.0,
        details: Mapping[str, Any] = _NOTHING,
    ) -> None:
        super().__init__(f"{status} {reason}: {message}" if status else message)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.details = details

    @property
    def is_gone(self) -> bool:
        """Whether the resource does not exist."""
        return self.status == 404

    @property
    def is_conflict(self) -> bool:
        """Whether the resource is not the one, or not in the state, that the request assumed."""
        return self.status == 409

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in {NO_ANSWER, 408, 429} or self.status >= 500


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What was made of each item of a page, and the version of the list that it is a part of."""

    items: Sequence[T]
    resource_version: str
    is_last: bool


class Transport:
    """The way to one API server, for one client, whose name is `agent`. Raises ApiError."""

    def __init__(
        self, configuration: Configuration, *, agent: str, timeout: float, page_size: int
    ) -> None:
        """`timeout`: the server may say nothing for so many seconds."""
        self._api = ApiClient(configuration)
        self._agent = agent
        self._timeout = timeout
        self._page_size = page_size

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._api.configuration.host)

    def close(self) -> None:
        """Close all connections."""
        self._api.rest_client.close()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        *,
        accept: str = JSON,
        query: Mapping[str, str] = _NOTHING,
    ) -> Raw:
        """One request and its answer. What is written is said to be the agent's."""
        given = query if body is None else {"fieldManager": self._agent, **query}
        with self._request(method, path, given, accept, body, content_type) as response:
            answer: Raw = json.loads(response.data)
            return answer

    def read_dated(self, path: str) -> tuple[Raw, datetime]:
        """An answer, and the time at which it was given by the API server's clock (RFC 9110)."""
        with self._request("GET", path) as response:
            return json.loads(response.data), _date_of(response)

    def pages(
        self,
        path: str,
        take: Callable[[Raw], T],
        *,
        accept: str = JSON,
        query: Mapping[str, str] = _NOTHING,
    ) -> Iterator[Page[T]]:
        """What `take` makes of each item of a list, by pages: each is one request.

        An item is taken as soon as it is there: no two of them are held at once.
        """
        token = ""
        while True:
            given = {**query, "limit": str(self._page_size), "continue": token}
            with self._request("GET", path, given, accept) as response:
                items, metadata = read_page(response.stream(_CHUNK), take)
            token = metadata.get("continue", "")
            yield Page(items, metadata["resourceVersion"], is_last=not token)
            if not token:
                return

    def stream(self, path: str, query: Mapping[str, str]) -> Iterator[Raw]:
        """What the server sends line by line, until it ends."""
        with self._request("GET", path, query) as response:
            for line in response:
                yield json.loads(line)

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = _NOTHING,
        accept: str = JSON,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
    ) -> Iterator[BaseHTTPResponse]:
        """The answer to a request while it comes in. ApiError when it is a refusal, or ends."""
        headers = {"Accept": accept, "User-Agent": self._agent}
        if body is not None:
            headers["Content-Type"] = content_type
        given = urlencode({name: value for name, value in query.items() if value})
        try:
            for setting in self._api.configuration.auth_settings().values():
                headers[setting["key"]] = setting["value"]
            # Sent as text: the library would parse the content type and serialise once more.
            response: BaseHTTPResponse = self._api.rest_client.pool_manager.request(
                method,
                self.server + path + (f"?{given}" if given else ""),
                headers=headers,
                body=None if body is None else json.dumps(body, separators=(",", ":")),
                timeout=self._timeout,
                retries=False,
                preload_content=False,
            )
            try:
                if response.status >= 300:
                    raise _refusal(response.status, response.data, response.headers)
                yield response
                response.drain_conn()
            finally:
                response.close()  # a connection whose answer was read to its end is kept
        except json.JSONDecodeError as error:  # an answer of a proxy, or one that was cut off
            raise ApiError(
                NO_ANSWER, "NoAnswer", f"{self.server} gives an answer that is no JSON: {error}"
            ) from error
        except (HTTPError, ApiException, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise ApiError(
                NO_ANSWER, "NoAnswer", f"{self.server} does not answer: {reason}"
            ) from error


def _date_of(response: BaseHTTPResponse) -> datetime:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):  # a proxy took it away: this machine's clock has to do
        return datetime.now(UTC)


def _refusal(status: int, body: bytes, headers: Mapping[str, str]) -> ApiError:
    try:
        said = json.loads(body)
        reason, message = said.get("reason", ""), said.get("message", "")
        details = said.get("details") or {}
    except (ValueError, AttributeError):  # a proxy's page
        reason, message, details = "", body[:200].decode(errors="replace"), {}
    pause = headers.get("Retry-After", "")
    return ApiError(status, reason, message, float(pause) if pause.isdigit() else 0.0, details)
