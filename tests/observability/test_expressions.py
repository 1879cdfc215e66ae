"""The dashboard and the alerts ask for what a real operator tells a real Prometheus."""

from __future__ import annotations

import signal
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from sandbox.prometheus import Programs
from sandbox.stack import Operator
from tests.docs.pages import ROOT
from tests.e2e.product import REGION, Product
from tests.e2e.team import ACCOUNT, Team
from tests.e2e.waiting import wait_until
from tests.e2e.windows import closed_now
from tests.observability.expressions import (
    ALERTS,
    Expression,
    alerts,
    all_expressions,
    dashboard,
    panel_expressions,
)
from tests.observability.scraping import Prometheus
from tests.observability.watched import WatchedProduct

EXPRESSIONS = all_expressions()
# A price for the volume and for one of the two instance types.
PRICES = f"""
regions:
  {REGION}: {{instanceHour: {{ml.t3.medium: "0.058"}}, volumeGiBMonth: "0.119"}}
"""
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/churn"


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of prices."""
    file = tmp_path_factory.mktemp("prices") / "prices.yaml"
    file.write_text(PRICES, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def operators(watched: WatchedProduct, prices: Path) -> Iterator[list[Operator]]:
    """One that leads and one that stands by, which soon give the Kubernetes API up."""
    watched.operator.process.stop()
    started = [
        watched.start(
            name,
            *("--leader-election", "on"),
            STUDIO_OPERATOR_KUBERNETES_TIMEOUT="2",
            STUDIO_OPERATOR_LINGERING_INTERVAL="1",
            STUDIO_OPERATOR_METRICS_CACHE="0.2",
            STUDIO_OPERATOR_PRICES_FILE=str(prices),
        )
        for name in ("operator-a", "operator-b")
    ]
    yield started
    for operator in started:
        operator.process.stop()
    watched.operator.process.start()


@pytest.fixture(scope="module")
def prometheus(
    watched: WatchedProduct,
    operators: list[Operator],
    programs: Programs,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Prometheus]:
    """One that has scraped a working team, and each fault that an expression asks for."""
    targets = {operator.process.name: operator.metrics_url for operator in operators}
    folder = tmp_path_factory.mktemp("prometheus")
    namespace = f"team-{uuid.uuid4().hex[:8]}"
    watched.product.stack.access.create_namespace(namespace)
    team = Team(watched.product, namespace)
    with Prometheus(programs, folder, targets, [ALERTS]) as running:
        team.settle_in()
        live(team)
        work_late(team)
        stall(team)
        be_throttled(team, running)
        lose_kubernetes(watched.product, team, operators[0], running)
        yield running
    watched.product.forget_mischief()
    watched.product.simulator.remove_foreign_resources()
    team.clear()


def live(team: Team) -> None:
    """A space that is resized, one that is to be, one that comes and goes; an endpoint stays."""
    space = team.run_space()
    team.simulator.add_foreign_resource(ENDPOINT, {"sagemaker:space-arn": space.status["arn"]})
    team.run_space("later", resizePolicy="WhenStopped")
    team.edit("Space", "later", instanceType="ml.m5.large")
    team.wait_for("Space", "later", lambda it: it.has("PendingRestart"), "waits for a restart")
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    team.run_space("short", deletionPolicy="Delete")
    team.remove("Space", "short")


def work_late(team: Team) -> None:
    """A space of team fraud that its owner starts when the schedule is closed."""
    team.apply(team.space("late", schedule=closed_now(), tags={"team": "fraud"}))
    team.wait_phase("late", "Stopped")
    team.simulator.start_app(team.domain_id, "late")
    team.wait_phase("late", "InService")


def stall(team: Team) -> None:
    """A space that AWS does not let us make, and one of which another resource has the name."""
    team.simulator.add_fault("CreateSpace", code="AccessDeniedException")
    team.apply(team.space("forbidden"))
    team.wait_reason("Space", "forbidden", "AccessDenied")
    team.simulator.remove_faults()
    team.apply(team.space("second", spaceName="churn"))
    team.wait_reason("Space", "second", "OwnershipConflict")


def be_throttled(team: Team, prometheus: Prometheus) -> None:
    """AWS grants one change a second while many are asked for, until that is seen."""
    team.simulator.set_throttling(mutating={"rate": 1, "burst": 1})
    crowd = [f"crowd-{number}" for number in range(30)]
    for name in crowd:
        team.apply(team.space(name, state="Stopped", deletionPolicy="Delete"))
    for metric in ("aws_throttles_total", "aws_rate_wait_seconds_total", "turn_wait_seconds_total"):
        name = f"studio_operator_{metric}"
        wait_until(lambda name=name: prometheus.series(name), f"{name} is scraped")  # type: ignore[misc]
    team.product.forget_mischief()
    for name in crowd:
        team.delete("Space", name)
    # The operator is careful with a limit that it has found, so it does not notice at once that it
    # is gone: two changes for each of them, at little more than one a second.
    for name in crowd:
        team.wait_gone("Space", name, seconds=90)


def lose_kubernetes(
    product: Product, team: Team, operator: Operator, prometheus: Prometheus
) -> None:
    """The API server hangs while there is something to be written."""
    (server,) = [one for one in product.stack.processes if one.name == "kube-apiserver"]
    domain_id = team.domain_id
    server.send_signal(signal.SIGSTOP)
    try:
        team.simulator.stop_app(domain_id, "churn")
        wait_until(
            lambda: 'outcome="refused"' in metrics_of(operator), "a write is given up", seconds=30
        )
        # An operator that lost its lease ends, and its figures with it.
        wait_until(
            lambda: prometheus.series('studio_operator_reconciles_total{outcome="refused"}'),
            "that is scraped",
        )
    finally:
        server.send_signal(signal.SIGCONT)
    team.wait_phase("churn", "Stopped")
    left = "studio_operator_lingering_resources"
    wait_until(lambda: prometheus.series(left), f"{left} is scraped", seconds=30)
    # It is counted anew by the one that leads now.
    late = "rate(studio_operator_outside_schedule_seconds_total[10s]) > 0"
    wait_until(lambda: prometheus.query(late), "what runs outside its schedule is counted")


def metrics_of(operator: Operator) -> str:
    with urllib.request.urlopen(f"{operator.metrics_url}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_what_is_asked_for_is_there(prometheus: Prometheus) -> None:
    lacking = {one.place: lack for one in EXPRESSIONS if (lack := lacks(one, prometheus))}
    assert lacking == {}


def lacks(expression: Expression, prometheus: Prometheus) -> set[str]:
    """The selectors that match nothing, and the labels that nothing has."""
    prometheus.query(expression.text)  # an error tells what can't be evaluated
    assert expression.selectors, expression.text
    found = {selector: prometheus.series(selector) for selector in expression.selectors}
    labels = {label for series in found.values() for one in series for label in one}
    return {selector for selector, series in found.items() if not series} | (
        expression.labels - labels
    )


def test_panels_show_something(prometheus: Prometheus) -> None:
    empty = [one.place for one in panel_expressions() if not prometheus.query(one.text)]
    assert empty == []


def test_the_alerts_are_evaluated_and_their_words_complete(prometheus: Prometheus) -> None:
    rules = wait_until(prometheus.rules, "rules are loaded")
    wait_until(
        lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), "rules are evaluated"
    )
    pending = [
        (rule["name"], alert["annotations"])
        for rule in prometheus.rules()
        for alert in rule["alerts"]
    ]
    assert {rule["name"] for rule in rules} == {alert["alert"] for alert in alerts()}
    stalled = [told["description"] for name, told in pending if name == "StudioResourcesStalled"]
    assert any("reason AccessDenied" in description for description in stalled)
    said = " ".join(words for _, annotations in pending for words in annotations.values())
    assert "error" not in said
    assert "<no value>" not in said


def test_resources_are_told_by_the_leader_alone(prometheus: Prometheus) -> None:
    (leading,) = prometheus.query("sum(studio_operator_leader)")
    assert leading["value"][1] == "1"
    assert len(prometheus.query("studio_operator_leader")) == 2
    tellers = prometheus.query("count by (pod) (studio_operator_spaces)")
    assert len(tellers) == 1


def test_costs_are_told_by_owner_and_team(prometheus: Prometheus) -> None:
    def told(metric: str) -> dict[str, float]:
        by_team = prometheus.query(f"sum by (owner, domain, team) (studio_operator_{metric})")
        assert {(one["metric"]["owner"], one["metric"]["domain"]) for one in by_team} == {
            ("alice", "research")
        }
        return {one["metric"]["team"]: float(one["value"][1]) for one in by_team}

    # Two spaces without a tag, one of which is stopped; 20 GiB each.
    assert told("cost_per_hour") == pytest.approx({"none": 0.058, "fraud": 0.058})
    assert told("volume_cost_per_month") == pytest.approx({"none": 4.76, "fraud": 2.38})
    assert told("outside_schedule_seconds_total")["fraud"] > 0


def test_what_has_no_price_was_counted_apart(prometheus: Prometheus) -> None:
    parts = [one["part"] for one in prometheus.series("studio_operator_spaces_without_price")]
    assert set(parts) == {"instance"}


def test_names_and_help_are_as_prometheus_wants_them(
    operators: list[Operator], prometheus: Prometheus, programs: Programs
) -> None:
    done = subprocess.run(
        [programs.promtool, "check", "metrics"],
        # The one that led may have ended: it was without Kubernetes for a while.
        input=metrics_of(next(one for one in operators if one.process.is_running)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_label_of_ours_names_a_space(prometheus: Prometheus) -> None:
    labels = {
        label
        for series in prometheus.series('{__name__=~"studio_operator_.+"}')
        for label in series
    }
    of_the_scrape = {"__name__", "instance", "job", "namespace", "pod"}
    assert labels - of_the_scrape == {
        *("call_class", "code", "condition", "domain_id", "extent", "instance_type", "kind", "le"),
        *("operation", "outcome", "phase", "reason", "region", "status", "type", "verb"),
        *("resource_namespace", "turn", "version", "what"),
        *("currency", "domain", "owner", "part", "space_namespace", "team"),
    }


# --- the dashboard's form -----------------------------------------------------------------------


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dashboard()["panels"]
    return found


def test_every_panel_says_what_it_shows_and_asks_the_chosen_source() -> None:
    for panel in panels():
        if panel["type"] == "row":
            continue
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"].get("unit") or panel["type"] == "table"
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for one, other in combinations([panel["gridPos"] for panel in panels()], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above
    assert max(panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in panels()) == 24


def test_rates_follow_the_scrape_interval() -> None:
    texts = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    rated = [text for text in texts if "rate(" in text]
    assert rated
    assert [text for text in rated if "[$__rate_interval]" not in text] == []


def test_the_namespace_can_be_chosen_in_every_panel() -> None:
    texts = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    assert [text for text in texts if '{namespace=~"$namespace"' not in text] == []


def test_every_metric_of_the_operator_is_on_the_dashboard() -> None:
    listed = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    names = {line.split("`")[1] for line in listed.splitlines() if line.startswith("| `")}
    asked = " ".join(one.text for one in panel_expressions())
    assert [name for name in sorted(names) if name not in asked] == []
