"""500 private spaces with an app each: created, left at rest, and twenty of them resized.

    python -m benchmarks.spaces [--spaces 500] [--plain] [--json]

All is real but AWS, which is the simulator at 0.3 s for a space and 0.8 s for an app. Each space
has a schedule, a limit of its run, an idle time, tags, and a policy for drift, and what lingers is
looked for once a minute, five times as often as usual; `--plain` leaves all that out. It measures
and compares; it ends with 1 only when something did not come to where it should be.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

from rich.console import Console
from studio_simulator.client import SimulatorClient

from benchmarks.costs import Costs, Meter, memory_mib
from benchmarks.crowd import Crowd, NotConvergedError, is_ready
from benchmarks.figures import Figure, as_json, print_table
from sandbox.processes import ManagedProcess
from sandbox.stack import Stack

NAMESPACE = "benchmark"
OPERATOR_USER = "studio-operator"
REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/studio"
MOST_PROFILES = 100
SMALL, LARGE = "ml.t3.medium", "ml.m5.large"
CONVERGED_WITHIN_SECONDS = 300.0
# At rest: no call for so long, then what happens in a minute.
QUIET_SECONDS = 5.0
REST_SECONDS = 60.0
# Calls in that minute: the listings of 500 spaces are 12, and a look at what lingers at least 4.
CALLS_AT_REST, PLAIN_CALLS_AT_REST = 20, 12

Raw = dict[str, Any]


class Benchmark:
    """One run on one stack."""

    def __init__(
        self, stack: Stack, audit_log: Path, console: Console, *, plain: bool = False
    ) -> None:
        self._console = console
        self._plain = plain
        self.simulator = SimulatorClient(stack.start_simulator().endpoint)
        self.durations = self.simulator.set_durations(profile="fast")
        kubeconfig = stack.access.user_kubeconfig(OPERATOR_USER, ["system:masters"])
        looks = {"STUDIO_OPERATOR_LINGERING_INTERVAL": "0" if plain else f"{REST_SECONDS}"}
        operator = stack.start_operator(kubeconfig=kubeconfig, settings=looks)
        self.operator: ManagedProcess = operator.process
        stack.access.create_namespace(NAMESPACE)
        client = stack.access.api_client()
        self._domains = Crowd(client, NAMESPACE, "studiodomains")
        self._profiles = Crowd(client, NAMESPACE, "userprofiles")
        self._spaces = Crowd(client, NAMESPACE, "spaces")
        self.meter = Meter(stack.processes, self.simulator, audit_log, OPERATOR_USER)

    def prepare(self, profiles: int) -> None:
        """Have a domain and its people ready."""
        self._tell(f"one domain and {profiles} user profiles")
        names = [f"user-{number:03}" for number in range(profiles)]
        with self._domains.watched() as domains, self._profiles.watched() as people:
            for sightings in (domains, people):
                sightings.expect(is_ready)
            self._domains.create([domain_manifest()])
            self._profiles.create([profile_manifest(name) for name in names])
            domains.wait(["research"], CONVERGED_WITHIN_SECONDS)
            people.wait(names, CONVERGED_WITHIN_SECONDS)

    def create(self, spaces: int, profiles: int) -> list[Figure]:
        """Create all spaces at once, and see until all run and status says so."""
        self._tell(f"{spaces} spaces at once")
        names = [f"space-{number:04}" for number in range(spaces)]
        further = {} if self._plain else _everything_else()
        manifests = [
            space_manifest(name, f"user-{n % profiles:03}", further) for n, name in enumerate(names)
        ]
        self._be_quiet()
        before = self.meter.read()
        with self._spaces.watched() as sightings:
            sightings.expect(is_ready)
            start, start_in_aws = time.monotonic(), self.simulator.now()
            self._spaces.create(manifests)
            applied = time.monotonic() - start
            ready = sightings.wait(names, CONVERGED_WITHIN_SECONDS)
        told = max(ready.values()) - start
        spent = self.meter.read().since(before)
        running = self._last_in_service(spaces) - start_in_aws
        return [
            Figure("all applied after", applied, "s"),
            Figure("all InService in AWS after", running, "s", at_most=10.0),
            Figure("status says so after", told, "s"),
            Figure("the same, as a multiple", told / running, "times", at_most=1.2),
            Figure("AWS calls", spent.calls.total(), at_most=2.5 * spaces),
            *_detail(spent.calls, "calls"),
            Figure("Kubernetes writes per space", spent.writes.total() / spaces, at_most=3.5),
            *_detail(spent.writes, "writes"),
            *_processor_time(spent),
        ]

    def rest(self) -> list[Figure]:
        """A minute in which nothing is to be done."""
        self._tell(f"at rest for {REST_SECONDS:.0f} s")
        self._be_quiet()
        before = self.meter.read()
        time.sleep(REST_SECONDS)
        spent = self.meter.read().since(before)
        now, peak = memory_mib(self.operator.pid)
        return [
            Figure(
                "AWS calls in a minute at rest",
                spent.calls.total(),
                at_most=PLAIN_CALLS_AT_REST if self._plain else CALLS_AT_REST,
            ),
            *_detail(spent.calls, "calls"),
            Figure("Kubernetes writes in a minute at rest", spent.writes.total(), at_most=0),
            *_processor_time(spent),
            Figure("the operator's memory", now, "MiB", at_most=150),
            Figure("at its peak", peak, "MiB"),
        ]

    def resize(self, spaces: int) -> list[Figure]:
        """Give some running spaces a larger instance at once."""
        self._tell(f"{spaces} spaces resized at once")
        names = [f"space-{number:04}" for number in range(spaces)]
        self._be_quiet()
        before = self.meter.read()
        with self._spaces.watched() as sightings:
            sightings.expect(_runs_on_large)
            sent = self._spaces.edit(names, {"instanceType": LARGE})
            done = sightings.wait(names, CONVERGED_WITHIN_SECONDS)
        spent = self.meter.read().since(before)
        taken = sorted(done[name] - sent[name] for name in names)
        own = sum(self.durations[step] for step in RESIZE_STEPS)
        return [
            Figure("resize, median", median(taken), "s"),
            Figure("of which AWS's own transitions", own, "s"),
            Figure("above AWS's own at the median", median(taken) - own, "s", at_most=2.0),
            Figure("above AWS's own at most", taken[-1] - own, "s"),
            Figure("AWS calls", spent.calls.total()),
            *_detail(spent.calls, "calls"),
            Figure("Kubernetes writes per space", spent.writes.total() / spaces),
            *_detail(spent.writes, "writes"),
            *_processor_time(spent),
        ]

    def _last_in_service(self, spaces: int) -> float:
        since = [app["inServiceSince"] for app in self.simulator.state()["apps"]]
        if len(since) != spaces or None in since:
            raise NotConvergedError(f"status says Ready, but AWS shows {len(since)} apps: {since}")
        return float(max(since))

    def _be_quiet(self) -> None:
        """Wait until the operator has stopped calling AWS."""
        deadline = time.monotonic() + CONVERGED_WITHIN_SECONDS
        while True:
            before = self.simulator.count()
            time.sleep(QUIET_SECONDS)
            if self.simulator.count() == before:
                return
            if time.monotonic() > deadline:
                raise NotConvergedError("the operator does not stop calling AWS")

    def _tell(self, what: str) -> None:
        self._console.print(f"… {what}", style="dim")


# The simulator's names of what a resize without the operator would take.
RESIZE_STEPS = ("appStop", "spaceUpdate", "storageReadyAfterUpdate", "appStart")


def _manifest(kind: str, name: str, spec: Raw) -> Raw:
    version = "studio-operator.dev/v1alpha1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def domain_manifest() -> Raw:
    """The StudioDomain `research`."""
    spec = {
        "aws": {"region": REGION},
        "vpcId": "vpc-0a1b2c3d4e5f60718",
        "subnetIds": ["subnet-0a1b2c3d4e5f60718"],
        "defaultUserSettings": {"executionRole": ROLE},
    }
    return _manifest("StudioDomain", "research", spec)


def profile_manifest(name: str) -> Raw:
    """A person in it."""
    return _manifest("UserProfile", name, {"domainRef": {"name": "research"}})


def space_manifest(name: str, owner: str, further: Raw) -> Raw:
    """A space of that person that runs, with further members of its spec."""
    spec = {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": owner},
        "app": "JupyterLab",
        "state": "Running",
        "instanceType": SMALL,
        "storage": {"sizeGiB": 20},
        **further,
    }
    return _manifest("Space", name, spec)


def _everything_else() -> Raw:
    """What a space may have besides; its window is open all the while."""
    now = datetime.now(UTC)
    begins, ends = now - timedelta(hours=6), now + timedelta(hours=6)
    window = {"days": "Mon-Sun", "from": f"{begins:%H:%M}", "to": f"{ends:%H:%M}"}
    return {
        "schedule": {"timezone": "UTC", "windows": [window]},
        "maxRunTime": "12h",
        "idleShutdown": {"after": "2h"},
        "tags": {"team": "benchmark"},
        "drift": {"default": "Report"},
    }


def _runs_on_large(space: Raw) -> bool:
    return is_ready(space) and space["status"].get("instanceType") == LARGE


def _detail(counted: Counter[str], unit: str) -> list[Figure]:
    return [Figure(f"  {name}", times, unit) for name, times in counted.most_common()]


def _processor_time(spent: Costs) -> list[Figure]:
    return [Figure(f"processor time of {name}", value, "s") for name, value in spent.cpu.items()]


def run(options: argparse.Namespace, console: Console) -> dict[str, list[Figure]]:
    """Measure; the figures by chapter. Raises NotConvergedError."""
    profiles = min(MOST_PROFILES, options.spaces)
    with tempfile.TemporaryDirectory(prefix="studio-benchmark-") as folder:
        audit_log = Path(folder) / "audit.log"
        with Stack(Path(folder), audit_log=audit_log) as stack:
            benchmark = Benchmark(stack, audit_log, console, plain=options.plain)
            try:
                benchmark.prepare(profiles)
                return {
                    f"{options.spaces} spaces created": benchmark.create(options.spaces, profiles),
                    f"{options.spaces} spaces at rest": benchmark.rest(),
                    f"{options.resized} running spaces resized": benchmark.resize(options.resized),
                }
            except NotConvergedError:
                console.print(benchmark.operator.log_tail(), markup=False, highlight=False)
                raise
            finally:
                benchmark.simulator.close()


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when something did not converge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spaces", description=__doc__)
    parser.add_argument("--spaces", type=int, default=500)
    parser.add_argument("--resized", type=int, default=20, help="how many of them are resized")
    parser.add_argument("--plain", action="store_true", help="spaces with nothing optional")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    options = parser.parse_args(argv)
    progress = Console(stderr=True)
    signal.signal(signal.SIGTERM, _stop)  # so that its folder and its processes go with it
    try:
        chapters = run(options, progress)
    except NotConvergedError as error:
        progress.print(str(error), style="red", markup=False)
        return 1
    if options.json:
        data = {title: as_json(figures) for title, figures in chapters.items()}
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
    else:
        for title, figures in chapters.items():
            print_table(title, figures, Console())
    return 0


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    raise SystemExit(main())
