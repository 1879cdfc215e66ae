"""Prepare a cluster, build and load the images, and run the tests: `python -m tests.kind`."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TypeVar

from sandbox.building import BuildError
from sandbox.toolchain import ToolchainError
from tests.kind.clusters import Cluster, Wanted, wanted_cluster
from tests.kind.images import Builder, Images, load_images
from tests.kind.programs import Programs, SuiteError, find_programs
from tests.kind.suite import Suite

T = TypeVar("T")

HERE = Path(__file__).resolve().parent
CANNOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite; pytest's exit code, or 2 when it could not be prepared."""
    chosen = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return run_suite(chosen)
    except (SuiteError, BuildError, ToolchainError) as error:
        sys.stderr.write(f"The suite on kind can't run:\n{error}\n")
        return CANNOT_RUN
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; each option can be given by a variable too."""
    variables = os.environ
    made = argparse.ArgumentParser(
        prog="python -m tests.kind",
        description="Runs image, chart and operator on a real cluster, by default on a new kind "
        "cluster that is deleted at the end. An exported KUBECONFIG is not used: this installs "
        "and deletes things.",
    )
    made.add_argument(
        "--cluster",
        default=variables.get("KIND_CLUSTER"),
        help="a kind cluster that is there, and stays (KIND_CLUSTER)",
    )
    made.add_argument(
        "--create-options",
        default=variables.get("KIND_CREATE_OPTIONS", ""),
        help='for kind create cluster, such as "--image kindest/node:v1.33.4" '
        "(KIND_CREATE_OPTIONS)",
    )
    made.add_argument("--kubeconfig", type=Path, help="of a cluster that is there, and stays")
    made.add_argument(
        "--load",
        default=variables.get("KIND_LOAD"),
        help="the command that gives the cluster images, instead of kind's (KIND_LOAD)",
    )
    made.add_argument(
        "--base-image",
        default=variables.get("BASE_IMAGE"),
        help="what the images are built on, instead of python:3.11-slim (BASE_IMAGE)",
    )
    made.add_argument(
        "--build-options",
        default=variables.get("BUILD_OPTIONS", ""),
        help='for docker build, such as "--network host" (BUILD_OPTIONS)',
    )
    made.add_argument("pytest", nargs="*", help="options for pytest, after --")
    return made


def run_suite(chosen: argparse.Namespace) -> int:
    """Prepare everything, run pytest, and take down what was made; pytest's exit code."""
    wanted = Wanted(
        name=chosen.cluster or None,
        kubeconfig=chosen.kubeconfig,
        load=chosen.load or None,
        create_options=shlex.split(chosen.create_options),
    )
    with_kind = wanted.kubeconfig is None or wanted.load is None
    programs = step("programs", lambda: find_programs(with_kind=with_kind))
    builder = Builder(programs, chosen.base_image, shlex.split(chosen.build_options))
    builder.forget_former()
    images = Images(
        operator=step("image of the operator", builder.operator),
        simulator=step("image of the simulator", builder.simulator),
    )
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="studio-kind-")))
        entering = wanted_cluster(wanted, programs, folder)
        cluster = step("cluster", lambda: cleanup.enter_context(entering))
        step("images in the cluster", lambda: load_images(cluster.load, images))
        return run_pytest(suite_of(programs, images, cluster, folder), chosen.pytest)


def suite_of(programs: Programs, images: Images, cluster: Cluster, folder: Path) -> Suite:
    """Return what the tests are told."""
    return Suite(
        kubeconfig=str(cluster.kubeconfig.absolute()),
        kubectl=str(programs.kubectl),
        helm=str(programs.helm),
        docker=str(programs.docker),
        operator_image=images.operator.name,
        simulator_image=images.simulator.name,
        disposable=cluster.disposable,
        folder_name=str(folder),
    )


def run_pytest(suite: Suite, options: Sequence[str]) -> int:
    """Run the tests in a process of their own; its exit code."""
    command = [sys.executable, "-m", "pytest", str(HERE), *options]
    with subprocess.Popen(command, env=suite.environment(), cwd=HERE.parents[1]) as tests:
        try:
            return tests.wait()
        except KeyboardInterrupt:  # Ctrl-C in a terminal has reached pytest too
            tests.wait()
            raise
        except SystemExit:
            tests.send_signal(signal.SIGINT)
            tests.wait()
            raise


def step(title: str, act: Callable[[], T]) -> T:
    """Do something that takes a while, and tell how long it took."""
    began = time.monotonic()
    outcome = act()
    shown = f": {outcome}" if hasattr(outcome, "bytes") else ""
    sys.stdout.write(f"{time.monotonic() - began:5.0f} s  {title}{shown}\n")
    sys.stdout.flush()
    return outcome


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
