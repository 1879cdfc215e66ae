"""What a space costs, by the table of prices that the operator is given."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.team import Team


def test_status_tells_what_runs_costs_and_what_is_not_known(team: Team, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    region = f"{team.region}: {{instanceHour: {{ml.t3.medium: '0.058'}}}}"
    prices.write_text(f"regions: {{{region}}}", encoding="utf-8")
    with team.product.own_operator("counting", prices_file=str(prices)):
        space = team.run_space()
        assert space.status["cost"] == {
            "perHour": "0.058",
            "volumePerMonth": "unknown",
            "currency": "USD",
        }
        team.edit("Space", "churn", instanceType="ml.g5.xlarge")
        assert team.wait_ready("Space", "churn").status["cost"]["perHour"] == "unknown"
        team.edit("Space", "churn", state="Stopped")
        assert team.wait_phase("churn", "Stopped").status["cost"]["perHour"] == "0"
