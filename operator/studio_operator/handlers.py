"""kopf's part: watching. It only tells what it sees, and leaves no trace on any resource."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import kopf
from kopf._core.reactor.inventory import ResourceMemories, ResourceMemory

from studio_operator.api.common import GROUP, VERSION
from studio_operator.kinds.registry import kinds_read_in
from studio_operator.settings import Settings

Raw = Mapping[str, Any]


class News(Protocol):
    """Where watch events go."""

    def seen(self, raw: Raw) -> None:
        """A resource that exists."""

    def gone(self, raw: Raw) -> None:
        """A resource that exists no more."""


class Patience:
    """Pauses between tries of a request, in seconds: ten minutes in all.

    Never long ones, so that an API server that is back is noticed soon. In the end kopf gives up
    and the process ends, for Kubernetes to start it afresh.
    """

    _PAUSES = (0.5, 1, 2, 3, 5, 8, *(10,) * 58)

    def __iter__(self) -> Iterator[float]:
        return iter(self._PAUSES)

    def __len__(self) -> int:
        return len(self._PAUSES)


class NoDiffs(kopf.DiffBaseStorage):
    """Remembers nothing of a resource. kopf would copy each body, to compare it for nobody."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        """What of a body counts: nothing."""
        return kopf.BodyEssence()

    def fetch(self, **_: Any) -> kopf.BodyEssence | None:
        """What was remembered: nothing."""
        return None

    def store(self, **_: Any) -> None:
        """Remember nothing."""


class NoProgress(kopf.ProgressStorage):
    """Remembers no progress of handlers: there are none that would make any."""

    def fetch(self, **_: Any) -> kopf.ProgressRecord | None:
        """What was remembered: nothing."""
        return None

    def store(self, **_: Any) -> None:
        """Remember nothing."""

    def purge(self, **_: Any) -> None:
        """Nothing is there to forget."""

    def touch(self, **_: Any) -> None:
        """Leave the resource alone."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """The essence without progress, which is not in it."""
        return essence


class AnyTask:
    """Contains every task.

    At its end kopf waits for, and then cancels, all tasks of the event loop that began after its
    start, since it can't know who began them. Its own it has ended by then.
    """

    def __contains__(self, _: object) -> bool:
        return True

    def __iter__(self) -> Iterator[asyncio.Task[Any]]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Watch:
    """Watches all kinds, in some namespaces or in all, and goes on through interruptions."""

    def __init__(
        self,
        news: News,
        settings: Settings,
        namespaces: Sequence[str],
        *,
        on_relist: Callable[[], None],
        without: Container[str] = (),
    ) -> None:
        """`on_relist` is told of each body that comes from a list and not from a change.

        A list tells nobody what was deleted while a watch was interrupted. `without`: kinds that
        are not watched.
        """
        self._news = news
        self._settings = settings
        self._namespaces = namespaces
        self._on_relist = on_relist
        self._without = without
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.Task[None]:
        """Begin to watch. The task ends only with `stop`, or with an error.

        kopf takes over SIGTERM and SIGINT here: who wants them sets their handlers afterwards.
        """
        namespaced: dict[str, Any] = (
            {"namespaces": list(self._namespaces)} if self._namespaces else {"clusterwide": True}
        )
        tasks = await kopf.spawn_tasks(
            registry=self._make_registry(),
            settings=make_settings(self._settings),
            memories=NoMemories(),
            standalone=True,
            stop_flag=self._stop,
            **namespaced,
        )
        running = kopf.run_tasks(tasks, ignored=AnyTask())
        self._running = asyncio.create_task(running, name="watch")
        return self._running

    async def stop(self) -> None:
        """Watch no longer."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait([self._running])

    def _make_registry(self) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry, errors=kopf.ErrorsMode.PERMANENT)(kopf.login_via_client)
        for kind in kinds_read_in(self._namespaces):
            if kind.name not in self._without:
                kopf.on.event(GROUP, VERSION, kind.plural, registry=registry)(self._on_event)
        return registry

    async def _on_event(self, event: kopf.RawEvent, **_: Any) -> None:
        if event["type"] == "DELETED":
            self._news.gone(event["object"])
            return
        if event["type"] is None:
            self._on_relist()
        self._news.seen(event["object"])
        _strip(event["object"])


def _strip(body: kopf.RawBody) -> None:
    """Take out of a body what kopf does not need, which holds the last one for a while."""
    members = cast("dict[str, Any]", body)
    for name in ("spec", "status"):
        members.pop(name, None)
    for name in ("annotations", "labels", "managedFields"):
        members["metadata"].pop(name, None)


class NoMemories(ResourceMemories):
    """Remembers nothing of a resource between its events: there is nobody to remember it for."""

    async def recall(self, raw_body: kopf.RawBody, **options: Any) -> ResourceMemory:
        """A new memory each time."""
        return await super().recall(raw_body, **{**options, "ephemeral": True})


def make_settings(settings: Settings) -> kopf.OperatorSettings:
    """Kopf's settings: it watches, and nothing else."""
    wanted = kopf.OperatorSettings()
    wanted.scanning.disabled = True
    wanted.posting.enabled = False
    wanted.peering.standalone = True
    wanted.watching.inactivity_timeout = settings.watch_inactivity
    wanted.watching.connect_timeout = settings.kubernetes_timeout
    # kopf holds a page of its list as a whole, and the last event of each resource for this long.
    wanted.watching.chunk_size = settings.watch_page_size
    wanted.queueing.idle_timeout = settings.watch_idle
    wanted.networking.request_timeout = settings.kubernetes_timeout
    wanted.networking.error_backoffs = Patience()
    # kopf removes its finalizer where it finds no handler that needs it, and the one of this name
    # by default belongs to other operators. None of this name exists.
    wanted.persistence.finalizer = f"{GROUP}/never-set"
    wanted.persistence.diffbase_storage = NoDiffs()
    wanted.persistence.progress_storage = NoProgress()
    return wanted
