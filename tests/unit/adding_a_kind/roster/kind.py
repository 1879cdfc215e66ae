"""What the machinery knows of a Roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_operator.kinds.managed_kind import AGE, MESSAGE, READY, Column, ManagedKind, Reference

from .api import SPEC_RULES, Roster, RosterSpec, RosterStatus

if TYPE_CHECKING:
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from .gather import plan  # noqa: PLC0415

    return plan(context)


ROSTER = ManagedKind(
    model=Roster,
    spec=RosterSpec,
    status=RosterStatus,
    plural="rosters",
    short_name="rost",
    columns=(
        Column("Domain", ".spec.domainRef.name", description="The StudioDomain."),
        Column("Status", ".status.phase", description="Where the roster stands."),
        READY,
        AGE,
        MESSAGE,
    ),
    selectable_fields=(".spec.domainRef.name", ".status.phase"),
    root_rules=(),
    spec_rules=SPEC_RULES,
    noun="roster",
    word="roster",
    planner=_plan,
    answered_by=frozenset(),
    is_namespaced=False,
    references=(Reference("domainRef", "StudioDomain", crosses_namespaces=True),),
)
