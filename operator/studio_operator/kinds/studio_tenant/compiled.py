"""A tenant's spec as the rules that the planners go by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from studio_operator.kinds.studio_tenant.api import Allow, IdRange, StudioTenantSpec
from studio_operator.plan.remedies import Resource
from studio_operator.plan.tenancy.policy import Enforcement, Subject, TenantRules

# A working day and a night: time to be told and to save one's work.
GRACE_HOURS = 24


def compile_tenant(name: str, spec: StudioTenantSpec) -> TenantRules:
    """The rules. What of the spec can't be read counts as left out: it allows nothing."""
    namespaces = tuple(spec.namespaces.names) if spec.namespaces else ()
    grace = GRACE_HOURS if spec.grace_hours is None else spec.grace_hours
    return TenantRules(
        Resource("StudioTenant", name),
        namespaces,
        Enforcement(spec.enforcement or "Audit"),
        _allowed(spec.allow or Allow()),
        timedelta(hours=grace),
    )


def _allowed(allow: Allow) -> Mapping[Subject, tuple[Any, ...]]:
    ids = allow.posix_ids
    lists: dict[Subject, Any] = {
        Subject.EXECUTION_ROLES: allow.execution_roles,
        Subject.SUBNETS: allow.subnets,
        Subject.SECURITY_GROUPS: allow.security_groups,
        Subject.KMS_KEYS: allow.kms_keys,
        Subject.FILE_SYSTEMS: allow.file_systems,
        Subject.UIDS: _ranges(ids.uids if ids else None),
        Subject.GIDS: _ranges(ids.gids if ids else None),
        Subject.LIFECYCLE_CONFIGS: allow.lifecycle_configs,
        Subject.IMAGES: allow.images,
        Subject.IMAGE_OWNERS: allow.image_owners,
        Subject.S3_PLACES: allow.s3_places,
        Subject.ADOPTION: allow.adoption,
        Subject.DELETION_POLICIES: allow.deletion_policies,
        Subject.REMOTE_ACCESS: [allow.remote_access] if allow.remote_access else None,
    }
    return {subject: tuple(values) for subject, values in lists.items() if values}


def _ranges(ranges: list[IdRange] | None) -> tuple[tuple[int, int], ...]:
    return tuple((one.from_, one.to) for one in ranges or ())
