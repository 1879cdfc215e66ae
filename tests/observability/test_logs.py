"""The story of a resource can be followed through the log by the fields of its lines."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.e2e.team import Team
from tests.e2e.waiting import wait_until
from tests.observability.watched import Line, WatchedProduct


@pytest.fixture
def resized(watched: WatchedProduct, team: Team) -> Team:
    """A team one of whose spaces was resized, and whose log says so."""
    team.run_space()
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    wait_until(
        lambda: any("Resize ended" in line["message"] for line in lines_of(watched, team)),
        "the end of the resize is logged",
    )
    return team


def lines_of(watched: WatchedProduct, team: Team) -> list[Line]:
    return watched.lines_about("Space", team.namespace, "churn")


def calls_of(lines: list[Line]) -> list[str]:
    """The calls that succeeded; one that came too early for AWS is a warning, and is repeated."""
    return [line["aws_operation"] for line in lines if line["message"].endswith(": done")]


def test_a_resize_is_followed_by_its_operation(watched: WatchedProduct, resized: Team) -> None:
    story = [line for line in lines_of(watched, resized) if line.get("operation") == "Resize"]
    assert calls_of(story) == ["DeleteApp", "UpdateSpace", "CreateApp"]
    assert {line["generation"] for line in story} == {2}
    assert len({line["trace_id"] for line in story}) == 1
    assert story[-1]["message"].startswith("Resize ended after ")


def test_every_call_that_succeeds_has_a_request_id_of_its_own(
    watched: WatchedProduct, resized: Team
) -> None:
    lines = lines_of(watched, resized)
    before = ["CreateSpace", "CreateApp"]
    assert calls_of(lines) == [*before, "DeleteApp", "UpdateSpace", "CreateApp"]
    told = [line for line in lines if "aws_operation" in line]
    assert len({line["aws_request_id"] for line in told}) == len(told)


def test_a_call_that_fails_has_a_request_id_too(watched: WatchedProduct, team: Team) -> None:
    team.run_space()
    team.simulator.add_fault("UpdateSpace", code="InternalFailure", times=2)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_ready("Space", "churn")
    failed = next(line for line in lines_of(watched, team) if line["level"] == "warning")
    assert failed["aws_operation"] == "UpdateSpace"
    assert failed["aws_request_id"]
    assert "InternalFailure" in failed["message"]


def test_every_line_about_a_resource_says_for_what_it_was_worked(
    watched: WatchedProduct, resized: Team
) -> None:
    lines = lines_of(watched, resized)
    assert lines
    assert [line for line in lines if not {"reconcile_id", "generation"} <= line.keys()] == []
    turns = defaultdict(set)
    for line in watched.lines():
        if "reconcile_id" in line:
            turns[line["reconcile_id"]].add(str(line["object"]))
    assert [told for told in turns.values() if len(told) != 1] == []


def test_lines_name_the_span_in_which_they_were_logged(
    watched: WatchedProduct, resized: Team
) -> None:
    ends = [line for line in lines_of(watched, resized) if "Resize ended" in line["message"]]
    trace, span = ends[0]["trace_id"], ends[0]["span_id"]
    wait_until(
        lambda: span in {one.span_id for one in watched.receiver.trace(trace)},
        f"span {span} of trace {trace} arrives",
    )
