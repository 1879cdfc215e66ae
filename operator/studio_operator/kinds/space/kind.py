"""What the machinery knows of a Space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_operator.kinds.managed_kind import (
    AGE,
    MESSAGE,
    READY,
    RUNNING_COLUMNS,
    Billed,
    Column,
    ManagedKind,
    Reference,
    ScopeLevel,
)
from studio_operator.kinds.shared.running.requests import answers
from studio_operator.kinds.space.api.rules import ROOT_RULES, SPEC_RULES
from studio_operator.kinds.space.api.running import RUNNING_SPACE
from studio_operator.kinds.space.api.spec import Space, SpaceSpec
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.command_line.exported import EXPORTING
from studio_operator.kinds.space.command_line.plan_words import WORDS
from studio_operator.kinds.space.features.backup.feature import BACKUPS
from studio_operator.kinds.space.features.lingering.feature import LINGERING
from studio_operator.kinds.space.in_aws.apps import APPS
from studio_operator.kinds.space.in_aws.observe import SPACE_TYPE
from studio_operator.kinds.space.names import NAMES
from studio_operator.kinds.space.operations import OPERATIONS
from studio_operator.plan.types import Look

if TYPE_CHECKING:
    from studio_operator.kinds.assumed import Assumption, AssumptionInput
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.space.gather import plan  # noqa: PLC0415

    return plan(context)


def _assume(given: AssumptionInput) -> Assumption:
    from studio_operator.kinds.space.command_line.assumed import assume  # noqa: PLC0415

    return assume(given)


def billed(found: Billed) -> tuple[str | None, int | None]:
    """The instance type of the app that runs or may be run, and the volume."""
    app, settings = found.companion, found.record.settings
    configured = settings.instance_type if settings and found.may_run else None
    is_active = app is not None and app.is_active
    return app.instance_type if is_active else configured, found.record.storage_gib


SPACE = ManagedKind(
    model=Space,
    spec=SpaceSpec,
    status=SpaceStatus,
    plural="spaces",
    short_name="sp",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("Owner", ".spec.ownerRef.name", description="The owning UserProfile."),
        Column("Sharing", ".status.sharing", description="Private or Shared."),
        Column("App", ".spec.app", description="The app of the space."),
        Column("Instance", ".status.instanceType", description="Instance type in AWS."),
        Column("Storage", ".status.storageGiB", "integer", "Size of the volume in AWS, in GiB."),
        Column("Status", ".status.phase", description="Where the space and its app stand."),
        READY,
        AGE,
        *RUNNING_COLUMNS,
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".spec.ownerRef.name", ".status.phase"),
    root_rules=ROOT_RULES,
    spec_rules=SPEC_RULES,
    noun="space",
    word="space",
    arn_segment="space",
    scope_level=ScopeLevel.DOMAIN,
    name_field="spaceName",
    aws_type=SPACE_TYPE,
    planner=_plan,
    operations=OPERATIONS,
    names=NAMES,
    assume=_assume,
    plan_words=WORDS,
    exporting=EXPORTING,
    companion=APPS,
    runs=RUNNING_SPACE,
    billed=billed,
    opens=True,
    answers=answers,
    answered_by=frozenset({Look.SETTINGS, Look.TAGS, Look.APP}),
    features=(BACKUPS, LINGERING),
    references=(
        Reference("ownerRef", "UserProfile"),
        Reference("domainRef", "StudioDomain", crosses_namespaces=True),
    ),
)
