"""The operator as a process among others: it hands over, stops, waits and tells how it goes."""

from __future__ import annotations

import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sandbox.processes import ManagedProcess, http_probe
from tests.e2e.product import Product
from tests.e2e.stories import RESIZE
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

STOPS_WITHIN_SECONDS = 30.0
LEASE = {
    "lease_duration": "5",
    "lease_renew_deadline": "4",
    "lease_renew_interval": "0.3",
    "lease_candidate_interval": "0.2",
}


@pytest.fixture
def pair(product: Product) -> Iterator[tuple[ManagedProcess, ManagedProcess]]:
    """Two operators instead of the shared one: the first leads."""
    with ExitStack() as operators:
        processes = [
            operators.enter_context(
                product.own_operator(f"operator-{name}", "--leader-election", "on", **LEASE)
            ).process
            for name in ("first", "second")
        ]
        yield processes[0], processes[1]


@pytest.mark.parametrize("position", ["before", "after"])
def test_a_second_operator_finishes_what_a_killed_one_began(
    team: Team, pair: tuple[ManagedProcess, ManagedProcess], position: str
) -> None:
    first, second = pair
    team.run_space()
    before = team.last_call()
    team.simulator.add_barrier("UpdateSpace", position)
    RESIZE.begin(team)
    team.simulator.wait_for_barrier()
    first.send_signal(signal.SIGKILL)
    assert first.wait(10) is not None
    team.simulator.release_barriers(drop=True)
    RESIZE.check(team, before)
    assert second.is_running


def test_a_stop_in_the_middle_is_in_good_order_and_nothing_is_lost(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    team.simulator.add_barrier("DeleteApp", "after")
    RESIZE.begin(team)
    team.simulator.wait_for_barrier()
    process = team.product.process
    process.send_signal(signal.SIGTERM)
    code = process.wait(STOPS_WITHIN_SECONDS)
    assert code == 0, team.product.operator_logs()
    team.simulator.release_barriers()
    team.product.ensure_operator()
    RESIZE.check(team, before)


def test_it_is_not_ready_before_it_has_seen_aws(team: Team) -> None:
    product = team.product
    product.stop_operator()
    product.simulator.add_barrier("ListSpaces")
    product.process.spawn()
    is_alive = http_probe(f"{product.operator.health_url}/healthz")
    is_ready = http_probe(f"{product.operator.health_url}/readyz")
    product.simulator.wait_for_barrier()
    wait_until(is_alive, "the operator is alive")
    assert not is_ready()
    product.simulator.release_barriers()
    wait_until(is_ready, "the operator is ready")


def test_it_goes_on_when_the_api_server_was_away(team: Team) -> None:
    team.run_space()
    before = team.last_call()
    (server,) = (one for one in team.product.stack.processes if one.name == "kube-apiserver")
    server.stop()
    server.start()
    RESIZE.begin(team)
    RESIZE.check(team, before)


def test_metrics_tell_what_was_done(team: Team) -> None:
    team.run_space()
    team.apply(team.space("stopped", state="Stopped"))
    team.wait_phase("stopped", "Stopped")
    with urllib.request.urlopen(f"{team.product.operator.metrics_url}/metrics") as answer:
        text = answer.read().decode()

    def value(series: str) -> float:
        found = re.search(rf"^studio_operator_{re.escape(series)} (\S+)$", text, re.MULTILINE)
        assert found, f"{series} is not in:\n{text}"
        return float(found[1])

    assert value('spaces{instance_type="ml.t3.medium",phase="InService"}') >= 1
    assert value('spaces{instance_type="ml.t3.medium",phase="Stopped"}') >= 1
    assert value('aws_calls_total{code="OK",operation="CreateSpace"}') >= 2
    assert value("queue_depth") >= 0
    assert value("leader") == 1
