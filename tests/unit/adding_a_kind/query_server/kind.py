"""What the machinery knows of a QueryServer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_operator.kinds.managed_kind import (
    AGE,
    MESSAGE,
    READY,
    Column,
    ManagedKind,
    Reference,
    ScopeLevel,
)

from .api import ROOT_RULES, SPEC_RULES, QueryServer, QueryServerSpec, QueryServerStatus
from .exported import EXPORTING
from .observe import RULES, SERVERS
from .operations import OPERATIONS
from .view import known_server_id

if TYPE_CHECKING:
    from studio_operator.kinds.assumed import Assumption, AssumptionInput
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from .gather import plan  # noqa: PLC0415

    return plan(context)


def _assume(given: AssumptionInput) -> Assumption:
    from .assumed import assume  # noqa: PLC0415

    return assume(given)


QUERY_SERVER = ManagedKind(
    model=QueryServer,
    spec=QueryServerSpec,
    status=QueryServerStatus,
    plural="queryservers",
    short_name="qsrv",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("ID", ".status.serverId", description="Id of the server."),
        Column("Status", ".status.phase", description="Where the server stands."),
        READY,
        AGE,
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".status.phase"),
    root_rules=ROOT_RULES,
    spec_rules=SPEC_RULES,
    noun="query server",
    word="queryserver",
    arn_segment="query-server",
    scope_level=ScopeLevel.REGION,
    name_field="serverName",
    planner=_plan,
    aws_type=SERVERS,
    companion=RULES,
    operations=OPERATIONS,
    assume=_assume,
    exporting=EXPORTING,
    id_field="serverId",
    known_id=known_server_id,
    references=(Reference("domainRef", "StudioDomain", crosses_namespaces=True),),
)
