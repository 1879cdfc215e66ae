"""Situations in which each reason shows up, put to the real planners.

What a planner says there is printed on the page of reasons as an example, so no message in the
documentation can differ from the operator's own. A reason without an example fails the generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from studio_operator.api.common import (
    OWNER_TAG,
    RESTART_REQUEST,
    ConditionType,
    Operation,
)
from studio_operator.kinds.managed_kind import ManagedKind
from studio_operator.kinds.space.api.backup import BackupStatus
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import EffectiveState, Rejection, SpaceStatus, StopWait
from studio_operator.kinds.space.features.backup.observed import ObservedBackup, ObservedScript
from studio_operator.kinds.space.features.backup.script import backup_arn, backup_name
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.kinds.space.features.lingering.observed import Lingering
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kinds.space.in_aws.observed import ImageRef, ObservedSpace, SpaceSettings
from studio_operator.kinds.space.kind import SPACE
from studio_operator.kinds.space.planner_input.images import distribution_arn
from studio_operator.kinds.space.planner_input.situation import SpaceSituation
from studio_operator.kinds.space.rules import plan_space
from studio_operator.kinds.studio_domain.api import StudioDomainSpec, StudioDomainStatus
from studio_operator.kinds.studio_domain.rules import plan_domain
from studio_operator.kinds.studio_domain.situation import DomainSituation
from studio_operator.kinds.studio_tenant.api import StudioTenantSpec, StudioTenantStatus
from studio_operator.kinds.studio_tenant.kind import STUDIO_TENANT
from studio_operator.kinds.studio_tenant.rules import TenantSituation, plan_tenant
from studio_operator.kinds.user_profile.api import UserProfileSpec, UserProfileStatus
from studio_operator.kinds.user_profile.kind import USER_PROFILE
from studio_operator.kinds.user_profile.rules import plan_profile
from studio_operator.kinds.user_profile.situation import ProfileSituation
from studio_operator.plan.messages import remedies_of
from studio_operator.plan.observed import LifecycleConfigs, Observed
from studio_operator.plan.ownership import Elsewhere
from studio_operator.plan.reasons import Reason
from studio_operator.plan.remedies import Remedy, Resource, set_field
from studio_operator.plan.tenancy.check import check
from studio_operator.plan.tenancy.governed import Governed
from studio_operator.plan.tenancy.policy import (
    Enforcement,
    NamespacePolicy,
    Subject,
    TenantRules,
    policy_for,
)
from studio_operator.plan.types import (
    Declared,
    DomainFacts,
    Failure,
    FailureKind,
    Plan,
    ProfileFacts,
    Tuning,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
CLUSTER = "0b6f7c1e-5d0e-4c36-9d53-6d1f0a9c7e21"
REGION = "eu-central-1"
DOMAIN_ID = "d-a1b2c3d4e5f6"
ARN = f"arn:aws:sagemaker:{REGION}:123456789012"
OTHER_OWNER = f"{CLUSTER}/other-team/churn/5f0c"

NO_ANNOTATIONS: Mapping[str, str] = {}
Situation = SpaceSituation | ProfileSituation | DomainSituation | TenantSituation


@dataclass(frozen=True)
class Example:
    """What a condition says: `standing` is Ready, Reconciling, Stalled, or the condition's type."""

    reason: Reason
    kind: str
    standing: str
    message: str


@dataclass(frozen=True)
class Offer:
    """What a message offers to do, and the resource that it stands on, with spec and status."""

    reason: Reason
    kind: str
    content: Mapping[str, Any]
    remedies: tuple[Remedy, ...]


def all_offers() -> Iterator[Offer]:
    """What the messages of all situations below offer, where they offer something."""
    situations: tuple[Situation, ...] = (*SPACES, *PROFILES, *DOMAINS, *TENANTS)
    for situation in situations:
        kind, plan = planned(situation)
        ready = plan.status.condition(ConditionType.READY)
        assert ready is not None
        content = {"spec": situation.declared.spec.dump(), "status": plan.status.dump()}
        offered = [plan.remedies, *(remedies_of(one.message) for one in plan.notes)]
        for remedies in offered:
            if remedies:
                yield Offer(Reason(ready.reason), kind, content, remedies)


def all_examples() -> Iterator[Example]:
    """What the planners say in all situations below, in their order."""
    situations: tuple[Situation, ...] = (*SPACES, *PROFILES, *DOMAINS, *TENANTS)
    for situation in situations:
        yield from _said(situation)


def _said(situation: Situation) -> Iterator[Example]:
    """What the Ready condition says, and further conditions where they say something else."""
    kind, plan = planned(situation)
    conditions = {condition.type: condition for condition in plan.status.conditions}
    ready = conditions.pop(ConditionType.READY)
    standing = next((one for one in ("Stalled", "Reconciling") if one in conditions), "Ready")
    yield Example(Reason(ready.reason), kind, standing, ready.message)
    for type_, condition in conditions.items():
        if condition.reason != ready.reason:
            yield Example(Reason(condition.reason), kind, type_, condition.message)


def planned(situation: Situation) -> tuple[str, Plan[Any]]:
    """The kind of what is planned, and its plan."""
    if isinstance(situation, SpaceSituation):
        return "Space", plan_space(situation)
    if isinstance(situation, ProfileSituation):
        return "UserProfile", plan_profile(situation)
    if isinstance(situation, TenantSituation):
        return "StudioTenant", plan_tenant(situation)
    return "StudioDomain", plan_domain(situation)


# --- a space that is as declared, and what may be different --------------------------------------

SPACE_SPEC: Mapping[str, Any] = {
    "domainRef": {"name": "research"},
    "ownerRef": {"name": "alice"},
    "app": "JupyterLab",
    "state": "Running",
    "instanceType": "ml.t3.medium",
    "storage": {"sizeGiB": 20},
}
RESEARCH = DomainFacts(
    "research",
    domain_id=DOMAIN_ID,
    region=REGION,
    shared_role="a role",
    arn=f"{ARN}:domain/{DOMAIN_ID}",
)
PRESENT = SpaceSettings(
    instance_type="ml.t3.medium", image=ImageRef(distribution_arn(REGION, "ml.t3.medium"), "4.2")
)
NOTEBOOKS = ObservedSpace(
    domain_id=DOMAIN_ID,
    name="churn-notebooks",
    status="InService",
    sharing="Private",
    owner="alice",
    app_type="JupyterLab",
    storage_gib=20,
    created_at=EARLIER,
    modified_at=EARLIER,
    arn=f"{ARN}:space/{DOMAIN_ID}/churn-notebooks",
    details=PRESENT,
    tags={OWNER_TAG: f"{CLUSTER}/ml-team/churn-notebooks/uid"},
)
MARKED_ELSEWHERE = Elsewhere(
    "space churn-notebooks", NOTEBOOKS.arn, (set_field("spaceName", "churn-notebooks"),)
)
RUNS = ObservedApp("JupyterLab", "default", "InService", "ml.t3.medium", created_at=EARLIER)
DELETED_APP = replace(RUNS, status="Deleted")
RAN = EffectiveState(state="Running", by="Spec", trigger="Running ml.t3.medium", reached=True)
LINGERING = Lingering((f"{ARN}:endpoint/churn-live",), NOW)
STOPPED = EffectiveState(state="Stopped", by="Spec", trigger="Stopped ml.t3.medium", reached=True)
RECORDED = SpaceStatus(arn=NOTEBOOKS.arn, storage_gib=20, observed_generation=1, effective=RAN)


def declare(
    name: str,
    spec: Any,
    *,
    deleting: bool = False,
    annotations: Mapping[str, str] = NO_ANNOTATIONS,
) -> Declared[Any]:
    """A resource as it stands in Kubernetes."""
    return Declared(
        name=name,
        namespace="ml-team",
        uid="uid",
        generation=1,
        created_at=EARLIER,
        spec=spec,
        deleting=deleting,
        finalizer=True,
        annotations=annotations,
    )


def space(
    *,
    deleting: bool = False,
    annotations: Mapping[str, str] = NO_ANNOTATIONS,
    spec: Mapping[str, Any] | None = None,
    **parts: Any,
) -> Any:
    """The situation of a running space, with other parts and other fields of the spec."""
    wanted = {k: v for k, v in {**SPACE_SPEC, **(spec or {})}.items() if v is not None}
    situation = SpaceSituation(
        declared=declare(
            "churn-notebooks",
            SpaceSpec.model_validate(wanted),
            deleting=deleting,
            annotations=annotations,
        ),
        status=RECORDED,
        domain=RESEARCH,
        owner=ProfileFacts("alice", "alice"),
        is_observed=True,
        space=NOTEBOOKS,
        app=RUNS,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


def new_space(*, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a space that AWS does not have yet."""
    return space(spec=spec, **{"status": SpaceStatus(), "space": None, "app": None, **parts})


def shown(**changes: Any) -> ObservedSpace:
    """The space as AWS shows it, but for some members."""
    return replace(NOTEBOOKS, **changes)


def failed_app(failure: str) -> ObservedApp:
    """An app whose start failed a moment ago."""
    return replace(RUNS, status="Failed", failure=failure)


INSTALL_TOOLS = f"{ARN}:studio-lifecycle-config/install-tools"
SETUP = f"{ARN}:studio-lifecycle-config/setup"
KNOWN_OWNER = ProfileFacts("alice", "alice", file_systems=())
KNOWN_DOMAIN = replace(RESEARCH, file_systems=())
# The region has one lifecycle configuration, for Code Editor.
LISTED = LifecycleConfigs({SETUP: "CodeEditor"}, NOW, is_listable=True)
WITH_DEFAULT_SCRIPT = replace(KNOWN_DOMAIN, default_scripts={"JupyterLab": INSTALL_TOOLS})


def failed_script(arn: str | None) -> ObservedApp:
    """An app whose lifecycle configuration failed; AWS says which it was, or nothing."""
    failed = failed_app("LifecycleConfig script failed with exit code 1")
    return replace(failed, lifecycle_config_arn=arn)


def failure(
    operation: str,
    kind: FailureKind,
    code: str,
    message: str,
    *fields: str,
    retry: bool = True,
) -> Failure:
    """A call that failed just now; `fields`: those that it was to carry out."""
    retry_at = NOW + timedelta(minutes=5) if retry else None
    failed = Failure(operation, kind, code, message, NOW, 1, retry_at, generation=1)
    return replace(failed, fields=fields)


STARTING = SpaceStatus(
    observed_generation=1,
    effective=RAN.model_copy(update={"reached": None}),
    starting_since=NOW - timedelta(seconds=30),
    last_start_at=NOW - timedelta(seconds=20),
)
STARTING_FOR_LONG = STARTING.model_copy(update={"starting_since": EARLIER})
GROWN = RECORDED.model_copy(update={"storage_grown_at": EARLIER})
GIVEN_UP = RECORDED.model_copy(
    update={
        "operation": Operation(
            type="Resize",
            step="UpdatingSpace",
            from_="ml.t3.medium",
            to="ml.m5.large",
            started_at=EARLIER,
            updates=3,
        )
    }
)
BACKUP_PLACE = "s3://team-backups/studio"
OTHER_PLACES = Tuning(features=(BackupTuning(places=("s3://studio-backups",)),))
BACKED_UP: Mapping[str, Any] = {"backup": {"s3Uri": BACKUP_PLACE}}
SCRIPT = backup_arn("aws", REGION, "123456789012", backup_name("JupyterLab", BACKUP_PLACE))
WITH_SCRIPT = replace(PRESENT, lifecycle_config_arn=SCRIPT)
ASKED_FOR_BACKUP = RECORDED.model_copy(
    update={
        "backup": BackupStatus(
            requested_at=EARLIER, requested_for="Resize", lifecycle_config_arn=SCRIPT
        ),
        "last_ran_on": "ml.t3.medium",
        "running_since": NOW,
    }
)
REPAIRED_IN_VAIN = RECORDED.model_copy(
    update={
        "operation": Operation(type="Update", step="RepairingSpace", started_at=EARLIER, updates=3)
    }
)
REFUSED = RECORDED.model_copy(
    update={
        "rejection": Rejection(
            generation=1,
            reason=Reason.REJECTED_BY_AWS,
            message="UpdateSpace: Invalid instance type. Correct the spec, or set the "
            "requested-at annotation to try again.",
        )
    }
)
DESCRIBED_OWNER = ProfileFacts("alice", "alice", file_systems=())
IDLE_TWO_HOURS = replace(PRESENT, idle_minutes=120)
IDLE: Mapping[str, Any] = {
    "spec": {"idleShutdown": {"after": "2h"}},
    "space": shown(details=IDLE_TWO_HOURS),
    "owner": DESCRIBED_OWNER,
}

TENANT = Resource(STUDIO_TENANT.name, "churn")


def tenancy(
    enforcement: str = "Block", *others: str, is_required: bool = False, **allowed: tuple[Any, ...]
) -> NamespacePolicy:
    """What holds in the namespace where the tenant churn has it, beside others; none by ""."""
    allow = {Subject(name): values for name, values in allowed.items()}
    names = [TENANT.name, *others] if enforcement else []
    tenants = [
        TenantRules(
            Resource(STUDIO_TENANT.name, name),
            ("ml-*",),
            Enforcement(enforcement),
            allow,
            timedelta(hours=8),
        )
        for name in names
    ]
    return policy_for("ml-team", STUDIO_TENANT.name, tenants, is_required=is_required)


def judged(situation: Any, kind: ManagedKind, policy: NamespacePolicy) -> Any:
    """The situation where that holds in its namespace, and a space's owner was looked at."""
    declared = situation.declared
    found = check(kind.names, declared.spec.dump(), declared.name, policy)
    known = {"owner": KNOWN_OWNER} if kind is SPACE else {}
    return replace(situation, policy=policy, violations=found, **known)


SCRIPTED: Mapping[str, Any] = {"lifecycleConfigArn": INSTALL_TOOLS}
WITH_TOOLS = shown(details=replace(PRESENT, lifecycle_config_arn=INSTALL_TOOLS))

SPACES: tuple[SpaceSituation, ...] = (
    # A tenant.
    judged(new_space(spec=SCRIPTED), SPACE, tenancy()),
    judged(space(spec=SCRIPTED, space=WITH_TOOLS), SPACE, tenancy("Audit")),
    judged(space(spec=SCRIPTED, space=WITH_TOOLS, app=DELETED_APP), SPACE, tenancy()),
    judged(
        space(spec=SCRIPTED, space=WITH_TOOLS, lingering=replace(LINGERING, arns=())),
        SPACE,
        tenancy("Stop"),
    ),
    judged(
        new_space(domain=replace(RESEARCH, user_role="arn:aws:iam::123456789012:role/admin")),
        SPACE,
        tenancy(),
    ),
    judged(
        new_space(spec={"remoteAccess": "Enabled", "instanceType": "ml.t3.large"}),
        SPACE,
        tenancy(),
    ),
    judged(new_space(spec={"deletionPolicy": "Delete"}), SPACE, tenancy()),
    judged(
        space(spec={"adopt": True}, status=SpaceStatus(), space=shown(tags={})), SPACE, tenancy()
    ),
    judged(new_space(), SPACE, tenancy("", is_required=True)),
    judged(new_space(), SPACE, tenancy("Block", "forecast")),
    # It goes well.
    space(),
    new_space(),
    space(app=replace(RUNS, status="Pending")),
    space(spec={"state": "Stopped"}, lingering=replace(LINGERING, arns=())),
    space(spec={"state": "Stopped"}, app=DELETED_APP, lingering=LINGERING),
    space(spec={"state": "Stopped", "stopPolicy": "Block"}, lingering=LINGERING),
    space(
        spec={"state": "Stopped", "stopPolicy": "Block"},
        app=DELETED_APP,
        lingering=LINGERING,
        status=RECORDED.model_copy(update={"stop_wait": StopWait(ended_at=EARLIER)}),
    ),
    space(**IDLE, domain=replace(RESEARCH, idle_enabled={"JupyterLab": False})),
    space(**{**IDLE, "owner": replace(DESCRIBED_OWNER, idle_enabled={"JupyterLab": False})}),
    space(
        spec={"idleShutdown": {"after": "2h"}, "image": {"distribution": "1.12"}},
        space=shown(
            details=replace(IDLE_TWO_HOURS, image=replace(PRESENT.image, version_alias="1.12"))
        ),
    ),
    space(app=DELETED_APP),
    space(spec={"state": "Stopped"}, status=RECORDED.model_copy(update={"effective": STOPPED})),
    space(spec={"instanceType": "ml.m5.large"}),
    space(
        spec={"state": "Stopped", "storage": {"sizeGiB": 50}},
        app=None,
        status=RECORDED.model_copy(update={"effective": STOPPED}),
    ),
    space(annotations={RESTART_REQUEST: "2026-03-02T09:30:00Z"}),
    space(space=shown(tags={OWNER_TAG: f"{CLUSTER}/ml-team/churn-notebooks/released"})),
    space(spec={"tags": {"team": "churn"}}),
    space(deleting=True),
    space(deleting=True, spec={"deletionPolicy": "Delete"}, app=None),
    space(deleting=True, app=None),
    space(deleting=True, app=None, space=None),
    # It waits for something.
    space(spec={"instanceType": "ml.m5.large", "resizePolicy": "WhenStopped"}),
    space(spec={"displayName": "Churn"}, space=shown(display_name="Notebooks")),
    new_space(is_observed=False),
    new_space(domain=None),
    new_space(owner=None),
    space(spec={"storage": {"sizeGiB": 50}}, status=GROWN),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.BUSY,
            "ResourceInUse",
            "Unable to create Space churn-notebooks because UserProfile alice is not in InService",
        )
    ),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.TRANSIENT,
            "EndpointConnectionError",
            "Could not connect to the endpoint URL",
        )
    ),
    new_space(
        failure=failure(
            "CreateSpace", FailureKind.TRANSIENT, "ThrottlingException", "Rate exceeded"
        )
    ),
    space(status=STARTING, app=failed_app("EC2InsufficientCapacityError")),
    space(status=STARTING, app=failed_app("VolumeModificationRateExceeded")),
    # It needs a person.
    space(status=STARTING_FOR_LONG, app=failed_app("EC2InsufficientCapacityError")),
    space(status=STARTING, app=failed_app("the instance did not pass its health check")),
    space(
        status=STARTING,
        spec={"lifecycleConfigArn": INSTALL_TOOLS},
        space=shown(details=replace(PRESENT, lifecycle_config_arn=INSTALL_TOOLS)),
        app=failed_script(INSTALL_TOOLS),
    ),
    space(
        status=STARTING,
        domain=WITH_DEFAULT_SCRIPT,
        owner=KNOWN_OWNER,
        app=failed_script(INSTALL_TOOLS),
    ),
    space(
        status=STARTING,
        domain=KNOWN_DOMAIN,
        owner=replace(KNOWN_OWNER, default_scripts={"JupyterLab": INSTALL_TOOLS}),
        app=failed_script(None),
    ),
    space(
        status=STARTING,
        spec=BACKED_UP,
        space=shown(details=WITH_SCRIPT),
        app=replace(failed_script(SCRIPT), built_in_config_arn=SETUP),
    ),
    space(
        status=STARTING,
        domain=KNOWN_DOMAIN,
        owner=KNOWN_OWNER,
        app=replace(failed_script(None), built_in_config_arn=SETUP),
    ),
    space(status=STARTING, domain=KNOWN_DOMAIN, owner=KNOWN_OWNER, app=failed_script(None)),
    space(spec={"lifecycleConfigArn": SETUP}, lifecycle_configs=LISTED),
    space(spec={"lifecycleConfigArn": INSTALL_TOOLS}, lifecycle_configs=LISTED),
    space(app=replace(RUNS, status="Failed", failure="the instance became unhealthy")),
    space(status=STARTING_FOR_LONG, app=replace(RUNS, status="Pending")),
    new_space(rival="ml-team/churn-copy"),
    space(status=SpaceStatus(), space=shown(tags={})),
    space(status=SpaceStatus(), space=shown(tags={OWNER_TAG: OTHER_OWNER})),
    space(space=shown(app_type="CodeEditor")),
    new_space(spec={"spaceName": "churn"}, elsewhere=(MARKED_ELSEWHERE,)),
    new_space(
        status=SpaceStatus(operation=Operation(type="Create", started_at=EARLIER)),
        spec={"spaceName": "churn"},
        elsewhere=(MARKED_ELSEWHERE,),
    ),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.INVALID,
            "ValidationException",
            "User Profile already exists with the same name 'churn-notebooks'.",
            retry=False,
        )
    ),
    space(status=REFUSED, spec={"instanceType": "ml.m5.large"}),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.ACCESS,
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/studio-operator/operator is not "
            "authorized to perform: sagemaker:CreateSpace",
        )
    ),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.CREDENTIALS,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
    ),
    new_space(failure=failure("CreateSpace", FailureKind.CREDENTIALS, "SignatureDoesNotMatch", "")),
    space(
        status=STARTING,
        app=None,
        failure=failure(
            "CreateApp",
            FailureKind.QUOTA,
            "ResourceLimitExceeded",
            "The account-level service limit 'Studio JupyterLab Apps running on ml.t3.medium "
            "instances' is 0 Apps",
        ),
    ),
    new_space(
        spec={"domainRef": {"name": "research", "namespace": "platform"}},
        domain=replace(RESEARCH, admits=False),
    ),
    new_space(spec={"sharing": "Shared"}, domain=replace(RESEARCH, shared_role=None)),
    new_space(spec={"sharing": "Shared"}, domain=replace(RESEARCH, vpc_only=True)),
    new_space(
        domain=replace(RESEARCH, vpc_only=True),
        owner=ProfileFacts("alice", "alice", security_groups=()),
    ),
    new_space(
        spec={
            "app": "JupyterServer",
            "instanceType": "system",
            "storage": None,
            "sharing": "Shared",
        }
    ),
    new_space(domain=replace(RESEARCH, region="cn-north-1")),
    new_space(namesake="space Churn-Notebooks"),
    space(spec={"storage": {"sizeGiB": 10}}),
    space(
        spec={"storage": {"sizeGiB": 10}, "drift": {"storage": "Report"}},
    ),
    space(space=None, app=None),
    space(space=shown(status="Failed", failure="the volume could not be created"), app=None),
    space(space=shown(status="Delete_Failed", failure="an internal error"), app=None),
    space(
        space=shown(status="Update_Failed", failure="an internal error"),
        app=None,
        status=REPAIRED_IN_VAIN,
    ),
    space(spec={"instanceType": "ml.m5.large"}, status=GIVEN_UP),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP,
        backup=ObservedBackup(looked_at=NOW, requested_at=EARLIER),
        script=ObservedScript(exists=True),
    ),
    space(
        app=None,
        deleting=True,
        spec={"state": "Stopped", "deletionPolicy": "Delete", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP.model_copy(
            update={
                "effective": STOPPED,
                "backup": BackupStatus(
                    requested_at=EARLIER, requested_for="Delete", lifecycle_config_arn=SCRIPT
                ),
            }
        ),
        script=ObservedScript(exists=True),
        backup=ObservedBackup(
            looked_at=NOW,
            requested_at=EARLIER,
            completed_at=EARLIER - timedelta(days=3),
        ),
    ),
    # Limits of back-ups.
    space(spec=BACKED_UP, tuning=OTHER_PLACES),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP,
        tuning=OTHER_PLACES,
    ),
    space(spec=BACKED_UP, script=ObservedScript(exists=False, full="namespace")),
    space(spec=BACKED_UP, script=ObservedScript(exists=False, full="all")),
    space(spec=BACKED_UP, script=ObservedScript(exists=False, is_foreign=True)),
    # Back-ups that do not come.
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=PRESENT),
        status=ASKED_FOR_BACKUP.model_copy(
            update={"backup": BackupStatus(requested_at=EARLIER, requested_for="Resize")}
        ),
        script=ObservedScript(exists=False, full="namespace"),
        backup=ObservedBackup(looked_at=NOW, requested_at=EARLIER),
    ),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP,
        script=ObservedScript(exists=True),
        backup=ObservedBackup(
            looked_at=NOW,
            requested_at=EARLIER,
            failure="An error occurred (AccessDenied) when calling the PutObject operation",
            failed_for=EARLIER,
        ),
    ),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP.model_copy(update={"running_since": EARLIER}),
        backup=ObservedBackup(looked_at=NOW, requested_at=EARLIER),
        script=ObservedScript(exists=True),
    ),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(details=WITH_SCRIPT),
        status=ASKED_FOR_BACKUP,
        failure=failure("GetObject", FailureKind.ACCESS, "AccessDenied", "Access Denied"),
    ),
    # What another resource let go.
    space(
        status=SpaceStatus(),
        space=shown(tags={OWNER_TAG: f"{CLUSTER}/other-team/churn/released"}),
    ),
    space(
        status=SpaceStatus(),
        spec={"adopt": True},
        space=shown(tags={}),
        owner=ProfileFacts("alice", "alice", problem="it is being created"),
    ),
)

# --- a user profile that is as declared, and what may be different -------------------------------

ALICE = Observed(
    domain_id=DOMAIN_ID,
    name="alice",
    status="InService",
    created_at=EARLIER,
    modified_at=EARLIER,
    arn=f"{ARN}:user-profile/{DOMAIN_ID}/alice",
    details={},
    tags={OWNER_TAG: f"{CLUSTER}/ml-team/alice/uid"},
)


def profile(*, deleting: bool = False, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a profile, with other parts and other fields of the spec."""
    wanted = UserProfileSpec.model_validate({"domainRef": {"name": "research"}, **(spec or {})})
    situation = ProfileSituation(
        declared=declare("alice", wanted, deleting=deleting),
        status=UserProfileStatus(observed_generation=1),
        domain=RESEARCH,
        is_observed=True,
        profile=ALICE,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


PROFILES: tuple[ProfileSituation, ...] = (
    profile(),
    judged(
        profile(spec={"userSettings": {"posixUser": {"uid": 200001, "gid": 1001}}}, profile=None),
        USER_PROFILE,
        tenancy(),
    ),
    judged(
        profile(spec={"userSettings": {"securityGroups": ["sg-0a1b2c3d"]}}),
        USER_PROFILE,
        tenancy(),
    ),
    profile(domain=None),
    profile(
        spec={"userSettings": {"jupyterLab": {"lifecycleConfigArns": [SETUP]}}},
        lifecycle_configs=LISTED,
    ),
    profile(profile=None, namesake="space Alice"),
    profile(
        profile=None,
        failure=failure(
            "CreateUserProfile",
            FailureKind.INVALID,
            "ValidationException",
            "The security group sg-wrong does not exist.",
        ),
    ),
    profile(domain=replace(RESEARCH, vpc_only=True), profile=None),
    profile(profile=replace(ALICE, tags={})),
    profile(domain=replace(RESEARCH, auth_mode="SSO")),
    profile(
        domain=replace(RESEARCH, auth_mode="IAM"),
        spec={"singleSignOn": {"value": "alice@example.com"}},
    ),
    profile(deleting=True, dependents=("ml-team/churn-notebooks",)),
    profile(
        deleting=True, spec={"deletionPolicy": "Delete"}, apps_in_aws=("Canvas", "JupyterServer")
    ),
    profile(
        deleting=True, spec={"deletionPolicy": "Delete"}, spaces_in_aws=("churn-notebooks", "tmp")
    ),
)

# --- a domain that is as declared, and what may be different -------------------------------------

DETAILS: Mapping[str, Any] = {
    "AuthMode": "IAM",
    "VpcId": "vpc-0a1b2c3d",
    "SubnetIds": ["subnet-0a1b2c3d"],
    "AppNetworkAccessType": "PublicInternetOnly",
    "DefaultUserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/studio"},
    "DefaultSpaceSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/shared"},
}
DOMAIN_SPEC: Mapping[str, Any] = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d"],
    "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/studio"},
}
RESEARCH_DOMAIN = Observed(
    domain_id=DOMAIN_ID,
    name="research",
    status="InService",
    created_at=EARLIER,
    modified_at=EARLIER,
    arn=f"{ARN}:domain/{DOMAIN_ID}",
    details=DETAILS,
    tags={OWNER_TAG: f"{CLUSTER}/ml-team/research/uid"},
)


CLOSED_DETAILS: Mapping[str, Any] = {
    **DETAILS,
    "AppNetworkAccessType": "VpcOnly",
    "DefaultUserSettings": {**DETAILS["DefaultUserSettings"], "SecurityGroups": ["sg-0a1b2c3d"]},
}


def domain(*, deleting: bool = False, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a domain, with other parts and other fields of the spec."""
    wanted = {k: v for k, v in {**DOMAIN_SPEC, **(spec or {})}.items() if v is not None}
    situation = DomainSituation(
        declared=declare("research", StudioDomainSpec.model_validate(wanted), deleting=deleting),
        status=StudioDomainStatus(
            observed_generation=1, domain_id=DOMAIN_ID, arn=RESEARCH_DOMAIN.arn
        ),
        region=REGION,
        is_observed=True,
        domain=RESEARCH_DOMAIN,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


def new_domain(*, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a domain whose id is not known yet."""
    return domain(spec=spec, **{"status": StudioDomainStatus(), "domain": None, **parts})


DOMAINS: tuple[DomainSituation, ...] = (
    domain(),
    new_domain(),
    new_domain(candidates=(replace(RESEARCH_DOMAIN, tags={}),)),
    new_domain(
        failure=failure(
            "CreateDomain",
            FailureKind.ACCESS,
            "AccessDeniedException",
            "not authorized to perform: sagemaker:CreateDomain with an explicit deny in a service "
            "control policy",
        ),
    ),
    new_domain(
        spec={
            "defaultUserSettings": {
                **DOMAIN_SPEC["defaultUserSettings"],
                "jupyterLab": {"defaultResourceSpec": {"lifecycleConfigArn": INSTALL_TOOLS}},
            }
        },
        lifecycle_configs=LISTED,
    ),
    new_domain(spec={"vpcId": None}),
    new_domain(spec={"domainId": "d-unknown"}),
    domain(
        spec={"network": "VpcOnly"},
        status=StudioDomainStatus(
            observed_generation=1,
            domain_id=DOMAIN_ID,
            arn=RESEARCH_DOMAIN.arn,
            managed_fields=("defaultUserSettings.securityGroups",),
        ),
        domain=replace(RESEARCH_DOMAIN, details=CLOSED_DETAILS),
    ),
    domain(
        spec={"network": "VpcOnly"},
        running_apps=("space churn-notebooks", "Canvas of alice"),
        failure=failure(
            "UpdateDomain", FailureKind.BUSY, "ResourceInUse", "App(s) are associated.", "network"
        ),
    ),
    domain(
        spec={"domainSettings": {"executionRoleIdentity": "USER_PROFILE_NAME"}},
        running_apps=("space churn-notebooks",),
        failure=failure(
            "UpdateDomain",
            FailureKind.BUSY,
            "ResourceInUse",
            "App(s) are in InService or Pending state.",
            "domainSettings.executionRoleIdentity",
        ),
    ),
    *(
        domain(
            spec={
                "defaultUserSettings": {
                    **DOMAIN_SPEC["defaultUserSettings"],
                    "posixUser": {"uid": 200001, "gid": 1001},
                }
            },
            domain=replace(
                RESEARCH_DOMAIN,
                details={
                    **DETAILS,
                    "DefaultUserSettings": {**DETAILS["DefaultUserSettings"], **posix_user},
                },
            ),
            profiles_in_aws=("alice",),
            failure=failure(
                "UpdateDomain",
                FailureKind.INVALID,
                "ValidationException",
                "the POSIX user can't be changed.",
                "defaultUserSettings.posixUser.gid",
                "defaultUserSettings.posixUser.uid",
            ),
        )
        for posix_user in ({}, {"CustomPosixUserConfig": {"Uid": 10000, "Gid": 2000}})
    ),
    domain(
        spec={"tagPropagation": "ENABLED", "subnetIds": ["subnet-0a1b2c3d", "subnet-0b1c2d3e"]},
        failure=failure(
            "UpdateDomain",
            FailureKind.ACCESS,
            "AccessDeniedException",
            "not authorized to perform: sagemaker:UpdateDomain",
            "subnetIds",
            "tagPropagation",
        ),
    ),
    domain(spec={"authMode": "SSO"}),
    domain(spec={"tagPropagation": "ENABLED"}),
    domain(domain=None),
    domain(
        domain=replace(RESEARCH_DOMAIN, status="Failed", failure="the subnet has no free address")
    ),
    domain(deleting=True, dependents=("UserProfile ml-team/alice",)),
    domain(
        deleting=True,
        spec={"deletionPolicy": "Delete"},
        spaces_in_aws=("churn-notebooks",),
        profiles_in_aws=("alice", "bob"),
    ),
    domain(
        deleting=True,
        spec={"deletionPolicy": "Delete"},
        domain=replace(
            RESEARCH_DOMAIN, status="Delete_Failed", failure="an internal error", modified_at=NOW
        ),
    ),
    domain(deleting=True),
)

# --- a tenant -------------------------------------------------------------------------------------


def tenant(governed: Governed) -> TenantSituation:
    """The situation of a tenant that has these namespaces."""
    spec = StudioTenantSpec.model_validate({"namespaces": {"names": ["ml-*"]}})
    declared = replace(declare("churn", spec), namespace="")
    return TenantSituation(declared, StudioTenantStatus(), governed, NOW)


TENANTS: tuple[TenantSituation, ...] = (
    tenant(Governed(("ml-team",), {"Space": 12, "UserProfile": 3})),
    tenant(Governed(conflicts={"ml-team": ("StudioTenant forecast",)})),
)
