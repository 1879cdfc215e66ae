"""Puts the parts of the engine together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom

from studio_operator.aws.gateway import Gateway
from studio_operator.aws.instance_types import known_instance_types
from studio_operator.aws.inventory import Inventory
from studio_operator.engine.acting import Hands
from studio_operator.engine.announcer import Announcer
from studio_operator.engine.budget import TokenBucket
from studio_operator.engine.facts import Facts
from studio_operator.engine.failures import Failures
from studio_operator.engine.feed import Feed
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.queue import Backoff, WorkQueue
from studio_operator.engine.reconciler import Pace, Reconciler
from studio_operator.engine.resync import Resync
from studio_operator.engine.status_writer import StatusWriter
from studio_operator.engine.store import Store
from studio_operator.engine.telling import Voice
from studio_operator.engine.timing import OperationTimes
from studio_operator.engine.tracking import Tracker
from studio_operator.engine.workers import Workers
from studio_operator.kube.client import KubeClient
from studio_operator.kube.events import RepeatGuard
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind, Tuning
from studio_operator.settings import Settings


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that run."""

    store: Store
    queue: WorkQueue[Key]
    feed: Feed
    resync: Resync
    gateway: Gateway
    inventory: Inventory
    reconciler: Reconciler
    workers: Workers
    writer: StatusWriter
    announcer: Announcer


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
    """All parts, connected. `instance` names this process in Events."""
    random = SystemRandom().random
    gateway = Gateway(settings, metrics)
    store = Store(gateway.default_region or "")
    queue: WorkQueue[Key] = WorkQueue(
        clock=time.monotonic, random=random, backoff=Backoff(settings.retry, settings.retry_max)
    )
    feed = Feed(store, queue.add)
    inventory = Inventory(gateway, settings, time.monotonic, feed.record_changed, metrics)
    budget = TokenBucket(
        rate=settings.progress_rate, burst=settings.progress_burst, clock=time.monotonic
    )
    writer = StatusWriter(
        kube,
        store,
        budget,
        revisit=queue.add,
        count_held_back=metrics.held_back.labels("status").inc,
    )
    announcer = Announcer(
        kube,
        RepeatGuard(
            window_seconds=settings.event_repeat,
            capacity=settings.event_memory,
            clock=time.monotonic,
        ),
        budget,
        instance=instance,
        now=now,
        backoff=Backoff(settings.retry, settings.kubernetes_timeout),
        random=random,
        count_held_back=metrics.held_back.labels("event").inc,
    )
    facts = Facts(store, inventory, cluster)
    failures = Failures(backoffs_of(settings), random)
    gatherer = Gatherer(
        store,
        inventory,
        facts,
        cluster=cluster,
        tuning=tuning_of(settings),
        known_instance_types=known_instance_types(),
    )
    hands = Hands(
        store,
        aws=gateway,
        inventory=inventory,
        kube=kube,
        failures=failures,
        now=now,
        may_act=may_act,
    )
    voice = Voice(
        store,
        facts,
        writer=writer,
        announcer=announcer,
        times=OperationTimes(
            lambda kind, type_, took: metrics.operation_seconds.labels(kind, type_).observe(took)
        ),
        now=now,
        enqueue=queue.add,
    )
    reconciler = Reconciler(
        store,
        queue,
        gatherer,
        hands,
        voice,
        failures=failures,
        tracker=Tracker(inventory),
        pace=Pace(settings.passes_per_turn, settings.look_again),
        now=now,
    )
    feed.when_gone(reconciler.forget)
    return Engine(
        store=store,
        queue=queue,
        feed=feed,
        resync=Resync(
            kube,
            store,
            feed,
            namespaces,
            interval=settings.resync_interval,
            lag=settings.watch_lag,
        ),
        gateway=gateway,
        inventory=inventory,
        reconciler=reconciler,
        workers=Workers(queue, reconciler.reconcile, metrics, settings.workers),
        writer=writer,
        announcer=announcer,
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
        create_settle_seconds=settings.create_settle,
        deletion_retry_seconds=settings.deletion_retry,
    )
