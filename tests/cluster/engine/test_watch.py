"""Watching by kopf, against a real API server: all is seen, and no trace is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from studio_operator.engine.declared.resync import Resync
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.handlers import Watch
from studio_operator.kube.client import KubeClient
from studio_operator.kube.resources import Key
from studio_operator.settings import Settings

from sandbox.access import Access
from tests.cluster.engine.resources import (
    Run,
    alice,
    apply_profile,
    connected,
    delete_profile,
    read_profile,
    until,
)


@dataclass
class Notebook:
    """Writes down what the watch tells."""

    seen_names: list[str] = field(default_factory=list)
    gone_names: list[str] = field(default_factory=list)
    relisted: int = 0

    def seen(self, raw: Mapping[str, Any]) -> None:
        self.seen_names.append(raw["metadata"]["name"])

    def gone(self, raw: Mapping[str, Any]) -> None:
        self.gone_names.append(raw["metadata"]["name"])

    def on_relist(self) -> None:
        self.relisted += 1


@pytest.fixture
def kubeconfig(control_plane: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """kopf logs in as the `kubernetes` library would by default."""
    path = str(control_plane.kubeconfig)
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", path)


async def watching(namespaces: list[str], notebook: Notebook, scenario: Callable[[], Any]) -> None:
    watch = Watch(notebook, Settings(), namespaces, on_relist=notebook.on_relist)
    await watch.start()
    try:
        await asyncio.wait_for(scenario(), 120)
    finally:
        await asyncio.wait_for(watch.stop(), 60)


@pytest.mark.usefixtures("kubeconfig")
def test_creations_changes_and_deletions_are_seen_in_the_namespaces_served(
    control_plane: Access, namespace: str
) -> None:
    apply_profile(control_plane, namespace, "before")
    elsewhere = f"{namespace}-other"
    control_plane.create_namespace(elsewhere)
    notebook = Notebook()

    async def scenario() -> None:
        await until(lambda: notebook.seen_names == ["before"], "what is there is listed")
        assert notebook.relisted == 1
        apply_profile(control_plane, elsewhere, "unseen")
        apply_profile(control_plane, namespace, "alice")
        await until(lambda: "alice" in notebook.seen_names, "the creation is seen")
        seen = len(notebook.seen_names)
        apply_profile(control_plane, namespace, "alice", tags={"team": "churn"})
        await until(lambda: len(notebook.seen_names) > seen, "the change is seen")
        delete_profile(control_plane, namespace, "alice")
        await until(lambda: notebook.gone_names == ["alice"], "the deletion is seen")
        assert "unseen" not in notebook.seen_names

    asyncio.run(watching([namespace], notebook, scenario))


@pytest.mark.usefixtures("kubeconfig")
def test_no_trace_is_left_on_any_resource(control_plane: Access, namespace: str) -> None:
    """Not even the finalizer of another operator that is built on kopf is taken away."""
    apply_profile(control_plane, namespace)
    foreign = '{"metadata": {"finalizers": ["kopf.zalando.org/KopfFinalizerMarker"]}}'
    patch = ("patch", "userprofile", "alice", "-n", namespace, "--type=merge", "-p")
    control_plane.kubectl(*patch, foreign)
    before = read_profile(control_plane, namespace)
    notebook = Notebook()

    async def scenario() -> None:
        await until(lambda: bool(notebook.seen_names), "the resource is seen")
        apply_profile(control_plane, namespace, "bob")
        await until(lambda: "bob" in notebook.seen_names, "another one is seen later")

    asyncio.run(watching([], notebook, scenario))
    assert read_profile(control_plane, namespace) == before
    assert set(read_profile(control_plane, namespace, "bob")["metadata"]) == {
        "annotations",  # kubectl's own
        "creationTimestamp",
        "generation",
        "managedFields",
        "name",
        "namespace",
        "resourceVersion",
        "uid",
    }
    control_plane.kubectl(*patch, '{"metadata": {"finalizers": null}}')


class Checked:
    """A store and its resync, without any watch: everything is missed."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self.queued: list[Key] = []
        self.forgotten: list[Key] = []
        self.store = Store("eu-central-1")
        self.feed = Feed(self.store, self.queued.append)
        self.feed.when_gone(self.forgotten.append)
        self.resync = Resync(client, self.store, self.feed, [namespace], interval=60, lag=0.05)


def test_the_first_list_fills_the_store(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    apply_profile(control_plane, namespace)

    async def scenario(client: KubeClient) -> None:
        checked = Checked(client, namespace)
        assert not checked.resync.is_filled
        await checked.resync.fill()
        assert checked.resync.is_filled
        assert checked.queued == [alice(namespace)]

    run_with_client(scenario)


def test_what_was_deleted_while_no_watch_told_of_it_is_found(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    apply_profile(control_plane, namespace)

    async def scenario(client: KubeClient) -> None:
        checked = Checked(client, namespace)
        await checked.resync.fill()
        delete_profile(control_plane, namespace)
        running = asyncio.create_task(checked.resync.run())
        checked.resync.hurry()
        await until(lambda: checked.forgotten == [alice(namespace)], "the end is noticed")
        running.cancel()
        assert not checked.resync.watch_is_stale, "an interrupted watch never tells of ends"

    run_with_client(scenario)


def test_a_watch_that_tells_nothing_any_more_is_stale(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        checked = Checked(client, namespace)
        await checked.resync.fill()
        running = asyncio.create_task(checked.resync.run())
        apply_profile(control_plane, namespace)
        checked.resync.hurry()
        await until(lambda: checked.resync.watch_is_stale, "the silence is noticed")
        await until(lambda: checked.queued == [alice(namespace)], "it is looked at all the same")
        checked.resync.hurry()
        await until(lambda: not checked.resync.watch_is_stale, "nothing is missed any more")
        running.cancel()

    run_with_client(scenario)


@pytest.mark.usefixtures("kubeconfig")
def test_a_watch_that_works_is_never_called_stale(control_plane: Access, namespace: str) -> None:
    async def scenario() -> None:
        async with connected(control_plane) as client:
            checked = Checked(client, namespace)
            watch = Watch(checked.feed, Settings(), [namespace], on_relist=lambda: None)
            await watch.start()
            try:
                apply_profile(control_plane, namespace)
                await until(lambda: alice(namespace) in checked.queued, "the watch tells of it")
                await checked.resync._check()
                assert not checked.resync.watch_is_stale
            finally:
                await asyncio.wait_for(watch.stop(), 60)

    asyncio.run(scenario())
