"""What the machinery knows of a StudioTenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_operator.kinds.managed_kind import AGE, MESSAGE, READY, Column, ManagedKind
from studio_operator.kinds.studio_tenant.api import (
    SPEC_RULES,
    StudioTenant,
    StudioTenantSpec,
    StudioTenantStatus,
)
from studio_operator.kinds.studio_tenant.compiled import govern

if TYPE_CHECKING:
    from studio_operator.kinds.gathering import Context, Gathered


def _plan(context: Context) -> Gathered:
    # Imported here: most of kubectl studio plans nothing.
    from studio_operator.kinds.studio_tenant.gather import plan  # noqa: PLC0415

    return plan(context)


STUDIO_TENANT = ManagedKind(
    model=StudioTenant,
    spec=StudioTenantSpec,
    status=StudioTenantStatus,
    plural="studiotenants",
    short_name="sten",
    columns=(
        Column(
            "Enforcement",
            ".spec.enforcement",
            description="What is done about what is not allowed: Audit when left out.",
        ),
        Column(
            "Namespaces",
            ".status.namespaceCount",
            "integer",
            "How many namespaces the tenant has.",
        ),
        READY,
        AGE,
        MESSAGE,
    ),
    selectable_fields=(),
    root_rules=(),
    spec_rules=SPEC_RULES,
    noun="tenant",
    word="tenant",
    planner=_plan,
    answered_by=frozenset(),
    is_namespaced=False,
    needs_whole_cluster=True,
    governs=govern,
)
