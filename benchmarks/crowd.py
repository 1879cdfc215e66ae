"""Many resources at once: written by several threads, watched by one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from kubernetes.client import ApiClient
from urllib3.exceptions import HTTPError

API = "/apis/studio-operator.dev/v1alpha1/namespaces"
WRITERS = 8
# The server ends a watch after this long, so that its thread always ends.
WATCH_SECONDS = 900
# A watch that is ended is begun again so often at most: a server that ends each at once is broken.
WATCHES_AT_MOST = 20

Raw = dict[str, Any]


class NotConvergedError(Exception):
    """Not all resources came to where they should be in time."""


class Crowd:
    """The resources of one kind in a namespace.

    By raw requests: what a client library costs would be taken for the operator's time.
    """

    def __init__(self, client: ApiClient, namespace: str, plural: str) -> None:
        self._pool = client.rest_client.pool_manager
        self._url = f"{client.configuration.host}{API}/{namespace}/{plural}"

    def create(self, manifests: Iterable[Raw]) -> dict[str, float]:
        """Create all at once; when each was sent, by name."""
        return self._send_all((one["metadata"]["name"], "POST", "", one) for one in manifests)

    def edit(self, names: Iterable[str], spec: Mapping[str, Any]) -> dict[str, float]:
        """Change members of the spec of all at once; when each was sent, by name."""
        return self._send_all((name, "PATCH", f"/{name}", {"spec": dict(spec)}) for name in names)

    def patch(self, names: Iterable[str], change: Raw) -> dict[str, float]:
        """Change members of all at once; when each was sent, by name."""
        return self._send_all((name, "PATCH", f"/{name}", change) for name in names)

    def list(self) -> list[Raw]:
        """All of them."""
        items: list[Raw] = json.loads(self._request("GET", "").data)["items"]
        return items

    @contextmanager
    def watched(self) -> Iterator[Sightings]:
        """What is seen of them from now on."""
        start = json.loads(self._request("GET", "?limit=1").data)["metadata"]["resourceVersion"]
        with Sightings(self._watch, start) as sightings:
            yield sightings

    def _watch(self, version: str) -> Any:
        query = f"?watch=1&resourceVersion={version}&timeoutSeconds={WATCH_SECONDS}"
        return self._request("GET", query, preload_content=False)

    def _send_all(self, requests: Iterable[tuple[str, str, str, Raw]]) -> dict[str, float]:
        sent: dict[str, float] = {}

        def send(request: tuple[str, str, str, Raw]) -> None:
            name, method, path, body = request
            sent[name] = time.monotonic()
            self._request(method, path, body=json.dumps(body).encode())

        with ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(send, list(requests)))
        return sent

    def _request(self, method: str, path: str, **options: Any) -> Any:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        answer = self._pool.request(
            method, self._url + path, headers={"Content-Type": kind}, **options
        )
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return answer


class Sightings:
    """The newest sight of each resource, read from a watch by a thread of its own.

    The API server ends the watch of a client that reads too slowly for a moment, as this one may
    when 500 resources change at once: it is begun again where it ended.
    """

    def __init__(self, watch: Callable[[str], Any], version: str) -> None:
        """`watch` begins one at a resource version."""
        self._watch = watch
        self._version = version
        self._answer = watch(version)
        self._closing = threading.Event()
        self._is_lost = False
        self._seen: dict[str, Raw] = {}
        self._times: dict[str, float] = {}
        self._expected: Callable[[Raw], bool] = lambda _: False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing waits for the thread's read to return; a shutdown ends that read.
        self._closing.set()
        with suppress(RuntimeError):  # it has just ended by itself
            self._answer.shutdown()
        self._thread.join()
        self._answer.close()

    def expect(self, expected: Callable[[Raw], bool]) -> None:
        """Note from now on when each resource is first seen as expected."""
        with self._news:
            self._expected = expected
            self._times = {}

    def wait(self, names: Iterable[str], seconds: float) -> dict[str, float]:
        """Wait for all of them; when each was seen as expected, by name.

        Raises NotConvergedError with what is said of some that were not.
        """
        wanted = set(names)
        with self._news:
            self._news.wait_for(lambda: self._is_lost or wanted <= self._times.keys(), seconds)
            if not wanted <= self._times.keys():
                raise NotConvergedError(self._explain(wanted - self._times.keys(), seconds))
            return {name: self._times[name] for name in wanted}

    def _explain(self, missing: set[str], seconds: float) -> str:
        told = [f"{len(missing)} resources did not converge within {seconds:.0f} s:"]
        if self._is_lost:
            told = [f"the API server ended {WATCHES_AT_MOST} watches; not seen: {len(missing)}"]
        for name in sorted(missing)[:5]:
            status = self._seen.get(name, {}).get("status", {})
            ready = [one for one in status.get("conditions", []) if one["type"] == "Ready"]
            told.append(f"  {name}: {status.get('phase')}: {ready[0]['message'] if ready else ''}")
        return "\n".join(told)

    def _read(self) -> None:
        for _ in range(WATCHES_AT_MOST):
            with suppress(HTTPError, OSError, ValueError):  # it ended, or was closed, in a read
                for line in self._answer:
                    resource = json.loads(line)["object"]
                    self._note(resource)
                    self._version = resource["metadata"]["resourceVersion"]
            if self._closing.is_set():
                return
            self._answer = self._watch(self._version)
        with self._news:
            self._is_lost = True
            self._news.notify_all()

    def _note(self, resource: Raw) -> None:
        name = resource["metadata"]["name"]
        with self._news:
            self._seen[name] = resource
            if name not in self._times and self._expected(resource):
                self._times[name] = time.monotonic()
                self._news.notify_all()


def is_ready(resource: Raw) -> bool:
    """Whether the operator says that AWS shows what the spec says now."""
    status = resource.get("status", {})
    if status.get("observedGeneration") != resource["metadata"]["generation"]:
        return False
    conditions = status.get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
