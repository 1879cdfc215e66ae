"""Puts the parts of the engine together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import Protocol

from studio_operator.aws.gateway import Gateway
from studio_operator.aws.instance_types import known_instance_types
from studio_operator.aws.inventory.inventory import Inventory
from studio_operator.aws.regions import known_regions
from studio_operator.engine.declared.dependencies import Dependencies
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.facts import Facts
from studio_operator.engine.declared.failures import Failures
from studio_operator.engine.declared.flows import flow_of
from studio_operator.engine.declared.resync import Resync
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.subscriptions import Subscriptions
from studio_operator.engine.executor import Executor, NotLeadingError
from studio_operator.engine.feed import Feed
from studio_operator.engine.gather import Gatherer
from studio_operator.engine.operations import Operations
from studio_operator.engine.ports import AwsCalls, AwsInventory, FinalizerApi
from studio_operator.engine.prices import load_prices
from studio_operator.engine.queue import Backoff, WorkQueue
from studio_operator.engine.reconciler import Pace, Reconciler
from studio_operator.engine.reporting.budget import Budget
from studio_operator.engine.reporting.event_recorder import EventApi, EventLimits, EventRecorder
from studio_operator.engine.reporting.publisher import Publisher
from studio_operator.engine.reporting.status_writer import StatusApi, StatusWriter
from studio_operator.engine.tuning import tuning_of
from studio_operator.engine.workers import Workers
from studio_operator.fairness import Flow
from studio_operator.kube.client import KubeClient
from studio_operator.kube.events import RepeatGuard
from studio_operator.kube.resources import Key
from studio_operator.metrics import Metrics
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

_random = SystemRandom().random


class KubeApi(FinalizerApi, StatusApi, EventApi, Protocol):
    """What the engine writes to Kubernetes by."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the engine works on: AWS by calls and views, Kubernetes by writes.

    - `cluster`: the id that marks what is ours in AWS; `instance`: this process's name in Events.
    - `lease`: namespace and name of the Lease, None without leader election.
    - `may_act`: whether this process leads, just now.
    - `vanished`: is told of a resource that the API server has no more.
    """

    calls: AwsCalls
    inventory: AwsInventory
    kube: KubeApi
    cluster: str
    instance: str
    lease: str | None
    may_act: Callable[[], bool]
    vanished: Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Core:
    """What works on resources, and what it tells by."""

    reconciler: Reconciler
    writer: StatusWriter
    event_recorder: EventRecorder


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
    lease: str | None,
    may_act: Callable[[], bool],
) -> Engine:
    """All parts, connected."""

    def check_lead() -> None:
        if not may_act():
            raise NotLeadingError

    gateway = Gateway(settings, metrics, check_lead)
    default = gateway.default_region
    store = Store(default or "", known_regions(default, settings.further_regions.split()))
    flow = partial(flow_of, store)
    queue = make_queue(settings, metrics, flow)
    feed = Feed(store, queue.add, partial(queue.add, delay=settings.tenant_count))
    inventory = Inventory(gateway, settings, time.monotonic, feed.record_changed, metrics)
    outside = Outside(
        calls=gateway,
        inventory=inventory,
        kube=kube,
        cluster=cluster,
        instance=instance,
        lease=lease,
        may_act=may_act,
        vanished=feed.vanished,
    )
    core = make_core(outside, store, queue, settings, metrics)
    feed.when_gone(core.reconciler.forget)
    gateway.when_trusted_again(inventory.look_again_with_credentials)
    gateway.when_trusted_again(core.reconciler.try_again_with_credentials)
    interval, lag = settings.resync_interval, settings.watch_lag
    return Engine(
        store=store,
        queue=queue,
        feed=feed,
        resync=Resync(
            kube,
            store,
            feed,
            namespaces,
            interval=interval,
            lag=lag,
            needs_all=settings.tenancy_required,
        ),
        gateway=gateway,
        inventory=inventory,
        core=core,
        workers=Workers(queue, core.reconciler.reconcile, metrics, settings.workers, flow),
    )


def make_queue(settings: Settings, metrics: Metrics, flow: Callable[[Key], Flow]) -> WorkQueue[Key]:
    """The queue of what to look at."""

    def waited(key: Key, seconds: float) -> None:
        metrics.observe_wait(key.namespace, "worker", seconds)

    return WorkQueue(
        clock=time.monotonic,
        random=_random,
        backoff=Backoff(settings.retry, settings.retry_max),
        flow_of=flow,
        share=settings.workers_per_namespace,
        waited=waited,
    )


def make_core(
    outside: Outside,
    store: Store,
    queue: WorkQueue[Key],
    settings: Settings,
    metrics: Metrics,
) -> Core:
    """The reconciler and the parts that only it uses."""
    budget = Budget(
        rate=settings.progress_rate, burst=settings.progress_burst, clock=time.monotonic
    )
    writer = StatusWriter(
        outside.kube,
        store,
        budget,
        revisit=queue.add,
        vanished=outside.vanished,
        count_held_back=metrics.held_back.labels("status").inc,
        lease=outside.lease,
    )
    event_recorder = _make_event_recorder(outside, budget, settings, metrics)
    facts = Facts(store, outside.inventory, outside.cluster)
    failures = Failures(backoffs_of(settings), _random, recovered_pause=settings.credentials_retry)
    gatherer = _make_gatherer(outside, store, facts, settings)
    executor = Executor(
        store,
        aws=outside.calls,
        inventory=outside.inventory,
        kube=outside.kube,
        failures=failures,
        now=now,
        may_act=outside.may_act,
        vanished=outside.vanished,
    )
    dependencies = Dependencies(store, facts)
    publisher = Publisher(
        store,
        facts,
        dependencies,
        writer=writer,
        event_recorder=event_recorder,
        enqueue=queue.add,
    )
    operations = Operations(metrics.observe_operation, now)
    reconciler = Reconciler(
        store,
        queue,
        gatherer,
        executor,
        publisher,
        dependencies,
        failures=failures,
        operations=operations,
        subscriptions=Subscriptions(outside.inventory),
        pace=Pace(settings.passes_per_turn, settings.look_again),
        now=now,
    )
    return Core(reconciler, writer, event_recorder)


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


def _make_event_recorder(
    outside: Outside, budget: Budget, settings: Settings, metrics: Metrics
) -> EventRecorder:
    guard = RepeatGuard(
        window_seconds=settings.event_repeat,
        capacity=settings.event_memory,
        clock=time.monotonic,
    )
    backoff = Backoff(settings.retry, settings.kubernetes_timeout)
    return EventRecorder(
        outside.kube,
        guard,
        budget,
        limits=EventLimits(settings.events_waiting, timedelta(seconds=settings.events_outdated)),
        instance=outside.instance,
        now=now,
        pause_after=lambda tries: backoff.delay(tries, _random),
        count_held_back=metrics.held_back.labels("event").inc,
    )


def now() -> datetime:
    """The present time."""
    return datetime.now(UTC)


def backoffs_of(settings: Settings) -> Mapping[FailureKind, Backoff]:
    """When failed calls are tried again.

    A volume's cool-down is planned with.
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
        FailureKind.INVALID: Backoff(settings.invalid_retry, settings.invalid_retry_max),
        FailureKind.CREDENTIALS: Backoff(
            settings.credentials_retry, settings.credentials_retry_max
        ),
    }
