"""`run`: the operator itself."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import re
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
from kubernetes.config import ConfigException, list_kube_config_contexts

from studio_operator.api.common import GROUP, NAMESPACE_NAME
from studio_operator.cli.logs import set_up_logs
from studio_operator.engine.app import App, PortError, Setup
from studio_operator.engine.declared.resync import ReadableNowError
from studio_operator.handlers import Watch
from studio_operator.kube.client import KubeClient, load_configuration
from studio_operator.kube.lease import LeaseLostError
from studio_operator.kube.transport import ApiError
from studio_operator.metrics import Metrics
from studio_operator.plan.prices import PricesError
from studio_operator.settings import PREFIX, Settings, SettingsError
from studio_operator.tracing import TracingError, tracing

log = logging.getLogger(__name__)

FAILED = 1
WRONG_SETUP = 2

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class SetupError(Exception):
    """Something around the operator is missing; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says; a port is None where it says nothing of it."""

    namespaces: tuple[str, ...]
    health_port: int | None
    metrics_port: int | None
    leader_election: str
    log_format: Literal["text", "json"]
    verbose: bool


def _each_is_a_namespace(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> object:
    for name in names:
        if not re.fullmatch(NAMESPACE_NAME, name):
            raise click.BadParameter(f"{name!r} is no name of a namespace")
    return names


def _is_a_port(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) > 65_535:
        raise click.BadParameter(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)


@click.command(
    help="Run the operator until SIGTERM or SIGINT. It finds the cluster as kubectl does, and AWS "
    f"as the AWS CLI does. Environment variables {PREFIX}* tune it.",
    short_help="Run the operator.",
)
@click.option(
    "--namespace",
    "namespaces",
    multiple=True,
    callback=_each_is_a_namespace,
    metavar="NS",
    help="Serve this namespace only; may be given several times. Default: all namespaces.",
)
@click.option(
    "--health-port",
    callback=_is_a_port,
    metavar="N",
    help="Port of /healthz and /readyz; 0 takes a free one. Default: 8080.",
)
@click.option(
    "--metrics-port",
    callback=_is_a_port,
    metavar="N",
    help="Port of /metrics; 0 takes a free one. Default: 8081.",
)
@click.option(
    "--leader-election",
    type=click.Choice(["auto", "on", "off"]),
    default="auto",
    help="Let one of several instances act, by a Lease; auto: on in a cluster, else off.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text")
@click.option("--verbose", is_flag=True, help="Log what libraries do, too.")
@click.pass_context
def run(
    context: click.Context,
    *,
    namespaces: tuple[str, ...],
    health_port: int | None,
    metrics_port: int | None,
    leader_election: str,
    log_format: Literal["text", "json"],
    verbose: bool,
) -> None:
    """Run the operator."""
    options = Options(namespaces, health_port, metrics_port, leader_election, log_format, verbose)
    context.exit(run_operator(options))


def run_operator(options: Options) -> int:
    """Run the operator; the exit code."""
    set_up_logs(options.log_format, verbose=options.verbose)
    try:
        settings = Settings.from_environment(os.environ)
        ports = {"health_port": options.health_port, "metrics_port": options.metrics_port}
        given: dict[str, Any] = {name: port for name, port in ports.items() if port is not None}
        settings = dataclasses.replace(settings, **given)
        identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
        with tracing(enabled=settings.tracing, instance=identity):
            asyncio.run(_run(options, settings, identity))
    except (SettingsError, SetupError, PortError, TracingError, PricesError) as error:
        click.echo(f"studio-operator: {error}", err=True)
        return WRONG_SETUP
    except ReadableNowError as error:
        log.warning("%s.", error)
        return FAILED  # for whoever keeps it running to start it again
    except LeaseLostError as error:
        log.critical("Not leading any more: %s. The process ends at once.", error)
        return FAILED
    except Exception:
        log.exception("The operator can't go on")
        return FAILED
    log.info("Stopped.")
    return 0


async def _run(options: Options, settings: Settings, identity: str) -> None:
    metrics = Metrics(settings.wait_metrics_namespaces)
    kube = _connect(settings, metrics, settings.kubernetes_threads)
    setup = Setup(
        settings=settings,
        kube=kube,
        metrics=metrics,
        namespaces=tuple(dict.fromkeys(options.namespaces)),
        lease_namespace=_lease_namespace(options.leader_election, settings),
        lease_kube=_connect(settings, metrics, threads=1),
        identity=identity,
    )
    app = App(
        setup,
        lambda news, resync: Watch(
            news, settings, setup.namespaces, on_relist=resync.hurry, without=resync.unread
        ),
    )
    try:
        await app.run()
    except ApiError as error:
        raise SetupError(_explain(error, kube.server)) from error


def _connect(settings: Settings, metrics: Metrics, threads: int) -> KubeClient:
    def observe(verb: str, kind: str, status: int) -> None:
        metrics.kubernetes_requests.labels(verb, kind, str(status)).inc()

    try:
        configuration = load_configuration()
    except ConfigException as error:
        raise SetupError(
            f"no cluster is configured: {error} Set KUBECONFIG, or run in a cluster."
        ) from error
    return KubeClient(
        configuration,
        threads=threads,
        timeout_seconds=settings.kubernetes_timeout,
        page_size=settings.kubernetes_page_size,
        observe=observe,
    )


def _explain(error: ApiError, server: str) -> str:
    """What stands in the way at the start, and what to do."""
    if error.is_gone:
        return (
            f"the cluster at {server} lacks the CustomResourceDefinitions of {GROUP}: "
            "apply them with `kubectl apply --server-side -f crds/`."
        )
    if error.status in {401, 403}:
        return f"the cluster refuses: {error.message}. Grant the operator's roles to its account."
    return f"the cluster can't be used: {error}"


def _lease_namespace(mode: str, settings: Settings) -> str | None:
    """The lease's namespace, None to lead without one."""
    in_cluster = (SERVICE_ACCOUNT / "token").exists()
    if mode == "off" or (mode == "auto" and not in_cluster):
        return None
    if settings.lease_namespace:
        return settings.lease_namespace
    if in_cluster:
        return (SERVICE_ACCOUNT / "namespace").read_text().strip()
    _, active = list_kube_config_contexts()  # type: ignore[no-untyped-call]
    return str(active["context"].get("namespace") or "default")
