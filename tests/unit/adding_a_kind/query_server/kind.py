"""What the machinery knows of a QueryServer."""

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
from studio_operator.kinds.shared.running.situation import ACTIVE

from .api import (
    ROOT_RULES,
    RUNNING_SERVER,
    SPEC_RULES,
    QueryServer,
    QueryServerSpec,
    QueryServerStatus,
    price_of,
)
from .exported import EXPORTING
from .names import NAMES
from .observe import RULES, RUNS_AS, SERVERS
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


def _billed(found: Billed) -> tuple[str | None, int | None]:
    """The server while it runs, or may be run."""
    is_on = found.record.status in RUNS_AS and RUNS_AS[found.record.status] in ACTIVE
    size = (found.record.details or {}).get("Size")
    return (price_of(size) if is_on or found.may_run else None), None


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
        *RUNNING_COLUMNS,
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
    names=NAMES,
    assume=_assume,
    exporting=EXPORTING,
    id_field="serverId",
    known_id=known_server_id,
    runs=RUNNING_SERVER,
    billed=_billed,
    answers=answers,
    references=(Reference("domainRef", "StudioDomain", crosses_namespaces=True),),
)
