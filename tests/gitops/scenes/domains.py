"""Each state of a StudioDomain that people may see."""

from __future__ import annotations

from tests.e2e.cluster import Resource
from tests.e2e.team import ROLE, Team, manifest
from tests.gitops.scenes.faults import deny, fail_later, refuse
from tests.gitops.scenes.scene import FOREVER, Scenes

SCENES = Scenes("StudioDomain")
OTHER_ROLE = {"executionRole": f"{ROLE}-new"}


def wait(team: Team, reason: str) -> Resource:
    """Wait until status speaks of the domain as declared, and gives the reason."""
    return team.wait_reason("StudioDomain", "research", reason)


@SCENES.scene(settled=False)
def healthy_in_service(team: Team) -> Resource:
    """As declared."""
    team.apply(team.domain())
    return wait(team, "InService")


@SCENES.scene(settled=False)
def progressing_no_status(team: Team) -> Resource:
    """Applied a moment ago; the operator has not seen it."""
    team.product.stop_operator()
    applied = team.apply(team.domain())
    team.product.ensure_operator()
    return applied


@SCENES.scene(settled=False)
def progressing_stale_generation(team: Team) -> Resource:
    """Edited a moment ago; status speaks of the spec before."""
    healthy_in_service(team)
    team.product.stop_operator()
    edited = team.edit("StudioDomain", "research", defaultUserSettings=OTHER_ROLE)
    team.product.ensure_operator()
    return edited


@SCENES.scene(settled=False)
def progressing_aws_not_observed(team: Team) -> Resource:
    """What is in the domain could not be listed yet."""
    refuse(team, "ListSpaces", "InternalFailure", "An internal error occurred.", 500)
    team.apply(team.domain())
    return team.wait_for(
        "StudioDomain",
        "research",
        lambda it: it.reason == "AwsNotObserved" and "domainId" in it.status,
        "is not observed",
    )


@SCENES.scene(settled=False)
def progressing_creating(team: Team) -> Resource:
    """Being made in AWS."""
    team.simulator.set_durations(domain_create=FOREVER)
    team.apply(team.domain())
    return team.wait_for(
        "StudioDomain",
        "research",
        lambda it: it.reason == "Creating" and "domainId" in it.status,
        "is being made",
    )


@SCENES.scene(settled=False)
def progressing_updating(team: Team) -> Resource:
    """A change of its settings is under way."""
    healthy_in_service(team)
    team.simulator.set_durations(domain_update=FOREVER)
    team.edit("StudioDomain", "research", defaultUserSettings=OTHER_ROLE)
    return wait(team, "Updating")


@SCENES.scene(settled=False)
def degraded_quota(team: Team) -> Resource:
    """The account's quota for domains is used up."""
    words = "The account-level service limit 'Domains' is 1 Domains."
    refuse(team, "CreateDomain", "ResourceLimitExceeded", words)
    team.apply(team.domain())
    return wait(team, "QuotaExceeded")


@SCENES.scene(settled=False)
def degraded_access_denied(team: Team) -> Resource:
    """The operator's IAM role may not do it."""
    deny(team, "CreateDomain")
    team.apply(team.domain())
    return wait(team, "AccessDenied")


@SCENES.scene(settled=False)
def degraded_immutable_field(team: Team) -> Resource:
    """The adopted domain is in another VPC, and AWS never changes that."""
    arn = team.aws().create_domain(
        DomainName=f"{team.namespace}-by-hand",
        AuthMode="IAM",
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
        DefaultUserSettings={"ExecutionRole": ROLE},
    )["DomainArn"]
    team.apply(team.domain(domainId=arn.rpartition("/")[2]))
    return wait(team, "ImmutableField")


@SCENES.scene(settled=False)
def degraded_ownership_conflict(team: Team) -> Resource:
    """A domain of that name exists, and is not this resource's."""
    team.aws().create_domain(
        DomainName=f"{team.namespace}-research",
        AuthMode="IAM",
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
        DefaultUserSettings={"ExecutionRole": ROLE},
    )
    team.apply(team.domain())
    return wait(team, "OwnershipConflict")


@SCENES.scene(settled=False)
def degraded_domain_not_found(team: Team) -> Resource:
    """AWS has no domain with the id in `domainId`."""
    spec = {"domainId": "d-a1b2c3d4e5f6", "aws": {"region": team.region}}
    team.apply(manifest("StudioDomain", "research", spec))
    return wait(team, "DomainNotFound")


@SCENES.scene(settled=False)
def degraded_creation_failed(team: Team) -> Resource:
    """AWS accepted the request and failed to make the domain."""
    fail_later(team, "CreateDomain", "The file system could not be created.")
    team.apply(team.domain())
    return wait(team, "CreationFailed")


@SCENES.scene(settled=False)
def degraded_update_failed(team: Team) -> Resource:
    """AWS accepted an update and failed at it, several times."""
    healthy_in_service(team)
    fail_later(team, "UpdateDomain", "The settings could not be changed.")
    team.edit("StudioDomain", "research", defaultUserSettings=OTHER_ROLE)
    return wait(team, "UpdateFailed")


@SCENES.scene(settled=False)
def degraded_deleted_outside_of_git(team: Team) -> Resource:
    """Somebody deleted the domain in AWS."""
    domain_id = healthy_in_service(team).status["domainId"]
    team.aws().delete_domain(DomainId=domain_id)
    return wait(team, "DeletedOutsideOfGit")


@SCENES.scene()
def progressing_deletion_blocked(team: Team) -> Resource:
    """Deleted here; profiles and spaces are still in it."""
    team.edit("StudioDomain", "research", deletionPolicy="Delete")
    team.delete("StudioDomain", "research")
    return wait(team, "DeletionBlocked")


@SCENES.scene(settled=False)
def progressing_deleting(team: Team) -> Resource:
    """Being deleted in AWS (`deletionPolicy: Delete`)."""
    team.apply(team.domain(deletionPolicy="Delete"))
    wait(team, "InService")
    team.simulator.set_durations(domain_delete=FOREVER)
    team.delete("StudioDomain", "research")
    return team.wait_for("StudioDomain", "research", lambda it: it.reason == "Deleting", "is going")


@SCENES.scene(settled=False, tenancy_required="true")
def degraded_tenant_required(team: Team) -> Resource:
    """No StudioTenant has its namespace, and the operator wants one"""
    team.apply(team.domain())
    return wait(team, "TenantRequired")
