"""An instance type that can't start: a fallback takes its place, or the size that ran last."""

from __future__ import annotations

from tests.e2e.team import Team

LARGE, LARGER = "ml.g5.xlarge", "ml.g5.2xlarge"


def test_a_fallback_is_taken_in_order_and_told(team: Team) -> None:
    team.simulator.set_unavailable(LARGE)
    team.run_space(fallbackInstanceTypes=[LARGER])
    before = team.last_call()
    team.edit("Space", "churn", instanceType=LARGE)
    space = team.wait_ready("Space", "churn")
    assert team.instance_type() == LARGER
    assert (space.phase, space.status["substitute"]["kind"]) == ("InService", "Fallback")
    assert f"{LARGE} can't start" in space.message
    assert team.changes(since=before) == [
        "DeleteApp",
        "UpdateSpace",
        "CreateApp",
        "UpdateSpace",
        "CreateApp",
    ]


def test_a_rollback_brings_the_old_size_back_and_names_the_quota(team: Team) -> None:
    team.simulator.set_quotas(instance_types={LARGE: 0})
    team.run_space(rollback=True)
    team.edit("Space", "churn", instanceType=LARGE)
    space = team.wait_reason("Space", "churn", "QuotaExceeded")
    space = team.wait_phase("churn", "InService")
    assert team.instance_type() == "ml.t3.medium"
    assert (space.is_ready, space.has("Stalled")) == (False, True)
    assert "service limit" in space.message
    assert "back on ml.t3.medium" in space.message
    before = team.last_call()
    team.product.kill_operator()
    team.product.ensure_operator()
    team.wait_looks()
    assert team.changes(since=before) == []
