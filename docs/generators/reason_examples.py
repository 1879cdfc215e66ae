"""Situations in which each reason shows up, put to the real planners.

What a planner says there is printed on the page of reasons as an example, so no message in the
documentation can differ from the operator's own. A reason without an example fails the generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from studio_operator.api.backup import BackupStatus
from studio_operator.api.common import (
    OWNER_TAG,
    RESTART_REQUEST,
    CommonStatus,
    ConditionType,
    Operation,
)
from studio_operator.api.domain import StudioDomainSpec, StudioDomainStatus
from studio_operator.api.profile import UserProfileSpec, UserProfileStatus
from studio_operator.api.space import SpaceSpec
from studio_operator.api.space_status import EffectiveState, Rejection, SpaceStatus
from studio_operator.plan.backup_script import backup_arn, backup_name
from studio_operator.plan.domain import plan_domain
from studio_operator.plan.images import distribution_arn
from studio_operator.plan.observed import (
    ImageRef,
    Lingering,
    ObservedApp,
    ObservedBackup,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.profile import plan_profile
from studio_operator.plan.reasons import Reason
from studio_operator.plan.situations import DomainSituation, ProfileSituation, SpaceSituation
from studio_operator.plan.space import plan_space
from studio_operator.plan.types import (
    Declared,
    DomainFacts,
    Failure,
    FailureKind,
    ProfileFacts,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
CLUSTER = "0b6f7c1e-5d0e-4c36-9d53-6d1f0a9c7e21"
REGION = "eu-central-1"
DOMAIN_ID = "d-a1b2c3d4e5f6"
ARN = f"arn:aws:sagemaker:{REGION}:123456789012"
OTHER_OWNER = f"{CLUSTER}/other-team/churn/5f0c"

NO_ANNOTATIONS: Mapping[str, str] = {}
Situation = SpaceSituation | ProfileSituation | DomainSituation


@dataclass(frozen=True)
class Example:
    """What a condition says: `standing` is Ready, Reconciling, Stalled, or the condition's type."""

    reason: Reason
    kind: str
    standing: str
    message: str


def all_examples() -> Iterator[Example]:
    """What the planners say in all situations below, in their order."""
    situations: tuple[Situation, ...] = (*SPACES, *PROFILES, *DOMAINS)
    for situation in situations:
        yield from _said(situation)


def _said(situation: Situation) -> Iterator[Example]:
    """What the Ready condition says, and further conditions where they say something else."""
    status: CommonStatus
    if isinstance(situation, SpaceSituation):
        kind, status = "Space", plan_space(situation).status
    elif isinstance(situation, ProfileSituation):
        kind, status = "UserProfile", plan_profile(situation).status
    else:
        kind, status = "StudioDomain", plan_domain(situation).status
    conditions = {condition.type: condition for condition in status.conditions}
    ready = conditions.pop(ConditionType.READY)
    standing = next((one for one in ("Stalled", "Reconciling") if one in conditions), "Ready")
    yield Example(Reason(ready.reason), kind, standing, ready.message)
    for type_, condition in conditions.items():
        if condition.reason != ready.reason:
            yield Example(Reason(condition.reason), kind, type_, condition.message)


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
    settings=PRESENT,
    tags={OWNER_TAG: f"{CLUSTER}/ml-team/churn-notebooks/uid"},
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
        memory=RECORDED,
        domain=RESEARCH,
        owner=ProfileFacts("alice", "alice"),
        visible=True,
        space=NOTEBOOKS,
        app=RUNS,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


def new_space(*, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a space that AWS does not have yet."""
    return space(spec=spec, **{"memory": SpaceStatus(), "space": None, "app": None, **parts})


def shown(**changes: Any) -> ObservedSpace:
    """The space as AWS shows it, but for some members."""
    return replace(NOTEBOOKS, **changes)


def failed_app(failure: str) -> ObservedApp:
    """An app whose start failed a moment ago."""
    return replace(RUNS, status="Failed", failure=failure)


def failure(
    operation: str, kind: FailureKind, code: str, message: str, *, retry: bool = True
) -> Failure:
    """A call that failed just now."""
    retry_at = NOW + timedelta(minutes=5) if retry else None
    return Failure(operation, kind, code, message, NOW, 1, retry_at, generation=1)


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
            type="Resize", from_="ml.t3.medium", to="ml.m5.large", started_at=EARLIER, updates=3
        )
    }
)
BACKUP_PLACE = "s3://team-backups/studio"
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
    update={"operation": Operation(type="Update", to="", started_at=EARLIER, updates=3)}
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

SPACES: tuple[SpaceSituation, ...] = (
    # It goes well.
    space(),
    new_space(),
    space(app=replace(RUNS, status="Pending")),
    space(spec={"state": "Stopped"}, lingering=replace(LINGERING, arns=())),
    space(spec={"state": "Stopped"}, app=DELETED_APP, lingering=LINGERING),
    space(spec={"state": "Stopped", "stopPolicy": "Block"}, lingering=LINGERING),
    space(app=DELETED_APP),
    space(spec={"state": "Stopped"}, memory=RECORDED.model_copy(update={"effective": STOPPED})),
    space(spec={"instanceType": "ml.m5.large"}),
    space(
        spec={"state": "Stopped", "storage": {"sizeGiB": 50}},
        app=None,
        memory=RECORDED.model_copy(update={"effective": STOPPED}),
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
    new_space(visible=False),
    new_space(domain=None),
    new_space(owner=None),
    space(spec={"storage": {"sizeGiB": 50}}, memory=GROWN),
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
    space(memory=STARTING, app=failed_app("EC2InsufficientCapacityError")),
    space(memory=STARTING, app=failed_app("VolumeModificationRateExceeded")),
    # It needs a person.
    space(memory=STARTING_FOR_LONG, app=failed_app("EC2InsufficientCapacityError")),
    space(memory=STARTING, app=failed_app("the instance did not pass its health check")),
    space(memory=STARTING, app=failed_app("LifecycleConfig script failed with exit code 1")),
    space(app=replace(RUNS, status="Failed", failure="the instance became unhealthy")),
    space(memory=STARTING_FOR_LONG, app=replace(RUNS, status="Pending")),
    new_space(rival="other-team/churn-notebooks"),
    space(memory=SpaceStatus(), space=shown(tags={})),
    space(memory=SpaceStatus(), space=shown(tags={OWNER_TAG: OTHER_OWNER})),
    space(space=shown(app_type="CodeEditor")),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.INVALID,
            "ValidationException",
            "User Profile already exists with the same name 'churn-notebooks'.",
            retry=False,
        )
    ),
    space(memory=REFUSED, spec={"instanceType": "ml.m5.large"}),
    new_space(
        failure=failure(
            "CreateSpace",
            FailureKind.ACCESS,
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/studio-operator/operator is not "
            "authorized to perform: sagemaker:CreateSpace",
        )
    ),
    space(
        memory=STARTING,
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
    new_space(domain=replace(RESEARCH, region="cn-north-1")),
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
        memory=REPAIRED_IN_VAIN,
    ),
    space(spec={"instanceType": "ml.m5.large"}, memory=GIVEN_UP),
    space(
        spec={"instanceType": "ml.m5.large", **BACKED_UP},
        space=shown(settings=WITH_SCRIPT),
        memory=ASKED_FOR_BACKUP,
        backup=ObservedBackup(has_script=True, looked_at=NOW, requested_at=EARLIER),
    ),
    space(
        app=None,
        deleting=True,
        spec={"state": "Stopped", "deletionPolicy": "Delete", **BACKED_UP},
        space=shown(settings=WITH_SCRIPT),
        memory=ASKED_FOR_BACKUP.model_copy(
            update={
                "effective": STOPPED,
                "backup": BackupStatus(
                    requested_at=EARLIER, requested_for="Delete", lifecycle_config_arn=SCRIPT
                ),
            }
        ),
        backup=ObservedBackup(
            has_script=True,
            looked_at=NOW,
            requested_at=EARLIER,
            completed_at=EARLIER - timedelta(days=3),
        ),
    ),
)

# --- a user profile that is as declared, and what may be different -------------------------------

ALICE = ObservedProfile(
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
        memory=UserProfileStatus(observed_generation=1),
        domain=RESEARCH,
        visible=True,
        profile=ALICE,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


PROFILES: tuple[ProfileSituation, ...] = (
    profile(),
    profile(domain=None),
    profile(profile=replace(ALICE, tags={})),
    profile(domain=replace(RESEARCH, auth_mode="SSO")),
    profile(
        domain=replace(RESEARCH, auth_mode="IAM"),
        spec={"singleSignOn": {"value": "alice@example.com"}},
    ),
    profile(deleting=True, dependents=("ml-team/churn-notebooks",)),
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
}
DOMAIN_SPEC: Mapping[str, Any] = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d"],
    "defaultUserSettings": {"executionRole": "arn:aws:iam::123456789012:role/studio"},
}
RESEARCH_DOMAIN = ObservedDomain(
    domain_id=DOMAIN_ID,
    name="research",
    status="InService",
    created_at=EARLIER,
    modified_at=EARLIER,
    arn=f"{ARN}:domain/{DOMAIN_ID}",
    details=DETAILS,
    tags={OWNER_TAG: f"{CLUSTER}/ml-team/research/uid"},
)


def domain(*, deleting: bool = False, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a domain, with other parts and other fields of the spec."""
    wanted = {k: v for k, v in {**DOMAIN_SPEC, **(spec or {})}.items() if v is not None}
    situation = DomainSituation(
        declared=declare("research", StudioDomainSpec.model_validate(wanted), deleting=deleting),
        memory=StudioDomainStatus(
            observed_generation=1, domain_id=DOMAIN_ID, arn=RESEARCH_DOMAIN.arn
        ),
        region=REGION,
        visible=True,
        domain=RESEARCH_DOMAIN,
        cluster=CLUSTER,
        now=NOW,
    )
    return replace(situation, **parts)


def new_domain(*, spec: Mapping[str, Any] | None = None, **parts: Any) -> Any:
    """The situation of a domain whose id is not known yet."""
    return domain(spec=spec, **{"memory": StudioDomainStatus(), "domain": None, **parts})


DOMAINS: tuple[DomainSituation, ...] = (
    domain(),
    new_domain(),
    new_domain(candidates=(replace(RESEARCH_DOMAIN, tags={}),)),
    new_domain(spec={"vpcId": None}),
    new_domain(spec={"domainId": "d-unknown"}),
    new_domain(spec={"network": "VpcOnly"}),
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
