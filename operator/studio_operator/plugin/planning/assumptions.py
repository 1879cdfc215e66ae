"""What is taken for granted where nothing is recorded: what is adopted, and what is referred to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.index import (
    domain_id_of,
    domain_of,
    id_of,
    is_in_domain,
    owner_of,
)
from studio_operator.engine.declared.store import Store
from studio_operator.kinds.assumed import AssumptionInput
from studio_operator.kinds.registry import BY_NAME, REFERENCES, RUNNING
from studio_operator.kube.resources import Key, references_of
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plugin.planning.in_memory_aws import ACCOUNT, InMemoryAws, arn_of
from studio_operator.plugin.planning.objects import can_exist, document
from studio_operator.plugin.planning.recorded_state import (
    tags_of_others,
)

Raw = Mapping[str, Any]


def missing_references(resources: Mapping[Key, Raw]) -> dict[Key, dict[str, Any]]:
    """What others refer to and is not among the resources, as ready.

    A domain's spec takes over one that exists, so that a plan never makes it.
    """
    missing: dict[Key, dict[str, Any]] = {}
    for key, raw in resources.items():
        spec = _spec_of(raw)
        for one in sorted(references_of(key, spec), key=lambda it: REFERENCES.rank_of(it.kind)):
            if one in resources or not can_exist(one):
                continue
            kind = BY_NAME[one.kind]
            taken = {reference.field: spec.get(reference.field) for reference in kind.references}
            if kind.id_field is None:
                taken["adopt"] = True
            else:
                taken[kind.id_field] = f"{kind.aws.id_prefix}assumed{len(missing) + 1}"
            if kind.holds_others:
                taken |= _ADMITS_ALL | _attachments(one, resources)
            missing[one] = document(one, taken)
    return missing


# botocore: CustomFileSystemConfigs has ten at most.
MOST_ATTACHED = 10
# The id, after its prefix, of a thing that has the wanted name and is not the resource's.
OTHERS = "of-others"
_ADMITS_ALL = {"allowedNamespaces": ["*"]}
_ROLE = {"executionRole": f"arn:aws:iam::{ACCOUNT}:role/assumed"}


def _attachments(domain: Key, resources: Mapping[Key, Raw]) -> dict[str, Any]:
    """What spaces need of a domain of which nothing can be told here: a role, file systems."""
    private, shared = (
        _ROLE | _mounted(domain, resources, is_shared=is_shared) for is_shared in (False, True)
    )
    return {"defaultUserSettings": private, "defaultSpaceSettings": shared}


def _mounted(domain: Key, resources: Mapping[Key, Raw], *, is_shared: bool) -> dict[str, Any]:
    listed: list[Any] = []
    for key, raw in resources.items():
        spec = _spec_of(raw)
        is_meant = key.kind in RUNNING and domain in references_of(key, spec)
        if is_meant and (spec.get("sharing") == "Shared") is is_shared:
            mounts = (spec.get("storage") or {}).get("fileSystems") or []
            listed += [one for one in mounts if one not in listed]
    return {"fileSystems": listed[:MOST_ATTACHED]} if listed else {}


def _spec_of(raw: Raw) -> Raw:
    spec = raw.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def adopts(raw: Raw) -> bool:
    """Whether a resource takes over what exists in AWS."""
    spec, id_field = raw.get("spec") or {}, BY_NAME[raw["kind"]].id_field
    return bool(spec.get("adopt") or (id_field and spec.get(id_field)))


def enter_existing(aws: InMemoryAws, store: Store, entry: Entry) -> None:
    """Let AWS have what a resource wants, as the resource declares it, and not as its own.

    It is what the resource adopts, or what its status says belongs to others.
    """
    declared, kind = entry.declared, BY_NAME[entry.key.kind]
    if declared.unreadable is not None or kind.assume is None:
        return  # nothing is taken over by a resource that can't be read
    where, domain_id = _place_of(store, entry)
    if domain_id is None:
        return
    id_ = id_of(entry) or f"{kind.aws.id_prefix}{OTHERS}"
    name, owner = entry.aws_name, store.get(owner_of(entry) or entry.key)
    record = kind.assume(
        AssumptionInput(
            declared=declared,
            status=type(entry.status)(),
            id=id_,
            domain_id=id_ if kind.holds_others else domain_id,
            name=name,
            region=where.region,
            arn=arn_of(kind, where, domain_id, id_ if kind.known_id else name),
            tags={**(declared.spec.tags or {}), **tags_of_others(entry.status)},
            created_at=aws.now,
            now=aws.now,
            owner=owner.aws_name if owner else None,
        )
    )
    aws.put(kind, where, record.record, record.companion)


def _place_of(store: Store, entry: Entry) -> tuple[AccountRegion, str | None]:
    """The region, and the domain: an empty id for what is in none, None while it is not known."""
    if not is_in_domain(entry.key):
        return AccountRegion(OWN_ACCOUNT, store.region_of(entry)), ""
    domain = store.get(domain_of(entry) or entry.key)
    if domain is None:
        return AccountRegion(OWN_ACCOUNT, ""), None
    return AccountRegion(OWN_ACCOUNT, store.region_of(domain)), domain_id_of(domain)
