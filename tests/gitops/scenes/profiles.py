"""Each state of a UserProfile that people may see."""

from __future__ import annotations

from tests.e2e.cluster import Resource
from tests.e2e.team import Team
from tests.gitops.scenes.faults import deny, fail_later, refuse
from tests.gitops.scenes.scene import FOREVER, Scenes

SCENES = Scenes("UserProfile")
OTHER_ROLE = {"executionRole": "arn:aws:iam::123456789012:role/studio-alice"}


def wait(team: Team, reason: str) -> Resource:
    """Wait until status speaks of bob's profile as declared, and gives the reason."""
    return team.wait_reason("UserProfile", "bob", reason)


@SCENES.scene()
def healthy_in_service(team: Team) -> Resource:
    """As declared."""
    team.apply(team.profile("bob"))
    return wait(team, "InService")


@SCENES.scene(settled=False)
def progressing_no_status(team: Team) -> Resource:
    """Applied a moment ago; the operator has not seen it."""
    team.product.stop_operator()
    applied = team.apply(team.profile("bob"))
    team.product.ensure_operator()
    return applied


@SCENES.scene()
def progressing_stale_generation(team: Team) -> Resource:
    """Edited a moment ago; status speaks of the spec before."""
    healthy_in_service(team)
    team.product.stop_operator()
    edited = team.edit("UserProfile", "bob", userSettings=OTHER_ROLE)
    team.product.ensure_operator()
    return edited


@SCENES.scene(settled=False)
def progressing_dependency_not_ready(team: Team) -> Resource:
    """Its domain does not exist yet."""
    team.apply(team.profile("bob"))
    return wait(team, "DependencyNotReady")


@SCENES.scene()
def progressing_creating(team: Team) -> Resource:
    """Being made in AWS."""
    team.simulator.set_durations(user_profile_create=FOREVER)
    team.apply(team.profile("bob"))
    return wait(team, "Creating")


@SCENES.scene()
def progressing_updating(team: Team) -> Resource:
    """A change of its settings is under way."""
    healthy_in_service(team)
    team.simulator.set_durations(user_profile_update=FOREVER)
    team.edit("UserProfile", "bob", userSettings=OTHER_ROLE)
    return wait(team, "Updating")


@SCENES.scene()
def degraded_access_denied(team: Team) -> Resource:
    """The operator's IAM role may not do it."""
    deny(team, "CreateUserProfile")
    team.apply(team.profile("bob"))
    return wait(team, "AccessDenied")


@SCENES.scene()
def degraded_rejected_by_aws(team: Team) -> Resource:
    """AWS refuses the request as wrong."""
    refuse(team, "CreateUserProfile", "ValidationException", "1 validation error detected.")
    team.apply(team.profile("bob"))
    return wait(team, "RejectedByAWS")


@SCENES.scene()
def degraded_ownership_conflict(team: Team) -> Resource:
    """A profile of that name exists, and is not this resource's."""
    team.aws().create_user_profile(DomainId=team.domain_id, UserProfileName="bob")
    team.apply(team.profile("bob"))
    return wait(team, "OwnershipConflict")


@SCENES.scene()
def degraded_creation_failed(team: Team) -> Resource:
    """AWS accepted the request and failed to make the profile."""
    fail_later(team, "CreateUserProfile", "The home directory could not be created.")
    team.apply(team.profile("bob"))
    return wait(team, "CreationFailed")


@SCENES.scene()
def degraded_update_failed(team: Team) -> Resource:
    """AWS accepted an update and failed at it, several times."""
    healthy_in_service(team)
    fail_later(team, "UpdateUserProfile", "The settings could not be changed.")
    team.edit("UserProfile", "bob", userSettings=OTHER_ROLE)
    return wait(team, "UpdateFailed")


@SCENES.scene(settled=False)
def degraded_single_sign_on_required(team: Team) -> Resource:
    """The domain signs people in by IAM Identity Center, and the profile names nobody there."""
    team.apply(team.domain(authMode="SSO"))
    team.wait_ready("StudioDomain", "research")
    team.apply(team.profile("bob"))
    return wait(team, "SingleSignOnRequired")


@SCENES.scene()
def degraded_single_sign_on_not_allowed(team: Team) -> Resource:
    """The profile names a person in IAM Identity Center, and the domain signs in by IAM."""
    team.apply(team.profile("bob", singleSignOn={"value": "bob@example.com"}))
    return wait(team, "SingleSignOnNotAllowed")


@SCENES.scene()
def progressing_deletion_blocked(team: Team) -> Resource:
    """Deleted here; a space still needs it."""
    team.apply(team.profile("bob", deletionPolicy="Delete"))
    wait(team, "InService")
    team.run_space(ownerRef={"name": "bob"})
    team.delete("UserProfile", "bob")
    return wait(team, "DeletionBlocked")


@SCENES.scene()
def progressing_deleting(team: Team) -> Resource:
    """Being deleted in AWS (`deletionPolicy: Delete`)."""
    team.apply(team.profile("bob", deletionPolicy="Delete"))
    wait(team, "InService")
    team.simulator.set_durations(user_profile_delete=FOREVER)
    team.delete("UserProfile", "bob")
    return team.wait_for("UserProfile", "bob", lambda it: it.reason == "Deleting", "is going")
