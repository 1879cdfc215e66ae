"""top and lingering: what costs money now, told from the status of real spaces."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tests.e2e.team import Team
from tests.e2e.test_lingering import deploy
from tests.plugin.conftest import Studio


def test_top_lists_what_runs_and_a_price_that_is_missing(team: Team, studio: Studio) -> None:
    team.apply(team.profile(tags={"team": "fraud"}))
    team.run_space()
    team.apply(team.space("idle", state="Stopped"))
    team.wait_phase("idle", "Stopped")
    told = studio("top", "-o", "json").data
    (row,) = told["spaces"]
    assert row["hours"] >= 0
    assert {**row, "hours": None} == {
        "namespace": team.namespace,
        "name": "churn",
        "domain": "research",
        "domainNamespace": team.namespace,
        "owner": "alice",
        "instanceType": "ml.t3.medium",
        "phase": "InService",
        "hours": None,
        "perHour": None,
        "currency": "USD",
    }
    assert told["total"] == {"spaces": 1, "perHour": {}, "unknown": 1}
    by_team = studio("top", "--by", "team", "-o", "json").data
    assert by_team["sums"] == [{"team": "fraud", "spaces": 1, "perHour": {}, "unknown": 1}]
    assert studio("top", "--tag", "unit", "-o", "json").data["sums"][0]["team"] is None
    assert studio("top", "--by", "team").out.splitlines()[1].split() == [
        *("fraud", "1", "unknown", "1")
    ]


def test_nothing_that_runs_and_nothing_that_lingers_are_said_so(team: Team, studio: Studio) -> None:
    assert studio("top").out == "Nothing runs.\n"
    team.apply(team.space(state="Stopped"))
    team.wait_phase("churn", "Stopped")
    answer = studio("lingering")
    assert answer.out.startswith("Nothing is known to go on of 1 space.\nNot seen: what AWS does")
    assert studio("lingering", "churn", "-o", "json").data == []


def test_what_lingers_is_told_with_its_space_and_in_full(team: Team, studio: Studio) -> None:
    with team.product.own_operator("looking", lingering_interval="2"):
        team.run_space()
        endpoint = deploy(team)
        team.edit("Space", "churn", state="Stopped")
        space = team.wait_for(
            "Space", "churn", lambda it: it.has("LingeringResources"), "tells what lingers"
        )
    (told,) = studio("lingering", "churn", "-o", "json").data
    assert told == {
        "namespace": team.namespace,
        "name": "churn",
        "owner": "alice",
        "phase": "Stopped",
        "count": 1,
        "arns": space.status["lingeringResources"]["arns"],
        "since": space.condition("LingeringResources")["lastTransitionTime"],
    }
    assert f"endpoint/{endpoint}" in studio("lingering").out
    assert f"kubectl studio lingering churn -n {team.namespace}" in studio("why", "churn").out


def test_a_name_that_is_not_there_and_rights_that_are_missing(
    team: Team, studio: Studio, as_user: Callable[[str], Studio]
) -> None:
    assert "Space 'chrun' is not in namespace" in studio("lingering", "chrun", expect=3).err
    mallory = as_user(f"mallory-{uuid.uuid4().hex[:6]}")
    for verb in ("top", "lingering"):
        told = mallory(verb, expect=4).err
        assert "you may not list spaces: spaces.studio-operator.dev is forbidden" in told
