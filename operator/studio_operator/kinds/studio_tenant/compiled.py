"""A tenant's spec as the rules that the planners go by.

A spec that can't be read opens nothing: the API server may admit one whose CRD is of another
version. Its namespaces stay its own, as far as their names can be read, and what is not allowed is
refused there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from studio_operator.api.reading import mapping_in, read_spec
from studio_operator.kinds.studio_tenant.api import (
    NAMESPACE_GLOB,
    Allow,
    IdRange,
    PosixIds,
    StudioTenantSpec,
)
from studio_operator.plan.remedies import Resource
from studio_operator.plan.tenancy.policy import Enforcement, Subject, TenantRules
from studio_operator.plan.types import Declared

# A working day and a night: time to be told and to save one's work.
GRACE_HOURS = 24

Raw = Mapping[str, Any]


def govern(
    declared: Declared[StudioTenantSpec], raw: Raw, before: TenantRules | None
) -> TenantRules:
    """The rules. `raw`: the spec as it was written; `before`: the rules of the spec before it."""
    unreadable = declared.unreadable.fields if declared.unreadable else frozenset()
    readable: dict[str, Any] = {}
    if "allow" in unreadable:
        readable["allow"] = _read_allow(mapping_in(raw, "allow"))
    spec = declared.spec.with_members(readable)
    enforcement = Enforcement.BLOCK if "enforcement" in unreadable else _enforcement(spec)
    if "namespaces" in unreadable:
        known = before.namespaces if before else ()
        return _rules(declared.name, spec, _read_names(raw) or known, enforcement)
    return _rules(declared.name, spec, tuple(spec.namespaces.names), enforcement)


def compile_tenant(name: str, spec: StudioTenantSpec) -> TenantRules:
    """The rules of a spec that can be read."""
    return _rules(name, spec, tuple(spec.namespaces.names), _enforcement(spec))


def _rules(
    name: str, spec: StudioTenantSpec, namespaces: tuple[str, ...], enforcement: Enforcement
) -> TenantRules:
    grace = GRACE_HOURS if spec.grace_hours is None else spec.grace_hours
    return TenantRules(
        Resource("StudioTenant", name),
        namespaces,
        enforcement,
        _allowed(spec.allow or Allow()),
        timedelta(hours=grace),
    )


def _enforcement(spec: StudioTenantSpec) -> Enforcement:
    return Enforcement(spec.enforcement or "Audit")


def _read_names(raw: Raw) -> tuple[str, ...]:
    """Each name that has the form of one, whatever is wrong beside it, with how many there are."""
    names = mapping_in(raw, "namespaces").get("names")
    if not isinstance(names, list):
        return ()
    return tuple(
        dict.fromkeys(one for one in names if isinstance(one, str) and _NAME.fullmatch(one))
    )


_NAME = re.compile(NAMESPACE_GLOB)


def _read_allow(raw: Raw) -> Allow:
    """Each list that can be read; of any other nothing is allowed."""
    allow, unreadable = read_spec(Allow, raw)
    if unreadable is None or "posixIds" not in unreadable.fields:
        return allow
    ids, _ = read_spec(PosixIds, mapping_in(raw, "posixIds"))
    return allow.with_members({"posix_ids": ids})


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
