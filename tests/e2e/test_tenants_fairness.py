"""A tenant floods the operator: neither neighbours nor its own deletions wait for the flood."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.team import Team

# At the rate below that is a minute of calls: they do not get done while they are applied.
CROWD = [f"crowd-{number}" for number in range(60)]


def test_a_crowd_delays_neither_a_neighbour_nor_what_its_own_team_deletes(
    team: Team, make_team: Callable[[], Team]
) -> None:
    flooding = make_team()
    flooding.settle_in()
    flooding.apply(flooding.space("old", state="Stopped", deletionPolicy="Delete"))
    flooding.wait_ready("Space", "old")
    team.simulator.set_throttling(mutating={"rate": 1, "burst": 2})
    for name in CROWD:
        flooding.apply(flooding.space(name, state="Stopped"))

    team.apply(team.space("wanted", state="Stopped"))
    flooding.delete("Space", "old")
    team.wait_ready("Space", "wanted")
    flooding.wait_gone("Space", "old")
    waiting = [name for name in CROWD if flooding.aws_space(name) is None]
    assert len(waiting) >= len(CROWD) / 4, "both came before much of what was asked for earlier"
