"""Idle shutdown that the domain or the owner's profile switches off: told, and all goes on."""

from __future__ import annotations

from tests.e2e.team import ROLE, Team

CONDITION = "IdleShutdownInactive"


def switch_idle_shutdown(team: Team, *, on: bool) -> None:
    """The domain switches the idle shutdown of JupyterLab on or off."""
    idle = {"enabled": on}
    settings = {"executionRole": ROLE, "jupyterLab": {"idle": idle}}
    team.edit("StudioDomain", "research", defaultUserSettings=settings)
    team.wait_ready("StudioDomain", "research")


def test_the_switch_of_the_domain_and_of_the_profile_is_followed(team: Team) -> None:
    team.run_space(idleShutdown={"after": "2h"})
    before = team.last_call()
    switch_idle_shutdown(team, on=False)
    told = team.wait_for("Space", "churn", lambda it: it.has(CONDITION), "tells it")
    assert told.is_ready
    assert (
        "the domain switches it off. Set spec.defaultUserSettings.jupyterLab.idle.enabled"
        in (told.condition(CONDITION)["message"])
    )
    team.edit("UserProfile", "alice", userSettings={"jupyterLab": {"idle": {"enabled": True}}})
    team.wait_for("Space", "churn", lambda it: not it.has(CONDITION), "tells it no more")
    team.edit("UserProfile", "alice", userSettings={"jupyterLab": {"idle": {"enabled": False}}})
    told = team.wait_for("Space", "churn", lambda it: it.has(CONDITION), "tells it again")
    assert "the owner's profile switches it off" in told.condition(CONDITION)["message"]
    team.edit("Space", "churn", idleShutdown=None)
    space = team.wait_for("Space", "churn", lambda it: not it.has(CONDITION), "asks for none")
    assert (space.is_ready, space.phase) == (True, "InService")
    # What is not on in the domain has not to be switched off in AWS.
    assert set(team.changes(since=before)) == {"UpdateUserProfile"}
