"""Puts the parts of the engine together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Protocol

from studio_operator.aws.gateway import Gateway
from studio_operator.aws.instance_types import known_instance_types
from studio_operator.aws.inventory import Inventory
from studio_operator.engine.acting import Hands
from studio_operator.engine.announcer import Announcer, EventApi
from studio_operator.engine.budget import TokenBucket
from studio_operator.engine.entries import Entry
from studio_operator.engine.facts import Facts
from studio_operator.engine.failures import Failures
from studio_operator.engine.feed import Feed
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.operations import Operations
from studio_operator.engine.ports import AwsCalls, AwsInventory, FinalizerApi
from studio_operator.engine.prices import load_prices
from studio_operator.engine.queue import Backoff, WorkQueue
from studio_operator.engine.reconciler import Pace, Reconciler
from studio_operator.engine.resync import Resync
from studio_operator.engine.status_writer import StatusApi, StatusWriter
from studio_operator.engine.store import Store
from studio_operator.engine.telling import Voice
from studio_operator.engine.tracking import Tracker
from studio_operator.engine.workers import Workers
from studio_operator.kube.client import KubeClient
from studio_operator.kube.events import RepeatGuard
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind, Tuning
from studio_operator.settings import Settings

_random = SystemRandom().random


class KubeApi(FinalizerApi, StatusApi, EventApi, Protocol):
    """What the engine writes to Kubernetes by."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the engine works on: AWS by calls and views, Kubernetes by writes.

    - `cluster`: the id that marks what is ours in AWS; `instance`: this process's name in Events.
    - `may_act`: whether this process leads, just now.
    - `vanished`: is told of a resource that the API server has no more.
    """

    calls: AwsCalls
    inventory: AwsInventory
    kube: KubeApi
    cluster: str
    instance: str
    may_act: Callable[[], bool]
    vanished: Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Core:
    """What works on resources, and what it tells by."""

    reconciler: Reconciler
    writer: StatusWriter
    announcer: Announcer


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that run."""

    store: Store
    queue: WorkQueue[Key]
    feed: Feed
    resync: Resync
    gateway: Gateway
    inventory: Inventory
    core: Core
    workers: Workers


def assemble(
    settings: Settings,
    metrics: Metrics,
    kube: KubeClient,
    *,
    cluster: str,
    namespaces: Sequence[str],
    instance: str,
    may_act: Callable[[], bool],
) -> Engine:
    """All parts, connected."""
    gateway = Gateway(settings, metrics)
    store = Store(gateway.default_region or "")
    queue = make_queue(settings)
    feed = Feed(store, queue.add)
    inventory = Inventory(gateway, settings, time.monotonic, feed.record_changed, metrics)
    outside = Outside(
        calls=gateway,
        inventory=inventory,
        kube=kube,
        cluster=cluster,
        instance=instance,
        may_act=may_act,
        vanished=feed.vanished,
    )
    core = make_core(outside, store, queue, settings, metrics)
    feed.when_gone(core.reconciler.forget)
    interval, lag = settings.resync_interval, settings.watch_lag
    return Engine(
        store=store,
        queue=queue,
        feed=feed,
        resync=Resync(kube, store, feed, namespaces, interval=interval, lag=lag),
        gateway=gateway,
        inventory=inventory,
        core=core,
        workers=Workers(queue, core.reconciler.reconcile, metrics, settings.workers),
    )


def make_queue(settings: Settings) -> WorkQueue[Key]:
    """The queue of what to look at."""
    backoff = Backoff(settings.retry, settings.retry_max)
    return WorkQueue(clock=time.monotonic, random=_random, backoff=backoff)


def make_core(
    outside: Outside,
    store: Store,
    queue: WorkQueue[Key],
    settings: Settings,
    metrics: Metrics,
) -> Core:
    """The reconciler and the parts that only it uses."""
    budget = TokenBucket(
        rate=settings.progress_rate, burst=settings.progress_burst, clock=time.monotonic
    )
    writer = StatusWriter(
        outside.kube,
        store,
        budget,
        revisit=queue.add,
        vanished=outside.vanished,
        count_held_back=metrics.held_back.labels("status").inc,
    )
    announcer = _make_announcer(outside, budget, settings, metrics)
    facts = Facts(store, outside.inventory, outside.cluster)
    failures = Failures(backoffs_of(settings), _random)
    gatherer = _make_gatherer(outside, store, facts, settings)
    hands = Hands(
        store,
        aws=outside.calls,
        inventory=outside.inventory,
        kube=outside.kube,
        failures=failures,
        now=now,
        may_act=outside.may_act,
        vanished=outside.vanished,
    )
    voice = Voice(
        store,
        facts,
        writer=writer,
        announcer=announcer,
        enqueue=queue.add,
    )
    operations = Operations(metrics.observe_operation, now)
    reconciler = Reconciler(
        store,
        queue,
        gatherer,
        hands,
        voice,
        failures=failures,
        operations=operations,
        tracker=Tracker(outside.inventory),
        pace=Pace(settings.passes_per_turn, settings.look_again),
        now=now,
    )
    return Core(reconciler, writer, announcer)


def _make_gatherer(outside: Outside, store: Store, facts: Facts, settings: Settings) -> Gatherer:
    return Gatherer(
        store,
        outside.inventory,
        facts,
        cluster=outside.cluster,
        tuning=tuning_of(settings),
        known_instance_types=known_instance_types(),
        prices=load_prices(settings.prices_file),
    )


def _make_announcer(
    outside: Outside, budget: TokenBucket, settings: Settings, metrics: Metrics
) -> Announcer:
    guard = RepeatGuard(
        window_seconds=settings.event_repeat,
        capacity=settings.event_memory,
        clock=time.monotonic,
    )
    return Announcer(
        outside.kube,
        guard,
        budget,
        instance=outside.instance,
        now=now,
        backoff=Backoff(settings.retry, settings.kubernetes_timeout),
        random=_random,
        count_held_back=metrics.held_back.labels("event").inc,
    )


def now() -> datetime:
    """The present time."""
    return datetime.now(UTC)


def backoffs_of(settings: Settings) -> Mapping[FailureKind, Backoff]:
    """When failed calls are tried again.

    What AWS calls invalid stays so until somebody changes something, and a volume's cool-down is
    planned with.
    """
    busy = Backoff(settings.busy_retry, settings.busy_retry_max)
    person = Backoff(settings.person_retry, settings.person_retry_max)
    return {
        FailureKind.TRANSIENT: Backoff(settings.transient_retry, settings.transient_retry_max),
        FailureKind.BUSY: busy,
        FailureKind.GONE: busy,
        FailureKind.CAPACITY: Backoff(settings.capacity_retry, settings.capacity_retry_max),
        FailureKind.QUOTA: person,
        FailureKind.ACCESS: person,
    }


def tuning_of(settings: Settings) -> Tuning:
    """The times that planners go by."""
    return Tuning(
        start_deadline_seconds=settings.start_deadline,
        start_retry_seconds=settings.start_retry,
        start_retry_max_seconds=settings.start_retry_max,
        storage_cooldown_seconds=settings.storage_cooldown,
        lingering_fresh_seconds=settings.lingering_fresh,
        backup_look_seconds=settings.backup_look,
        backup_deadline_seconds=settings.backup_deadline,
        backup_valid_seconds=settings.backup_valid,
        create_settle_seconds=settings.create_settle,
        deletion_retry_seconds=settings.deletion_retry,
    )
