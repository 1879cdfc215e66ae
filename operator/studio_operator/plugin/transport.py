"""Requests to the API server as raw JSON, and what its refusals mean to a person.

As in `kube.client`, the `kubernetes` library gives the connection and the credentials only. The
verb and the resource of a request are given in words (`what`), for the message of a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kubernetes.client import ApiClient, ApiException
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from studio_operator.plugin.errors import PluginError, RefusedError

Raw = dict[str, Any]
USER_AGENT = "kubectl-studio"
JSON = "application/json"
# A person waits: a server that says nothing for this long is told as such. In seconds.
TIMEOUT = 30.0


class AbsentError(Exception):
    """404: of the resource itself, or of everything under that path."""

    def __init__(self, message: str, *, is_resource: bool) -> None:
        super().__init__(message)
        self.is_resource = is_resource


class ExpiredError(Exception):
    """410: the server does not remember that version any more; list again."""


class NoAnswerError(PluginError):
    """The API server can't be reached, or is not able to answer; it may be later."""


class Transport:
    """The way to one API server. Raises AbsentError, ExpiredError and errors of `plugin.errors`."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._client.configuration.host)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        *,
        what: str,
    ) -> Raw:
        """One request and its answer."""
        response = self._send(method, path, body, content_type, what)
        try:
            answer: Raw = json.loads(response.data)
        except HTTPError as error:
            raise self._no_answer(error) from error
        return answer

    def stream(self, path: str, *, what: str) -> Iterator[Raw]:
        """What the server sends line by line, until it ends."""
        response = self._send("GET", path, None, JSON, what)
        try:
            for line in response:
                yield json.loads(line)
        except HTTPError as error:
            raise self._no_answer(error) from error
        finally:
            response.close()

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        content_type: str,
        what: str,
    ) -> BaseHTTPResponse:
        """One request that the server has taken; its answer is not read yet."""
        headers = {"Accept": JSON, "User-Agent": USER_AGENT}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            for setting in self._client.configuration.auth_settings().values():
                headers[setting["key"]] = setting["value"]
            response: BaseHTTPResponse = self._client.rest_client.pool_manager.request(
                method,
                self.server + path,
                headers=headers,
                body=None if body is None else json.dumps(body),
                timeout=TIMEOUT,
                retries=False,
                preload_content=False,
            )
            if response.status >= 300:
                raise self._explain(response.status, response.data, what)
        except (HTTPError, ApiException, OSError) as error:
            raise self._no_answer(error) from error
        return response

    def _explain(self, status: int, body: bytes, what: str) -> Exception:
        message, details = _read_refusal(body)
        if status == 404:
            return AbsentError(message, is_resource="name" in details)
        if status == 410:
            return ExpiredError(message)
        if status == 403:
            return RefusedError(
                f"you may not {what}: {message}. "
                "Ask for a role that grants this verb on this resource."
            )
        if status == 401:
            return RefusedError(
                f"{self.server} does not know you: {message}. Sign in again, "
                "or choose another context with --context."
            )
        said = f"the cluster refuses to {what}: {message}"
        return NoAnswerError(said) if status == 429 or status >= 500 else PluginError(said)

    def _no_answer(self, error: Exception) -> NoAnswerError:
        reason = str(getattr(error, "reason", None) or error)
        return NoAnswerError(
            f"the cluster at {self.server} does not answer: {reason}. "
            "Is it running? Choose another with --context or --kubeconfig."
        )


def _read_refusal(body: bytes) -> tuple[str, Raw]:
    """The API server's words and details; a proxy's page gives its beginning."""
    try:
        said = json.loads(body)
        return said.get("message", ""), said.get("details") or {}
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace"), {}
