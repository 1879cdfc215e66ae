"""What is taken for granted where nothing is recorded: what is adopted, and what is referred to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.api.common import API_VERSION
from studio_operator.api.domain import StudioDomainSpec
from studio_operator.api.profile import UserProfileSpec
from studio_operator.api.space import SpaceSpec
from studio_operator.aws.parsing import settings_from
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.engine.index import aws_name_of, domain_id_of, domain_of, owner_of
from studio_operator.engine.store import Store
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import (
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.space_requests import creation_settings
from studio_operator.plan.space_settings import want_settings
from studio_operator.plan.types import DomainFacts
from studio_operator.plugin.planning.paper import ACCOUNT, DEFAULT_GIB, PaperAws
from studio_operator.plugin.planning.records import domain_details, profile_details, tags_of_others

Raw = Mapping[str, Any]


def missing_references(resources: Mapping[Key, Raw]) -> dict[Key, dict[str, Any]]:
    """Domains and profiles that others refer to and that are not among the resources, as ready.

    A domain's spec takes over one that exists, so that a plan never makes it.
    """
    missing: dict[Key, dict[str, Any]] = {}
    for key, raw in resources.items():
        domain, owner = _references(key, raw)
        if domain is not None and domain not in resources:
            domain_id = f"d-assumed{len(missing) + 1}"
            spec = {"domainId": domain_id, **_ADMITS_ALL, **_attachments(domain, resources)}
            missing[domain] = _document(domain, spec)
        if owner is not None and owner not in resources:
            reference = {"domainRef": (raw.get("spec") or {}).get("domainRef")}
            missing[owner] = _document(owner, {**reference, "adopt": True})
    return missing


# botocore: CustomFileSystemConfigs has ten at most.
MOST_ATTACHED = 10
# Id of a domain that has the wanted name and is not the resource's.
OTHERS = "d-of-others"
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
        spec = raw.get("spec")
        if key.kind != "Space" or not isinstance(spec, Mapping):
            continue
        if _references(key, raw)[0] == domain and (spec.get("sharing") == "Shared") is is_shared:
            mounts = (spec.get("storage") or {}).get("fileSystems") or []
            listed += [one for one in mounts if one not in listed]
    return {"fileSystems": listed[:MOST_ATTACHED]} if listed else {}


def _document(key: Key, spec: Raw) -> dict[str, Any]:
    metadata = {"name": key.name, "namespace": key.namespace}
    return {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "spec": dict(spec)}


def _references(key: Key, raw: Raw) -> tuple[Key | None, Key | None]:
    spec = raw.get("spec")
    if not isinstance(spec, Mapping):
        return None, None
    bare = {"uid": "", "resourceVersion": "1", "creationTimestamp": "2000-01-01T00:00:00Z"}
    metadata = {"name": key.name, "namespace": key.namespace, **bare}
    entry = Entry.from_raw({"kind": key.kind, "metadata": metadata, "spec": spec})
    return domain_of(entry), owner_of(entry)


def adopts(raw: Raw) -> bool:
    """Whether a resource takes over what exists in AWS."""
    spec = raw.get("spec") or {}
    return bool(spec.get("adopt") or (raw["kind"] == "StudioDomain" and spec.get("domainId")))


def enter_existing(aws: PaperAws, store: Store, entry: Entry) -> None:
    """Let AWS have what a resource wants, as the resource declares it, and not as its own.

    It is what the resource adopts, or what its status says belongs to others.
    """
    declared = entry.declared
    if isinstance(declared, InvalidSpec):
        return
    spec = declared.spec
    tags = {**(spec.tags or {}), **tags_of_others(entry.memory)}
    if isinstance(spec, StudioDomainSpec):
        region, domain_id = store.region_of(entry), domain_id_of(entry) or OTHERS
        aws.put_domain(region, _domain(spec, entry, region, domain_id, tags, aws))
        return
    domain = store.get(domain_of(entry) or entry.key)
    if domain is None or domain_id_of(domain) is None:
        return
    region, domain_id = store.region_of(domain), str(domain_id_of(domain))
    arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}"
    name = aws_name_of(entry)
    if isinstance(spec, UserProfileSpec):
        profile = ObservedProfile(
            domain_id,
            name,
            "InService",
            created_at=aws.now,
            modified_at=aws.now,
            arn=f"{arn}:user-profile/{domain_id}/{name.lower()}",
            details=profile_details(spec),
            tags=tags,
        )
        aws.put_profile(region, profile)
    elif isinstance(spec, SpaceSpec):
        owner = store.get(owner_of(entry) or entry.key)
        owner_name = aws_name_of(owner) if owner and spec.owner_ref else None
        space = _space(spec, DomainFacts(domain.key.name, region=region), domain_id)
        aws.put_space(
            region,
            ObservedSpace(
                **space,
                name=name,
                owner=owner_name,
                created_at=aws.now,
                modified_at=aws.now,
                arn=f"{arn}:space/{domain_id}/{name}",
                tags=tags,
            ),
        )


def _domain(
    spec: StudioDomainSpec,
    entry: Entry,
    region: str,
    domain_id: str,
    tags: Mapping[str, str],
    aws: PaperAws,
) -> ObservedDomain:
    return ObservedDomain(
        domain_id=domain_id,
        name=spec.domain_name or entry.key.name,
        status="InService",
        created_at=aws.now,
        modified_at=aws.now,
        arn=f"arn:aws:sagemaker:{region}:{ACCOUNT}:domain/{domain_id}",
        details=domain_details(spec),
        tags=tags,
    )


def _space(spec: SpaceSpec, domain: DomainFacts, domain_id: str) -> dict[str, Any]:
    wanted = want_settings(spec, domain, SpaceSettings(), ())
    size = spec.storage.size_gib if spec.storage else DEFAULT_GIB
    return {
        "domain_id": domain_id,
        "status": "InService",
        "sharing": spec.sharing or "Private",
        "app_type": spec.app,
        "storage_gib": None if spec.app == "JupyterServer" else size,
        "display_name": spec.display_name,
        "settings": settings_from(creation_settings(spec, wanted)),
    }
