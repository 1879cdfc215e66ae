"""What the machinery knows of a StudioDomain."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from studio_operator.kinds.aws_type import AwsType
from studio_operator.kinds.managed_kind import AGE, MESSAGE, READY, Column, ManagedKind, ScopeLevel
from studio_operator.kinds.studio_domain.api import (
    ROOT_RULES,
    SPEC_RULES,
    StudioDomain,
    StudioDomainSpec,
    StudioDomainStatus,
)
from studio_operator.kinds.studio_domain.operations import OPERATIONS
from studio_operator.kinds.studio_domain.plan_words import WORDS
from studio_operator.kinds.studio_domain.view import known_domain_id
from studio_operator.plan.observed import Observed

if TYPE_CHECKING:
    from studio_operator.kinds.assumed import Assumed, Told
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.studio_domain.gather import plan  # noqa: PLC0415

    return plan(context)


def _assume(told: Told) -> Assumed:
    from studio_operator.kinds.studio_domain.assumed import assume  # noqa: PLC0415

    return assume(told)


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
    assume=_assume,
    plan_words=WORDS,
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
