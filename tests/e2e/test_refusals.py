"""What AWS refuses as wrong is tried again when what it depends on changes, and never without."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.team import ROLE, Team
from tests.e2e.waiting import wait_until

# Where nobody sets a maximum, AWS gives 100 GiB.
LARGE: dict[str, Any] = {"storage": {"sizeGiB": 150}, "state": "Stopped"}
LARGER: dict[str, Any] = {
    "defaultUserSettings": {
        "executionRole": ROLE,
        "spaceStorage": {"defaultGiB": 5, "maximumGiB": 200},
    }
}
WRONG = {"code": "ValidationException", "status": 400, "message": "the moon is wrong"}


@pytest.mark.parametrize("first", ["Space", "StudioDomain"])
def test_one_commit_that_raises_the_maximum_and_adds_a_space_that_needs_it(
    team: Team, first: str
) -> None:
    files = [team.space(**LARGE), team.domain(**LARGER)]
    for file in files if first == "Space" else reversed(files):
        team.apply(file)
        if file["kind"] == "Space" and first == "Space":  # AWS is asked before the domain comes
            wait_until(lambda: team.calls("CreateSpace"), "AWS is asked for the space")
    team.wait_ready("Space", "churn")
    team.wait_ready("StudioDomain", "research")
    # Each kind has a watch of its own: the space may come first in either order.
    asked = len(team.calls("CreateSpace"))
    assert asked == 2 or (asked == 1 and first == "StudioDomain")


def test_a_refused_space_waits_for_its_domain_and_costs_nothing_meanwhile(team: Team) -> None:
    team.apply(team.space(**LARGE))
    refused = team.wait_reason("Space", "churn", "RejectedByAWS")
    assert refused.has("Stalled")
    team.wait_looks(2)  # what is still to be written of the domain goes with that
    written = len(team.product.writes(team.namespace))
    team.wait_looks(3)
    assert len(team.calls("CreateSpace")) == 1
    assert len(team.product.writes(team.namespace)) == written

    team.edit("StudioDomain", "research", tags={"team": "churn"})  # which changes nothing for it
    team.wait_ready("StudioDomain", "research")
    team.wait_looks(2)
    assert len(team.calls("CreateSpace")) <= 2
    tried = len(team.calls("CreateSpace"))

    team.edit("StudioDomain", "research", **LARGER)
    team.wait_ready("Space", "churn")
    assert len(team.calls("CreateSpace")) == tried + 1


def test_a_refused_change_is_made_after_a_restart_when_the_domain_changes(team: Team) -> None:
    team.run_space(state="Stopped", storage={"sizeGiB": 100})
    team.edit("Space", "churn", storage={"sizeGiB": 150})
    team.wait_reason("Space", "churn", "RejectedByAWS")
    assert len(team.calls("UpdateSpace")) == 1
    team.product.kill_operator()
    team.product.ensure_operator()
    team.wait_looks(3)
    assert len(team.calls("UpdateSpace")) == 1

    team.product.kill_operator()
    team.edit("StudioDomain", "research", **LARGER)
    team.product.ensure_operator()
    team.wait_ready("Space", "churn")
    found = team.aws_space()
    assert found is not None
    assert found["settings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"] == (
        150
    )


def test_a_refused_profile_is_looked_at_again_when_its_domain_changes(new_team: Team) -> None:
    new_team.apply(new_team.domain())
    new_team.wait_ready("StudioDomain", "research")
    new_team.simulator.add_fault("CreateUserProfile", times=1, **WRONG)
    new_team.apply(new_team.profile())
    new_team.wait_reason("UserProfile", "alice", "RejectedByAWS")
    new_team.wait_looks(2)
    assert len(new_team.calls("CreateUserProfile")) == 1
    new_team.edit("StudioDomain", "research", **LARGER)
    new_team.wait_ready("UserProfile", "alice")
    assert len(new_team.calls("CreateUserProfile")) == 2


def test_what_is_no_resource_of_ours_is_asked_for_again_after_a_pause(
    team: Team,
) -> None:
    """The operator may not list lifecycle configurations here, so AWS alone knows of them."""
    arn = f"arn:aws:sagemaker:{team.region}:123456789012:studio-lifecycle-config/{team.namespace}"
    team.simulator.add_fault(
        "ListStudioLifecycleConfigs", code="AccessDeniedException", status=400, message="not you"
    )
    settings = {"invalid_retry": "2", "invalid_retry_max": "4"}
    with team.product.own_operator("refusals", **settings):
        team.apply(team.space(lifecycleConfigArn=arn, state="Stopped"))
        team.wait_reason("Space", "churn", "RejectedByAWS")
        wait_until(lambda: len(team.calls("CreateSpace")) >= 2, "it is tried again")
        team.aws().create_studio_lifecycle_config(
            StudioLifecycleConfigName=team.namespace,
            StudioLifecycleConfigContent="ZWNobwo=",
            StudioLifecycleConfigAppType="JupyterLab",
        )
        team.wait_ready("Space", "churn")
