"""Every interval, limit and number of tries, named, with its reason; each settable by environment.

A field is its name, its helper (`seconds`, `count`, `rate`, `fraction`, `text`, `name`, `switch`)
and its default. The variable is `STUDIO_OPERATOR_` and the field's name in capitals.
Unknown variables of that prefix are no error: Kubernetes itself sets some, such as
STUDIO_OPERATOR_SERVICE_HOST, where a Service is called studio-operator.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

PREFIX = "STUDIO_OPERATOR_"
# What tags in AWS may hold, without the slash, which parts the ownership tag; a tag's value has 256
# characters at most, of which the names and the uid in it take 165.
REGIONS = r"[a-z]{2}(-[a-z]+)+-[0-9]+( [a-z]{2}(-[a-z]+)+-[0-9]+)*"
# Places in S3 with stars, apart by spaces; empty for all.
PLACES = r"(s3://[a-z0-9*][A-Za-z0-9*_.=/-]*( s3://[a-z0-9*][A-Za-z0-9*_.=/-]*)*)?"
BUCKET_OWNERS = r"([a-z0-9][a-z0-9.-]+=[0-9]{12}( [a-z0-9][a-z0-9.-]+=[0-9]{12})*)?"
CLUSTER_ID = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"


class SettingsError(ValueError):
    """A variable holds something that its setting can't be."""


def _field(default: Any, parse: Callable[[str], Any], form: str) -> Any:
    return dataclasses.field(default=default, metadata={"parse": parse, "form": form})


def _number(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError(text)
        return value

    return parse


def seconds(default: float, *, least: float = 0.01, most: float = 86_400.0) -> Any:
    """A duration in seconds."""
    form = f"a number of seconds from {least:g} to {most:g}, such as {default:g}"
    return _field(default, _number(least, most), form)


def rate(default: float, *, least: float = 0.01, most: float = 10_000.0) -> Any:
    """Something per second."""
    form = f"a number per second from {least:g} to {most:g}, such as {default:g}"
    return _field(default, _number(least, most), form)


def fraction(default: float, *, most: float = 1.0) -> Any:
    """A share of 0.01 or more."""
    told = f"a number from 0.01 to {most:g}, such as {default:g}"
    return _field(default, _number(0.01, most), told)


def count(default: int, *, least: int = 1, most: int = 10_000) -> Any:
    """A whole number."""

    def parse(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return _field(default, parse, f"a whole number from {least} to {most}, such as {default}")


def switch(default: bool) -> Any:
    """Yes or no."""

    def parse(value: str) -> bool:
        return {"true": True, "false": False}[value.lower()]

    return _field(default, parse, "true or false")


def text(default: str, *, example: str) -> Any:
    """Any words; the empty string where it means "not set"."""
    return _field(default, str, f"text such as {example}")


def name(default: str, *, pattern: str, form: str) -> Any:
    """A word of a form; the empty string where it means "not set"."""

    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return _field(default, parse, form)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be tuned. The defaults suit an operator of up to a few thousand spaces."""

    # --- the cluster ---
    # The first part of the ownership tag in AWS. Empty: the uid of the kube-system namespace, and a
    # cluster that is built anew has another one. Give a cluster and the ones that are built in its
    # place one id, and what it had comes back by itself. No two clusters that run at once may have
    # the same id.
    cluster_id: str = name(
        "",
        pattern=CLUSTER_ID,
        form="1 to 63 letters, digits, dots, dashes and underscores, such as team-a-prod",
    )

    # --- the AWS client ---
    # boto3 blocks a thread for each call: at some 0.3 s a call, 16 threads make 50 calls a second,
    # more than the control plane of SageMaker is known to grant one account. One namespace holds no
    # more of them than are free, so half at most: a call that AWS does not answer takes up to a
    # minute, and whoever has many of them leaves threads to others. They start as they are needed.
    aws_threads: int = count(32, most=128)
    # Of these, as many stay free of changing calls, so that a crowd of them never delays listings.
    aws_threads_for_reads: int = count(4, most=64)
    # AWS answers a TCP connect within milliseconds; a longer wait hides a dead route.
    aws_connect_timeout: float = seconds(5)
    # CreateDomain checks subnets and roles before it answers, which takes several seconds.
    aws_read_timeout: float = seconds(30)
    # botocore's own tries, the first included: one more for a connection that broke while idle.
    # What fails twice goes back to the queue, which waits without holding a thread. CreateDomain
    # is always sent once: a second try might make a second domain.
    aws_attempts: int = count(2, most=5)
    # How long a stopping process waits for calls under way. The rest of the ten seconds that a
    # stop may take belongs to the last status writes.
    aws_close_timeout: float = seconds(3)

    # Regions that AWS has opened since this release, between spaces. An invented one would cost a
    # client of 1 MiB and requests without an answer, so only those that botocore knows are used.
    further_regions: str = name(
        "",
        pattern=REGIONS,
        form="codes of regions with spaces between, such as eu-north-2 sa-west-1",
    )

    # --- request rates, per region and class of calls; AWS publishes no figures for Studio ---
    # Each bucket starts at its ceiling: a first mass creation is fast where AWS allows it. Where
    # AWS refuses requests as too many, `aws.rate_finder` finds the rate within seconds.
    rate_ceiling_read: float = rate(50)
    rate_ceiling_write: float = rate(200)
    rate_ceiling_start: float = rate(200)
    # No throttling slows a bucket below this: something must always move.
    rate_floor: float = rate(0.5)
    # An idle bucket holds the tokens of so many seconds.
    rate_burst_seconds: float = seconds(0.5)

    # Stops and deletions end costs and free what others wait for. However many other calls wait,
    # they get this share of a bucket's tokens; what they leave, and what others leave, is used.
    # Not all of them: else nothing is ever started beside a crowd of stops.
    rate_share_of_stops: float = fraction(0.5, most=0.9)

    # --- looking at AWS ---
    # How late a change by a person in AWS may be seen while nothing moves. A minute costs 12 calls
    # with 500 spaces and 100 profiles in one domain.
    rest_interval: float = seconds(60, least=1)
    # While something moves it is looked at again after this share of the time it has been moving:
    # a wait is noticed at most a tenth late, and calls grow with its logarithm.
    moving_fraction: float = fraction(0.1)
    # The soonest second look: nothing in AWS moves faster.
    moving_interval_min: float = seconds(0.25)
    # The latest look at what moves for long: an app that takes ten minutes is noticed within 15 s.
    moving_interval_max: float = seconds(15)
    # Pages of listings a second while things move, over all domains of a region. Ten cost about
    # 3 % of one core, and a domain of 500 spaces and their apps is then seen once a second.
    fast_pages_per_second: float = rate(10)
    # How long a listing that contradicts a call of ours is taken for AWS's lag.
    expectation_grace: float = seconds(10)
    # First pause after a sweep that failed; it doubles up to rest_interval.
    sweep_retry: float = seconds(1)
    # A view older than this many rest intervals is called stale: three sweeps in a row are missing.
    stale_after_rests: int = count(3, most=100)
    # How often tags are read in bulk. Only people change the ownership tag behind our back.
    tag_interval: float = seconds(900)
    # AWS's tagging index follows a change within seconds, seldom minutes: so long our own is right.
    tag_lag: float = seconds(120)
    # How often to look for what goes on costing money after a stop, such as endpoints; it is looked
    # for before each stop too. A look takes four calls for each region, and more only where much is
    # found or many jobs were run in four weeks. 0: never, nor before a stop.
    lingering_interval: float = seconds(300, least=0)
    # Such a look asks for so many pages at most, and so for four a minute: with the twelve listings
    # of 500 spaces that stays below twenty.
    lingering_pages: int = count(20)
    # One look does for all stops that ask for it within this time.
    lingering_shared: float = seconds(10)
    # Before a stop, what was seen longer ago than this is looked for again.
    lingering_fresh: float = seconds(60)
    # Under stopPolicy Block the stops of one run wait so long at most, then the app is stopped all
    # the same: whoever may tag a job may name another's space there, and tags are all that AWS
    # tells of it. Within a day, people have been at work once and can have deleted what is theirs.
    lingering_wait_limit: float = seconds(24 * 3600, least=1, most=7 * 86_400)

    # The lifecycle configurations of a region are listed when something that is to be made, changed
    # or started names one that is not known yet, and while one that does not exist is waited for.
    # So often at most: one request for each hundred.
    lifecycle_configs_fresh: float = seconds(60)

    # Before an app is started with a script of back-ups, AWS is asked whether the script is still
    # the operator's own: others may have replaced it. Starts within this time share one request.
    backup_script_fresh: float = seconds(5)

    # While a resize or a deletion waits for a back-up, S3 is looked at so often for what became of
    # it: three requests. The script inside the space looks as often for a request.
    backup_look: float = seconds(30)
    # A back-up that is not made within this time counts as stalled; when it comes, it counts.
    backup_deadline: float = seconds(3600)
    # A back-up counts for so long; what has waited for longer, as for a person who stops the app
    # days later, is backed up anew.
    backup_valid: float = seconds(24 * 3600, least=3600)

    # Where back-ups of spaces may go; empty: wherever a spec says and the operator's role reaches.
    # Whoever may write a Space has the operator write its requests there. A pattern such as
    # s3://studio-backups/*/spaces has a star for any characters but slashes, and is for what is
    # below it, too. Names of buckets are anybody's: a star in one lets strangers' buckets in.
    backup_places: str = name(
        "",
        pattern=PLACES,
        form="places in S3 with spaces between, such as s3://studio-backups s3://team-b/*/spaces",
    )
    # Whose the buckets are that belong to another account than the domain: S3 refuses what is meant
    # for a bucket of anybody else, such as who made one of a name that was given up.
    backup_bucket_owners: str = name(
        "",
        pattern=BUCKET_OWNERS,
        form="buckets and accounts with spaces between, such as studio-backups=444455556666",
    )
    # Each place has a lifecycle configuration made, and none is deleted: so many places at most in
    # each region, for one namespace and for all, by what AWS has. AWS allows an account some
    # hundreds (Service Quotas), and people need theirs.
    backup_scripts_per_namespace: int = count(20)
    backup_scripts: int = count(200)

    # --- tenants ---
    # Whether nothing is made, changed or started in a namespace that no StudioTenant has.
    tenancy_required: bool = switch(False)
    # What a StudioTenant has is counted so long after something of it came or went: a crowd is
    # counted once, and its status is written once.
    tenant_count: float = seconds(5)

    # --- working on resources ---
    # Resources worked on at once. A worker mostly waits for AWS or Kubernetes, so there are more
    # of them than threads: while some wait for AWS, others write to Kubernetes.
    workers: int = count(128, most=512)
    # Of these, so many work for one namespace at most: while its calls wait for their turn at AWS,
    # workers are left for others. It is more than there are threads, so that a single namespace is
    # as fast as AWS allows.
    workers_per_namespace: int = count(32, most=512)
    # Steps taken on one resource before others get their turn.
    passes_per_turn: int = count(8, most=100)
    # Pauses after an error nobody expected, or one of the Kubernetes API: doubling, with jitter.
    retry: float = seconds(0.5)
    retry_max: float = seconds(300)
    # A look at AWS that told nothing new is not repeated sooner.
    look_again: float = seconds(5)

    # --- calls of AWS that failed, by what they ask for; pauses double, half of each is jitter ---
    # Throttling, network, server errors: mostly over in seconds.
    transient_retry: float = seconds(1)
    transient_retry_max: float = seconds(300)
    # Something else is under way, such as a volume that is not ready after an update; AWS's own
    # tools try again after some ten seconds.
    busy_retry: float = seconds(0.5)
    busy_retry_max: float = seconds(10)
    # AWS has no instance of that type just now: it comes back in minutes.
    capacity_retry: float = seconds(30)
    capacity_retry_max: float = seconds(600)
    # A quota or a permission is missing: a person has to act, which is noticed within the hour.
    person_retry: float = seconds(300)
    person_retry_max: float = seconds(3600)

    # AWS calls a request wrong. It is tried again when its spec changes or a resource that the spec
    # refers to; that an image, a role or a subnet is there by now, only AWS itself can tell.
    invalid_retry: float = seconds(900)
    invalid_retry_max: float = seconds(6 * 3600)

    # AWS does not take our credentials. Sweeps go on asking by themselves, and as soon as AWS
    # answers one call, what failed for it is tried again: at most this often, since a single kind
    # of call may go on failing. As often, the SDK looks for credentials afresh.
    credentials_retry: float = seconds(10)
    credentials_retry_max: float = seconds(300)

    # --- times that planners go by ---
    # An app that starts for longer than this counts as stalled; AWS's own tools give up after ten
    # minutes, and users report slower starts that succeeded.
    start_deadline: float = seconds(1800)
    # Pauses before an app that failed to start is started again: as long as it has been failing.
    start_retry: float = seconds(60)
    start_retry_max: float = seconds(3600)
    # AWS lets a volume grow once in six hours.
    storage_cooldown: float = seconds(21_600)
    # How long a creation without an answer may still show up in listings.
    create_settle: float = seconds(30)
    # Pause before a deletion that failed is asked for again.
    deletion_retry: float = seconds(60)
    # Pauses before settings of a domain or profile that AWS refused are tried again, where time may
    # help: each twice as long as the one before. With an hour it is some thirty calls a day.
    refused_retry: float = seconds(60)
    refused_retry_max: float = seconds(3600)

    # --- the Kubernetes API ---
    # A write takes some milliseconds: eight threads make several hundred a second.
    kubernetes_threads: int = count(8, most=64)
    kubernetes_timeout: float = seconds(15)
    # Resources in one page of a list. They are read one at a time, as the page comes in.
    kubernetes_page_size: int = count(500)
    # The same where a page is held as a whole, when a watch begins: a resource has 2 KB, and 1.5 MB
    # if somebody means it.
    watch_page_size: int = count(20)
    # How long the watch holds the last event of a resource, in case of a next one.
    watch_idle: float = seconds(0.1)
    # Steps on the way and their Events may be so many at once, and so many a second from then on;
    # the rest waits, so that a mass creation does not drown the API server. What a person or a tool
    # waits for (ready, stalled, a recorded intent) is always written at once.
    progress_burst: int = count(40)
    progress_rate: float = rate(10)
    # The same Event of the same resource is not posted again within this time.
    event_repeat: float = seconds(300)
    # Of so many Events it is known when they were posted; some 0.5 KB each.
    event_memory: int = count(2_000, most=100_000)
    # So many Events of a namespace may wait to be posted, of Warnings and of steps each; further
    # ones are left out. Some 2 KB each; the last status tells what matters.
    events_waiting: int = count(100)
    # An Event about a step is left out when its turn comes later than this: the step is over, and
    # people would take it for news. AWS takes some seconds for a step.
    events_outdated: float = seconds(5)
    # How often names and versions are listed, to find deletions that no watch told of and a watch
    # that tells nothing any more.
    resync_interval: float = seconds(300, least=1)
    # A watch that has not told of a change after this time is stale: events take milliseconds.
    watch_lag: float = seconds(30, least=1)
    # The API server sends something on each watch every minute: silence for longer is a dead
    # connection, which kopf then renews.
    watch_inactivity: float = seconds(70, least=1)

    # --- leadership ---
    # The times of client-go: a leader that died is followed after 15 s. It stops acting after ten,
    # so that for five seconds nobody acts rather than two at once.
    lease_duration: float = seconds(15, least=1)
    lease_renew_deadline: float = seconds(10, least=0.5)
    lease_renew_interval: float = seconds(2, least=0.1)
    # A candidate looks this often, and so follows a leader that stopped in good order.
    lease_candidate_interval: float = seconds(1, least=0.1)
    # The lease is renewed by a thread of its own, also while the event loop is busy. A loop that
    # has not turned for so long works for nobody: the lease is let go, and another takes over.
    lease_hang: float = seconds(30, least=1)
    lease_name: str = text("studio-operator", example="studio-operator")
    # Empty: the pod's own namespace, or the kubeconfig's.
    lease_namespace: str = text("", example="studio-operator-system")

    # --- costs ---
    # A table of prices in the form of the package's own, whose figures it replaces one by one: AWS
    # changes prices, and grants discounts, more often than a release is made. Read at the start.
    prices_file: str = text("", example="/etc/studio-operator/prices.yaml")
    # The key of the tag that names a team, for the label `team` of the metrics about costs: that of
    # the space, else of its owner's profile, else of the domain.
    team_tag: str = text("team", example="cost-center")
    # Whether these metrics name the owners. Those are people, whose working hours may be nobody
    # else's business. Without, the label `owner` reads "all": there are as many series as teams.
    owner_metrics: bool = switch(True)

    # --- fairness between namespaces ---
    # So many namespaces have series of their own of the time that they waited: those that waited
    # longest of late. The others share the series "(others)", so that nobody fills Prometheus by
    # making namespaces.
    wait_metrics_namespaces: int = count(100, least=0)

    # --- health and stopping ---
    health_port: int = count(8080, least=0, most=65_535)
    # Metrics have a port of their own: who may read them need not reach the health checks.
    metrics_port: int = count(8081, least=0, most=65_535)
    # The page of metrics is made anew at most so often, whoever asks. Prometheus asks every 15 to
    # 60 s.
    metrics_cache: float = seconds(5)
    # Connections to each of the two ports: so many at once, so many begun in a second, and so long
    # for one. The kubelet and some instances of Prometheus need a fraction of it.
    http_connections: int = count(16, most=1000)
    http_rate: float = rate(50)
    http_timeout: float = seconds(10)
    # AWS not seen for this long is unhealthy: far beyond what throttling explains.
    inventory_stale: float = seconds(900)
    # An event loop that answers later than this hangs.
    loop_lag: float = seconds(10)
    # How long work under way may go on after SIGTERM. With the close of the AWS client and the
    # last writes it stays below the ten seconds that a stop may take.
    drain_timeout: float = seconds(4)

    # --- traces ---
    # Traces of operations by OpenTelemetry, sent by OTLP over HTTP. Where to, and how many, is said
    # by its own variables OTEL_*. Off, they cost nothing; on, the extra `tracing` is needed.
    tracing: bool = switch(False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The settings with what the environment says; SettingsError names the bad variable."""
        given = {
            field.name: _read(field, environment[PREFIX + field.name.upper()])
            for field in dataclasses.fields(cls)
            if environment.get(PREFIX + field.name.upper())
        }
        settings = cls(**given)
        if settings.aws_threads_for_reads >= settings.aws_threads:
            raise SettingsError(
                f"{PREFIX}AWS_THREADS_FOR_READS is {settings.aws_threads_for_reads}: must be below "
                f"{PREFIX}AWS_THREADS, which is {settings.aws_threads}"
            )
        if settings.lease_renew_deadline >= settings.lease_duration:
            raise SettingsError(
                f"{PREFIX}LEASE_RENEW_DEADLINE is {settings.lease_renew_deadline:g}: must be below "
                f"{PREFIX}LEASE_DURATION, which is {settings.lease_duration:g}"
            )
        return settings


def _read(field: dataclasses.Field[Any], value: str) -> Any:
    try:
        return field.metadata["parse"](value)
    except (ValueError, KeyError):
        name = PREFIX + field.name.upper()
        raise SettingsError(f"{name} is {value!r}: must be {field.metadata['form']}") from None
