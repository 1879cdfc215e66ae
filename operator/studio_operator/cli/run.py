"""`run`: the operator itself."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import logging
import os
import re
import socket
import sys
import uuid
from pathlib import Path
from typing import Any

from kubernetes.config import ConfigException, list_kube_config_contexts

from studio_operator.api.common import GROUP, NAMESPACE_NAME
from studio_operator.cli.logs import set_up_logs
from studio_operator.engine.app import App, Setup
from studio_operator.handlers import Watch
from studio_operator.kube.client import ApiError, KubeClient, load_configuration
from studio_operator.kube.lease import LeaseLostError
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


def add_run_command(commands: Any) -> None:
    """Add the command and its arguments."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "run",
        help="run the operator",
        description="Run the operator until SIGTERM or SIGINT. It finds the cluster as kubectl "
        f"does, and AWS as the AWS CLI does. Environment variables {PREFIX}* tune it.",
    )
    parser.add_argument(
        "--namespace",
        action="append",
        default=[],
        type=_namespace,
        metavar="NS",
        help="serve this namespace only; may be given several times (default: all namespaces)",
    )
    parser.add_argument(
        "--health-port",
        type=_port,
        metavar="N",
        help="port of /healthz, /readyz and /metrics; 0 takes a free one (default: 8080)",
    )
    parser.add_argument(
        "--leader-election",
        choices=("auto", "on", "off"),
        default="auto",
        help="let one of several instances act, by a Lease (auto: on in a cluster, else off)",
    )
    parser.add_argument("--log-format", choices=("text", "json"), default="text")
    parser.add_argument("--verbose", action="store_true", help="log what libraries do, too")
    parser.set_defaults(perform=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the operator; the exit code."""
    set_up_logs(arguments.log_format, verbose=arguments.verbose)
    try:
        settings = Settings.from_environment(os.environ)
        if arguments.health_port is not None:
            settings = dataclasses.replace(settings, health_port=arguments.health_port)
        identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
        with tracing(enabled=settings.tracing, instance=identity):
            asyncio.run(_run(arguments, settings, identity))
    except (SettingsError, SetupError, TracingError, PricesError) as error:
        print(f"studio-operator: {error}", file=sys.stderr)  # noqa: T201 - for the person there
        return WRONG_SETUP
    except LeaseLostError as error:
        log.critical("Not leading any more: %s. The process ends at once.", error)
        return FAILED
    except Exception:
        log.exception("The operator can't go on")
        return FAILED
    log.info("Stopped.")
    return 0


async def _run(arguments: argparse.Namespace, settings: Settings, identity: str) -> None:
    metrics = Metrics()
    kube = _connect(settings, metrics)
    setup = Setup(
        settings=settings,
        kube=kube,
        metrics=metrics,
        namespaces=tuple(dict.fromkeys(arguments.namespace)),
        lease_namespace=_lease_namespace(arguments.leader_election, settings),
        identity=identity,
    )
    app = App(
        setup,
        lambda news, on_relist: Watch(news, settings, setup.namespaces, on_relist=on_relist),
    )
    try:
        await app.run()
    except ApiError as error:
        raise SetupError(_explain(error, kube.server)) from error
    except OSError as error:
        raise SetupError(f"port {settings.health_port} can't be served: {error}") from error


def _connect(settings: Settings, metrics: Metrics) -> KubeClient:
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
        threads=settings.kubernetes_threads,
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


def _namespace(text: str) -> str:
    if not re.fullmatch(NAMESPACE_NAME, text):
        message = f"{text!r} is no name of a namespace"
        raise argparse.ArgumentTypeError(message)
    return text


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65_535:
        message = f"{text!r} is no port: give a number from 0 to 65535"
        raise argparse.ArgumentTypeError(message)
    return int(text)
