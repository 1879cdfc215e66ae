"""What the machinery knows of a StudioDomain."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.managed_kind import AGE, MESSAGE, READY, Column, ManagedKind, ScopeLevel
from studio_operator.kinds.plan_words import PlanWords
from studio_operator.kinds.studio_domain.api import (
    ROOT_RULES,
    SPEC_RULES,
    StudioDomain,
    StudioDomainSpec,
    StudioDomainStatus,
)
from studio_operator.kinds.studio_domain.exported import EXPORTING
from studio_operator.kinds.studio_domain.names import NAMES
from studio_operator.kinds.studio_domain.operations import OPERATIONS
from studio_operator.kinds.studio_domain.view import known_domain_id
from studio_operator.plan.observed import Observed

if TYPE_CHECKING:
    from studio_operator.kinds.assumed import Assumption, AssumptionInput
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.studio_domain.gather import plan  # noqa: PLC0415

    return plan(context)


def _assume(given: AssumptionInput) -> Assumption:
    from studio_operator.kinds.studio_domain.assumed import assume  # noqa: PLC0415

    return assume(given)


def _deleted(spec: Mapping[str, Any]) -> tuple[str, bool]:
    """What a plan says of a deletion, and whether files are lost."""
    if spec.get("homeEfsRetention") == "Delete":
        text = (
            "DATA LOSS: deletes the domain and the file system with people's home folders "
            "(deletionPolicy Delete, homeEfsRetention Delete); this can't be undone"
        )
        return text, True
    text = "deletes the domain (deletionPolicy Delete); the file system with people's home folders"
    return f"{text} stays", False


STUDIO_DOMAIN = ManagedKind(
    model=StudioDomain,
    spec=StudioDomainSpec,
    status=StudioDomainStatus,
    plural="studiodomains",
    short_name="sdom",
    columns=(
        Column("ID", ".status.domainId", description="Id of the domain."),
        Column("Auth", ".status.authMode", description="How people sign in: IAM or SSO."),
        Column("Network", ".status.network", description="How apps reach the internet."),
        Column("Status", ".status.phase", description="Where the domain stands."),
        READY,
        AGE,
        Column("AWS-Name", ".status.domainName", description="Name of the domain.", wide=True),
        Column("Region", ".status.region", description="AWS region.", wide=True),
        Column(
            "Execution-Role",
            ".spec.defaultUserSettings.executionRole",
            description="The IAM role of private spaces, where a profile names no other.",
            wide=True,
        ),
        Column(
            "Shared-Role",
            ".status.sharedSpaces.executionRole",
            description="The IAM role of all shared spaces.",
            wide=True,
        ),
        Column(
            "Home-EFS",
            ".status.homeEfsFileSystemId",
            description="File system of the home folders.",
            wide=True,
        ),
        MESSAGE,
    ),
    selectable_fields=(".spec.domainId", ".status.domainId", ".status.phase"),
    root_rules=ROOT_RULES,
    spec_rules=SPEC_RULES,
    noun="domain",
    word="domain",
    arn_segment="domain",
    scope_level=ScopeLevel.REGION,
    name_field="domainName",
    planner=_plan,
    operations=OPERATIONS,
    names=NAMES,
    assume=_assume,
    plan_words=PlanWords(deleted=_deleted),
    exporting=EXPORTING,
    aws_type=AwsType(
        name="Domain",
        listing="ListDomains",
        describing="DescribeDomain",
        items="Domains",
        id="DomainId",
        arn="DomainArn",
        record=Observed,
        title="DomainName",
        key=attrgetter("domain_id"),
        id_prefix="d-",
    ),
    holds_others=True,
    id_field="domainId",
    known_id=known_domain_id,
)
