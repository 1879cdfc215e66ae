"""Each state of a Space that people may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from studio_operator.api.common import SNOOZE_UNTIL

from tests.e2e.cluster import Resource
from tests.e2e.team import Team
from tests.e2e.test_idle_shutdown import switch_idle_shutdown
from tests.e2e.test_lingering import deploy
from tests.gitops.scenes.faults import deny, fail_later, refuse
from tests.gitops.scenes.scene import FOREVER, Scenes

SCENES = Scenes("Space")
LARGER = "ml.m5.large"
GPU, LARGER_GPU = "ml.g5.xlarge", "ml.g5.2xlarge"
# A minute a week: out of hours, whenever it is recorded.
HOURS = {"timezone": "UTC", "windows": [{"days": "Mon", "from": "03:00", "to": "03:01"}]}


def wait(team: Team, reason: str, phase: str) -> Resource:
    """Wait until status speaks of the spec as it is, with this reason and phase."""
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.is_current and (it.reason, it.phase) == (reason, phase),
        f"gives the reason {reason} in phase {phase}",
    )


# --- as declared -------------------------------------------------------------------------------


@SCENES.scene()
def healthy_running(team: Team) -> Resource:
    """Runs as declared."""
    team.run_space()
    return wait(team, "Running", "InService")


@SCENES.scene()
def healthy_running_enforced(team: Team) -> Resource:
    """Runs as declared, and `drift.state` is Enforce."""
    team.run_space(drift={"state": "Enforce"})
    return wait(team, "Running", "InService")


@SCENES.scene()
def healthy_stopped(team: Team) -> Resource:
    """Stopped as declared."""
    team.apply(team.space(state="Stopped"))
    return wait(team, "Stopped", "Stopped")


@SCENES.scene()
def healthy_stopped_enforced(team: Team) -> Resource:
    """Stopped as declared, and `drift.state` is Enforce."""
    team.apply(team.space(state="Stopped", drift={"state": "Enforce"}))
    return wait(team, "Stopped", "Stopped")


@SCENES.scene()
def healthy_left_to_people(team: Team) -> Resource:
    """`state` is left out, and nobody has started it."""
    team.apply(team.space(state=None))
    return wait(team, "Stopped", "Stopped")


@SCENES.scene()
def healthy_failed_left_to_people(team: Team) -> Resource:
    """`state` is left out, and the app that a person started failed."""
    team.apply(team.space(state=None))
    wait(team, "Stopped", "Stopped")
    team.annotate("Space", "churn", "studio-operator.dev/start", "2026-01-01T00:00:00Z")
    wait(team, "Running", "InService")
    team.simulator.fail_app(team.domain_id, "churn", reason="The health check failed.")
    return wait(team, "AppFailed", "Failed")


@SCENES.scene()
def healthy_stopped_outside(team: Team) -> Resource:
    """Declared Running; a person or the idle timer stopped it."""
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    return wait(team, "StoppedOutside", "Stopped")


@SCENES.scene()
def healthy_stopped_by_request(team: Team) -> Resource:
    """Declared Running; a person asked for a stop by annotation."""
    team.run_space()
    team.annotate("Space", "churn", "studio-operator.dev/stop", "2026-01-01T00:00:00Z")
    return wait(team, "Stopped", "Stopped")


@SCENES.scene()
def healthy_stopped_by_schedule(team: Team) -> Resource:
    """Stopped, since its schedule is not open now."""
    team.apply(team.space(schedule=HOURS))
    return wait(team, "Stopped", "Stopped")


@SCENES.scene()
def healthy_running_snoozed(team: Team) -> Resource:
    """Runs on out of hours, since a person snoozed its schedule by annotation."""
    team.run_space()
    until = datetime.now(UTC) + timedelta(hours=1)
    team.annotate("Space", "churn", SNOOZE_UNTIL, until.isoformat())
    team.edit("Space", "churn", schedule=HOURS)
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.is_ready and it.status["effective"]["window"] == "Snoozed",
        "runs on while its schedule is snoozed",
    )


@SCENES.scene()
def healthy_running_fallback(team: Team) -> Resource:
    """Runs on a type of `fallbackInstanceTypes`: AWS has none of the declared one to spare."""
    team.simulator.set_unavailable(GPU)
    team.apply(team.space(instanceType=GPU, fallbackInstanceTypes=[LARGER_GPU]))
    return wait(team, "Running", "InService")


@SCENES.scene()
def healthy_stopped_lingering(team: Team) -> Resource:
    """Stopped as declared; an endpoint made from it goes on (LingeringResources)."""
    team.run_space()
    deploy(team)
    team.edit("Space", "churn", state="Stopped")
    return team.wait_for(
        "Space", "churn", lambda it: it.is_ready and it.has("LingeringResources"), "lingers"
    )


@SCENES.scene()
def healthy_idle_shutdown_off(team: Team) -> Resource:
    """Runs as declared, and the domain switches idle shutdown off (IdleShutdownInactive)."""
    team.run_space(idleShutdown={"after": "2h"})
    switch_idle_shutdown(team, on=False)
    return team.wait_for("Space", "churn", lambda it: it.has("IdleShutdownInactive"), "is told")


@SCENES.scene()
def healthy_started_outside(team: Team) -> Resource:
    """Declared Stopped; a person started it (Drifted)."""
    team.apply(team.space(state="Stopped"))
    wait(team, "Stopped", "Stopped")
    team.simulator.start_app(team.domain_id, "churn")
    return team.wait_for("Space", "churn", lambda it: it.has("Drifted"), "is Drifted")


@SCENES.scene()
def healthy_changed_outside(team: Team) -> Resource:
    """Somebody changed the instance type in AWS, and `drift.instance` is Report (Drifted)."""
    team.run_space(drift={"instance": "Report"})
    team.simulator.resize(team.domain_id, "churn", instance_type=LARGER)
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.condition("Drifted").get("reason") == "ChangedOutside",
        "is Drifted",
    )


# --- on its way --------------------------------------------------------------------------------


@SCENES.scene(settled=False)
def progressing_no_status(team: Team) -> Resource:
    """Applied a moment ago; the operator has not seen it."""
    team.product.stop_operator()
    applied = team.apply(team.space())
    team.product.ensure_operator()
    return applied


@SCENES.scene()
def progressing_stale_generation(team: Team) -> Resource:
    """Edited a moment ago; status speaks of the spec before."""
    team.run_space()
    team.product.stop_operator()
    edited = team.edit("Space", "churn", instanceType=LARGER)
    team.product.ensure_operator()
    return edited


@SCENES.scene(settled=False)
def progressing_dependency_not_ready(team: Team) -> Resource:
    """Its domain does not exist yet."""
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "DependencyNotReady")


@SCENES.scene()
def progressing_aws_not_observed(team: Team) -> Resource:
    """Edited while the operator, just started, can't list what is in the domain."""
    team.run_space()
    team.product.stop_operator()
    team.edit("Space", "churn", instanceType=LARGER)
    refuse(team, "ListSpaces", "InternalFailure", "An internal error occurred.", 500)
    team.product.ensure_operator()
    return team.wait_reason("Space", "churn", "AwsNotObserved")


@SCENES.scene()
def progressing_old_one_leaves(team: Team) -> Resource:
    """Waits until an older resource's space of the same name is deleted in AWS."""
    team.run_space("old", spaceName="churn", deletionPolicy="Delete")
    team.simulator.set_durations(space_delete=FOREVER)
    team.delete("Space", "old")
    team.apply(team.space())
    return wait(team, "Deleting", "Pending")


@SCENES.scene()
def progressing_creating(team: Team) -> Resource:
    """Being made in AWS."""
    team.simulator.set_durations(space_create=FOREVER)
    team.apply(team.space())
    return wait(team, "Creating", "Pending")


@SCENES.scene()
def progressing_starting(team: Team) -> Resource:
    """The app starts."""
    team.simulator.set_durations(app_start=FOREVER)
    team.apply(team.space())
    return wait(team, "Starting", "Starting")


@SCENES.scene()
def progressing_stopping(team: Team) -> Resource:
    """The app stops, since `state` became Stopped."""
    team.run_space()
    team.simulator.set_durations(app_stop=FOREVER)
    team.edit("Space", "churn", state="Stopped")
    return wait(team, "Stopping", "Stopping")


@SCENES.scene()
def progressing_resizing(team: Team) -> Resource:
    """Moves to another instance type: the app stops."""
    team.run_space()
    team.simulator.set_durations(app_stop=FOREVER)
    team.edit("Space", "churn", instanceType=LARGER)
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "Resizing" and "is being stopped" in it.message,
        "is being stopped",
    )


@SCENES.scene()
def progressing_resizing_updating(team: Team) -> Resource:
    """Moves to another instance type: the space is updated."""
    team.run_space()
    team.simulator.set_durations(space_update=FOREVER)
    team.edit("Space", "churn", instanceType=LARGER)
    return wait(team, "Updating", "Resizing")


@SCENES.scene()
def progressing_updating(team: Team) -> Resource:
    """An update of a stopped space is under way."""
    team.apply(team.space(state="Stopped"))
    wait(team, "Stopped", "Stopped")
    team.simulator.set_durations(space_update=FOREVER)
    team.edit("Space", "churn", displayName="Churn")
    return team.wait_for(
        "Space", "churn", lambda it: "is being updated in AWS" in it.message, "is being updated"
    )


@SCENES.scene()
def progressing_restarting(team: Team) -> Resource:
    """A person asked for a restart by annotation."""
    team.run_space()
    team.simulator.set_durations(app_stop=FOREVER)
    team.annotate("Space", "churn", "studio-operator.dev/restart", "2026-01-01T00:00:00Z")
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "Restarting" and "is being stopped" in it.message,
        "is being stopped",
    )


@SCENES.scene()
def progressing_pending_restart(team: Team) -> Resource:
    """A change waits until the app is stopped (`resizePolicy: WhenStopped`)."""
    team.run_space(resizePolicy="WhenStopped")
    team.edit("Space", "churn", instanceType=LARGER)
    return wait(team, "PendingRestart", "InService")


@SCENES.scene()
def progressing_capacity(team: Team) -> Resource:
    """AWS has no such instance to spare; the start is repeated."""
    team.simulator.set_unavailable("ml.t3.medium")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "InsufficientCapacity")


@SCENES.scene()
def progressing_storage_cooldown(team: Team) -> Resource:
    """A second growth of the volume within six hours."""
    team.run_space()
    team.edit("Space", "churn", storage={"sizeGiB": 50})
    team.wait_ready("Space", "churn")
    team.edit("Space", "churn", storage={"sizeGiB": 100})
    return wait(team, "StorageCooldown", "InService")


@SCENES.scene()
def progressing_throttled(team: Team) -> Resource:
    """AWS throttles the account."""
    refuse(team, "CreateSpace", "ThrottlingException", "Rate exceeded")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "Throttled", seconds=60)


@SCENES.scene()
def progressing_aws_unavailable(team: Team) -> Resource:
    """AWS fails with an internal error."""
    refuse(team, "CreateSpace", "InternalFailure", "An internal error occurred.", 500)
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "AwsUnavailable", seconds=60)


@SCENES.scene()
def progressing_aws_busy(team: Team) -> Resource:
    """AWS refuses for now, since something else is under way."""
    refuse(team, "CreateSpace", "ResourceInUse", "The domain is being updated.")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "AwsBusy")


# --- its tenant --------------------------------------------------------------------------------

# What a space of these scenes needs, in the end-to-end tests' own names.
ALLOWED = {"executionRoles": ["arn:aws:iam::*:role/studio*"]}


@SCENES.scene()
def healthy_policy_violation(team: Team) -> Resource:
    """Runs with what its StudioTenant does not allow; the tenant only tells"""
    team.rule(enforcement="Audit", allow=ALLOWED)
    team.apply(team.space(deletionPolicy="Orphan"))
    return team.wait_for(
        "Space",
        "churn",
        lambda it: it.reason == "Running" and it.has("PolicyViolation"),
        "runs, and tells what is not allowed",
    )


@SCENES.scene()
def degraded_policy_violation(team: Team) -> Resource:
    """To be made with what its StudioTenant does not allow"""
    team.rule(enforcement="Block", allow=ALLOWED)
    team.apply(team.space(deletionPolicy="Orphan"))
    return team.wait_reason("Space", "churn", "PolicyViolation")


@SCENES.scene()
def degraded_tenant_conflict(team: Team) -> Resource:
    """Two StudioTenants claim its namespace"""
    for name in (team.namespace, f"{team.namespace}-guest"):
        team.rule(name, enforcement="Block", allow=ALLOWED)
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "TenantConflict")


# --- needs a person ----------------------------------------------------------------------------


@SCENES.scene()
def degraded_quota(team: Team) -> Resource:
    """The account's quota for the instance type is used up."""
    team.simulator.set_quotas(instance_types={"ml.t3.medium": 0})
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "QuotaExceeded")


@SCENES.scene()
def degraded_rolled_back(team: Team) -> Resource:
    """Back on the type that ran before (`rollback`): the account may not run the new one."""
    team.simulator.set_quotas(instance_types={GPU: 0})
    team.run_space(rollback=True)
    team.edit("Space", "churn", instanceType=GPU)
    return wait(team, "QuotaExceeded", "InService")


@SCENES.scene()
def degraded_access_denied(team: Team) -> Resource:
    """The operator's IAM role may not do it."""
    deny(team, "CreateSpace")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "AccessDenied")


@SCENES.scene()
def degraded_rejected_by_aws(team: Team) -> Resource:
    """AWS refuses the request as wrong."""
    refuse(team, "CreateSpace", "ValidationException", "1 validation error detected.")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "RejectedByAWS")


@SCENES.scene()
def degraded_ownership_conflict(team: Team) -> Resource:
    """A space of that name exists, and is not this resource's."""
    team.simulator.create_space(team.domain_id, "churn", "alice", volume_size_in_gb=20)
    team.apply(team.space(state=None))
    return team.wait_reason("Space", "churn", "OwnershipConflict")


@SCENES.scene()
def degraded_immutable_field(team: Team) -> Resource:
    """The adopted space has another app, and AWS never changes that."""
    team.simulator.create_space(team.domain_id, "churn", "alice", app_type="CodeEditor")
    team.apply(team.space(adopt=True))
    return team.wait_reason("Space", "churn", "ImmutableField")


@SCENES.scene()
def degraded_remote_access_on_a_small_machine(team: Team) -> Resource:
    """Asks for what the space's instance type does not do: remote access on `ml.t3.medium`."""
    team.run_space(instanceType=None)
    team.edit("Space", "churn", remoteAccess="Enabled")
    return wait(team, "InvalidSpec", "InService")


@SCENES.scene()
def degraded_volume_cannot_shrink(team: Team) -> Resource:
    """The adopted space has a larger volume than is declared."""
    team.simulator.create_space(team.domain_id, "churn", "alice", volume_size_in_gb=100)
    team.apply(team.space(adopt=True))
    return wait(team, "VolumeCannotShrink", "Stopped")


@SCENES.scene()
def degraded_namespace_not_allowed(team: Team) -> Resource:
    """The domain of another namespace does not admit this one."""
    elsewhere = team.product.stack.access
    elsewhere.create_namespace(f"{team.namespace}-guest")
    guest = Team(team.product, f"{team.namespace}-guest")
    guest.apply(guest.space(domainRef={"name": "research", "namespace": team.namespace}))
    return guest.wait_reason("Space", "churn", "NamespaceNotAllowed")


@SCENES.scene(settled=False)
def degraded_shared_spaces_not_enabled(team: Team) -> Resource:
    """A shared space, and the domain has no role for those."""
    team.apply(team.domain(defaultSpaceSettings=None))
    team.apply(team.profile())
    team.wait_ready("UserProfile", "alice")
    team.apply(team.space(sharing="Shared"))
    return team.wait_reason("Space", "churn", "SharedSpacesNotEnabled")


@SCENES.scene()
def degraded_credentials_invalid(team: Team) -> Resource:
    """The operator's credentials have expired"""
    team.simulator.refuse_credentials()
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "CredentialsInvalid")


@SCENES.scene()
def degraded_studio_classic_ended(team: Team) -> Resource:
    """Asks for an app of Studio Classic, and AWS creates none any more."""
    team.apply(
        team.space(app="JupyterServer", sharing="Shared", storage=None, instanceType="system")
    )
    return team.wait_reason("Space", "churn", "StudioClassicEnded")


@SCENES.scene(settled=False)
def degraded_vpc_security_groups_missing(team: Team) -> Resource:
    """A shared space in a VpcOnly domain that names no security groups for those."""
    user = {"executionRole": "arn:aws:iam::123456789012:role/studio"}
    groups = {"securityGroups": ["sg-0a1b2c3d4e5f60718"]}
    team.apply(team.domain(network="VpcOnly", defaultUserSettings=user | groups))
    team.apply(team.profile())
    team.wait_ready("UserProfile", "alice")
    team.apply(team.space(sharing="Shared"))
    return team.wait_reason("Space", "churn", "VpcSecurityGroupsMissing")


@SCENES.scene(settled=False)
def degraded_image_required(team: Team) -> Resource:
    """No SageMaker Distribution is known for the region, and no image is named."""
    team.apply(team.domain(aws={"region": "ap-southeast-7"}))
    team.apply(team.profile())
    team.wait_ready("UserProfile", "alice")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "ImageRequired")


@SCENES.scene()
def degraded_creation_failed(team: Team) -> Resource:
    """AWS accepted the request and failed to make the space."""
    fail_later(team, "CreateSpace", "The volume could not be created.")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "CreationFailed")


@SCENES.scene()
def degraded_update_failed(team: Team) -> Resource:
    """AWS accepted an update and failed at it, several times."""
    team.run_space()
    fail_later(team, "UpdateSpace", "The volume could not be changed.")
    team.edit("Space", "churn", instanceType=LARGER)
    return team.wait_reason("Space", "churn", "UpdateFailed")


@SCENES.scene()
def degraded_lifecycle_config_failed(team: Team) -> Resource:
    """The lifecycle script fails, so the app never starts."""
    fail_later(team, "CreateApp", "LifecycleConfig script failed with exit code 1")
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "LifecycleConfigFailed")


@SCENES.scene()
def degraded_app_failed(team: Team) -> Resource:
    """The app ran and failed later."""
    team.run_space()
    team.simulator.fail_app(team.domain_id, "churn", reason="The health check failed.")
    return wait(team, "AppFailed", "Failed")


@SCENES.scene(start_deadline="2")
def degraded_start_deadline(team: Team) -> Resource:
    """AWS has not started the app within the deadline (30 minutes, unless set)."""
    team.simulator.set_durations(app_start=FOREVER)
    team.apply(team.space())
    return team.wait_reason("Space", "churn", "StartDeadlineExceeded")


@SCENES.scene()
def degraded_stop_blocked(team: Team) -> Resource:
    """Not stopped, since `stopPolicy` is Block and an endpoint made from it would go on."""
    team.run_space(stopPolicy="Block")
    deploy(team)
    team.edit("Space", "churn", state="Stopped")
    return wait(team, "LingeringResources", "InService")


@SCENES.scene()
def degraded_deleted_outside_of_git(team: Team) -> Resource:
    """Somebody deleted the space in AWS, with its volume."""
    team.apply(team.space(state="Stopped"))
    wait(team, "Stopped", "Stopped")
    team.simulator.delete_space(team.domain_id, "churn")
    return wait(team, "DeletedOutsideOfGit", "Failed")


# --- going -------------------------------------------------------------------------------------


@SCENES.scene()
def progressing_deleting(team: Team) -> Resource:
    """Being deleted in AWS (`deletionPolicy: Delete`)."""
    team.run_space(deletionPolicy="Delete")
    team.simulator.set_durations(space_delete=FOREVER)
    team.delete("Space", "churn")
    return team.wait_for(
        "Space",
        "churn",
        lambda it: "AWS shows" in it.message,
        "is being deleted in AWS",
    )


@SCENES.scene()
def progressing_stopping_to_retain(team: Team) -> Resource:
    """Deleted here; its app stops, the space and its volume stay."""
    team.run_space()
    team.simulator.set_durations(app_stop=FOREVER)
    team.delete("Space", "churn")
    return team.wait_for(
        "Space", "churn", lambda it: it.phase == "Deleting" and it.has("Reconciling"), "is going"
    )


@SCENES.scene()
def progressing_deletion_denied(team: Team) -> Resource:
    """Deleted here, and the operator's role may not delete it in AWS."""
    team.run_space(deletionPolicy="Delete")
    deny(team, "DeleteSpace")
    team.delete("Space", "churn")
    return team.wait_for(
        "Space", "churn", lambda it: it.reason == "AccessDenied", "may not be deleted"
    )
