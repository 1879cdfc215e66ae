"""Tenants who mean to fill the operator's memory, or to keep it busy with answers to them."""

from __future__ import annotations

import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.costs import memory_mib
from benchmarks.tenants_memory import READERS
from sandbox.processes import ManagedProcess
from tests.e2e.team import Team

REQUESTED_AT = "reconcile.studio-operator.dev/requested-at"
LARGE = "x" * 200_000
# As the kubelet asks: the chart's probes wait for five seconds.
PROBE_SECONDS = 5.0
CONNECTIONS = 100
START_SECONDS = 5.0
# ... or so many times as long as without a crowd, on a machine that is busy with other tests. When
# each reader had a page of its own made, a start took 40 s instead of one.
START_FACTOR = 6.0


def test_large_annotations_and_a_long_request_are_not_held(team: Team) -> None:
    """Forty of 200 kB are 8 MB, and were held three times; the request was copied into status."""
    names = [f"crowd-{number}" for number in range(40)]
    for name in names:
        team.apply(team.profile(name))
    for name in names:
        team.wait_ready("UserProfile", name)
    before, _ = memory_mib(team.product.process.pid)
    for name in names:
        team.annotate("UserProfile", name, "example.com/note", LARGE)
    team.annotate("UserProfile", "alice", REQUESTED_AT, LARGE)
    handled = "lastHandledReconcileAt"
    alice = team.wait_for("UserProfile", "alice", lambda it: it.status.get(handled), "answered")
    assert len(alice.status[handled]) < 200
    assert alice.status[handled].startswith("xxx")
    after, _ = memory_mib(team.product.process.pid)
    assert after - before < 8


def test_invented_regions_are_refused_and_nothing_is_asked_of_them(team: Team) -> None:
    regions = [f"eu-{word}-1" for word in ("atlantis", "utopia", "arcadia", "erewhon")]
    for region in regions:
        team.apply(team.domain(region, aws={"region": region}))
    for region in regions:
        refused = team.wait_reason("StudioDomain", region, "InvalidSpec")
        assert region in refused.message
        assert "Set spec.aws.region to a region such as eu-central-1" in refused.message
        assert refused.has("Stalled")
    asked = urllib.request.urlopen(f"{team.product.operator.metrics_url}/metrics").read().decode()
    assert not [region for region in regions if f'region="{region}"' in asked]
    team.edit("StudioDomain", regions[0], aws={"region": team.region})
    team.wait_ready("StudioDomain", regions[0])
    for region in regions[1:]:
        team.delete("StudioDomain", region)
        team.wait_gone("StudioDomain", region)


def test_a_crowd_that_reads_metrics_slows_neither_health_nor_a_neighbour(
    team: Team, tmp_path: Path
) -> None:
    operator = team.product.operator
    port = operator.metrics_url.rpartition(":")[2]
    command = [sys.executable, "-c", READERS, "127.0.0.1", port, str(CONNECTIONS)]
    began = time.monotonic()
    team.run_space("alone")
    alone = time.monotonic() - began
    with ManagedProcess("readers", command, log=tmp_path / "readers.log"):
        time.sleep(1)
        began = time.monotonic()
        team.run_space("neighbour")
        assert time.monotonic() - began < max(START_SECONDS, START_FACTOR * alone)
        for path in ("healthz", "readyz"):
            with urllib.request.urlopen(
                f"{operator.health_url}/{path}", timeout=PROBE_SECONDS
            ) as answer:
                assert answer.status == 200
