"""States of a Space that waits for a back-up of its files."""

from __future__ import annotations

from tests.e2e.cluster import Resource
from tests.e2e.story_acts import bucket_of, run_with_backups
from tests.e2e.team import Team
from tests.gitops.scenes.faults import refuse
from tests.gitops.scenes.scene import Scenes

SCENES = Scenes("Space")


def wait(team: Team, words: str) -> Resource:
    """Wait until status speaks of a back-up in these words."""
    return team.wait_for("Space", "churn", lambda it: words in it.message, f"says {words!r}")


@SCENES.scene()
def progressing_backing_up(team: Team) -> Resource:
    """Runs on the old instance type until a back-up is made, as `backup` asks."""
    run_with_backups(team)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    return wait(team, "waiting for a back-up")


@SCENES.scene()
def degraded_not_backed_up(team: Team) -> Resource:
    """Its resize waits for a back-up, and the app is stopped: none can be made."""
    run_with_backups(team)
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.edit("Space", "churn", storage={"sizeGiB": 50})
    return wait(team, "its app does not run")


@SCENES.scene()
def degraded_backup_not_seen(team: Team) -> Resource:
    """Its resize waits for a back-up, and the operator's role may not look into the bucket."""
    run_with_backups(team)
    refuse(team, "GetObject", "AccessDenied", f"no access to {bucket_of(team)}", status=403)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    return wait(team, "can't be looked at")


@SCENES.scene()
def progressing_deletion_not_backed_up(team: Team) -> Resource:
    """Deleted here, and stays in AWS: a back-up is asked for, and the stopped app can make none."""
    run_with_backups(team, deletionPolicy="Delete")
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_phase("churn", "Stopped")
    team.delete("Space", "churn")
    return wait(team, "its app does not run")
