"""What the machinery knows of a UserProfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.managed_kind import (
    AGE,
    MESSAGE,
    READY,
    Column,
    ManagedKind,
    Reference,
    ScopeLevel,
)
from studio_operator.kinds.user_profile.api import (
    ROOT_RULES,
    SPEC_RULES,
    UserProfile,
    UserProfileSpec,
    UserProfileStatus,
)
from studio_operator.kinds.user_profile.exported import EXPORTING
from studio_operator.kinds.user_profile.names import NAMES
from studio_operator.kinds.user_profile.operations import OPERATIONS
from studio_operator.plan.observed import Observed

if TYPE_CHECKING:
    from studio_operator.kinds.assumed import Assumption, AssumptionInput
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.user_profile.gather import plan  # noqa: PLC0415

    return plan(context)


def _assume(given: AssumptionInput) -> Assumption:
    from studio_operator.kinds.user_profile.assumed import assume  # noqa: PLC0415

    return assume(given)


USER_PROFILE = ManagedKind(
    model=UserProfile,
    spec=UserProfileSpec,
    status=UserProfileStatus,
    plural="userprofiles",
    short_name="uprof",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("Status", ".status.phase", description="Where the profile stands."),
        READY,
        AGE,
        Column(
            "AWS-Name", ".status.userProfileName", description="Name of the profile.", wide=True
        ),
        Column("Domain-ID", ".status.domainId", description="Id of the domain.", wide=True),
        Column(
            "Execution-Role",
            ".status.executionRole",
            description="The IAM role of the person's private spaces, where the profile names one.",
            wide=True,
        ),
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".status.phase"),
    root_rules=ROOT_RULES,
    spec_rules=SPEC_RULES,
    noun="user profile",
    word="profile",
    arn_segment="user-profile",
    scope_level=ScopeLevel.DOMAIN,
    name_field="userProfileName",
    planner=_plan,
    operations=OPERATIONS,
    names=NAMES,
    assume=_assume,
    exporting=EXPORTING,
    aws_type=AwsType(
        name="UserProfile",
        listing="ListUserProfiles",
        describing="DescribeUserProfile",
        items="UserProfiles",
        id="UserProfileName",
        arn="UserProfileArn",
        record=Observed,
        details_asked=True,
    ),
    names_in_any_case=True,
    is_person=True,
    references=(Reference("domainRef", "StudioDomain", crosses_namespaces=True),),
)
