"""What profiles and spaces are told of the resources they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.api.domain import SharedSpaces, StudioDomainStatus
from studio_operator.aws.parsing import attached_file_systems
from studio_operator.aws.views import DomainView
from studio_operator.engine.entries import Entry, InvalidSpec
from studio_operator.engine.index import admits, aws_name_of, domain_id_of, domain_of, region_of
from studio_operator.engine.ports import AwsViews
from studio_operator.engine.store import Store
from studio_operator.plan.domain_view import shared_spaces
from studio_operator.plan.observed import ObservedDomain, ObservedProfile
from studio_operator.plan.ownership import Claim, classify, mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.types import DomainFacts, IdleLimits, ProfileFacts

_IN_WORDS = {
    "Pending": "is being created",
    "Updating": "is being updated",
    "Deleting": "is being deleted",
    "Failed": "could not be created",
    "Delete_Failed": "could not be deleted",
}
_APP_SETTINGS = {"JupyterLab": "JupyterLabAppSettings", "CodeEditor": "CodeEditorAppSettings"}
_NOTHING: Mapping[str, Any] = {}


class Facts:
    """Facts about StudioDomains and UserProfiles, from the store and from what AWS shows."""

    def __init__(self, store: Store, views: AwsViews, cluster: str) -> None:
        self._store = store
        self._views = views
        self._cluster = cluster

    def view_of(self, domain: Entry) -> DomainView | None:
        """What AWS shows of a StudioDomain; None while it has no id, or was not seen yet."""
        domain_id = domain_id_of(domain)
        if domain_id is None:
            return None
        return self._views.view(region_of(domain, self._store.default_region), domain_id)

    def of_domain(self, user: Entry) -> DomainFacts | None:
        """Facts about the StudioDomain of a profile or space; None when it does not exist."""
        domain_key = domain_of(user)
        domain = self._store.get(domain_key) if domain_key else None
        if domain is None:
            return None
        return self.about_domain(
            domain,
            admitted=admits(domain, user.key.namespace),
            shared=user.spec.get("sharing") == "Shared",
        )

    def about_domain(self, domain: Entry, *, admitted: bool, shared: bool) -> DomainFacts:
        """Facts about a StudioDomain, for users in an admitted namespace or in another."""
        view = self.view_of(domain)
        found = view.domain if view else None
        region = region_of(domain, self._store.default_region)
        if not self._owns(domain, found):
            problem = _unowned_problem(domain)
            return DomainFacts(domain.key.name, problem, None, region, admits=admitted)
        details = (found.details if found else None) or _NOTHING
        is_described = found is not None and found.details is not None
        for_shared = details.get("DefaultSpaceSettings") or _NOTHING
        defaults = for_shared if shared else details.get("DefaultUserSettings") or _NOTHING
        memory = domain.memory
        run_with = _shared_spaces(found, memory)
        return DomainFacts(
            name=domain.key.name,
            problem=self._domain_problem(domain, view),
            domain_id=domain_id_of(domain),
            region=region,
            auth_mode=details.get("AuthMode") or getattr(memory, "auth_mode", None),
            vpc_only=details.get("AppNetworkAccessType") == "VpcOnly",
            shared_role=run_with.execution_role,
            shared_security_groups=run_with.security_groups or (),
            default_instance_types=_default_instance_types(defaults),
            idle_limits=_idle_limits(defaults),
            file_systems=attached_file_systems(defaults) if is_described else None,
            arn=(found.arn if found else None) or memory.arn,
            admits=admitted,
            gone=view is not None and found is None,
        )

    def all_about_domain(self, domain: Entry) -> tuple[object, ...]:
        """All that any user of a StudioDomain is told, to see whether it changed."""
        private = self.about_domain(domain, admitted=True, shared=False)
        shared = self.about_domain(domain, admitted=True, shared=True)
        seen = self.view_of(domain) is not None
        return private, shared, seen, tuple(domain.spec.get("allowedNamespaces") or ())

    def about_profile(self, profile: Entry) -> ProfileFacts:
        """Facts about a UserProfile."""
        found = self._profile_record(profile)
        name = found.name if found else aws_name_of(profile)
        if profile.deleting:
            problem: str | None = "it is being deleted"
        elif found is None:
            problem = _said(profile, "it has no user profile in AWS yet")
        elif not self._owns(profile, found):
            problem = _said(profile, f"it does not own user profile {name}")
        else:
            problem = _status_problem("user profile", name, found.status)
        own = found.details if found else None
        settings = (own or _NOTHING).get("UserSettings") or _NOTHING
        return ProfileFacts(
            profile.key.name,
            name,
            problem,
            _idle_limits(settings),
            attached_file_systems(settings) if own is not None else None,
        )

    def _profile_record(self, profile: Entry) -> ObservedProfile | None:
        domain_key = domain_of(profile)
        domain = self._store.get(domain_key) if domain_key else None
        view = self.view_of(domain) if domain else None
        return view.profiles.get(aws_name_of(profile).lower()) if view else None

    def _domain_problem(self, domain: Entry, view: DomainView | None) -> str | None:
        domain_id = domain_id_of(domain) or ""
        if domain.deleting:
            return "it is being deleted"
        if view is None:
            region = region_of(domain, self._store.default_region)
            blind = self._views.problem(region, domain_id)
            said = f": {blind.operation} gives {blind.code}" if blind else ""
            return f"AWS has not been seen yet{said}"
        if view.domain is None:
            return f"AWS has no domain {domain_id}"
        return _status_problem("domain", domain_id, view.domain.status)

    def _owns(self, entry: Entry, found: ObservedDomain | ObservedProfile | None) -> bool:
        """Whether what AWS shows is the entry's own.

        Who does not own a domain must not let others into it. While its tags are not known, what
        was found out earlier counts.
        """
        declared = entry.declared
        if isinstance(declared, InvalidSpec) or found is None or found.tags is None:
            return _owned_before(entry.memory)
        return classify(found.tags, mark_of(declared, self._cluster)) is Claim.OURS


def _owned_before(memory: CommonStatus) -> bool:
    ready = memory.condition(ConditionType.READY)
    refused = ready is not None and ready.reason == Reason.OWNERSHIP_CONFLICT
    return memory.arn is not None and not refused


def _status_problem(kind: str, name: str, status: str) -> str | None:
    words = _IN_WORDS.get(status)
    return f"{kind} {name} {words}" if words else None


def _unowned_problem(domain: Entry) -> str:
    domain_id = domain_id_of(domain)
    if domain_id is None:
        return _said(domain, "it has no domain in AWS yet")
    return _said(domain, f"it does not own domain {domain_id}")


def _said(entry: Entry, otherwise: str) -> str:
    """What the resource itself says on its Ready condition when it is not ready."""
    ready = entry.memory.condition(ConditionType.READY)
    if ready is None or ready.status == "True":
        return otherwise
    return f"{otherwise} ({ready.message.rstrip('.')})"


def _shared_spaces(found: ObservedDomain | None, memory: CommonStatus) -> SharedSpaces:
    """What all shared spaces of a domain run with, as AWS shows it.

    While an update waits to be described, what was shown last: else each shared space's status
    would lose its role for a moment, at the cost of two writes each.
    """
    if found is not None and found.details is not None:
        return shared_spaces(found.details) or SharedSpaces()
    last = memory.shared_spaces if isinstance(memory, StudioDomainStatus) else None
    return last or SharedSpaces()


def _default_instance_types(settings: Mapping[str, Any]) -> dict[str, str]:
    """The instance type of each app that a domain's settings name."""
    found = {
        app: settings.get(member, _NOTHING).get("DefaultResourceSpec", _NOTHING).get("InstanceType")
        for app, member in _APP_SETTINGS.items()
    }
    return {app: instance_type for app, instance_type in found.items() if instance_type}


def _idle_limits(settings: Mapping[str, Any]) -> dict[str, IdleLimits]:
    """The idle times that settings let spaces choose, for each app that they limit."""
    found = {}
    for app, member in _APP_SETTINGS.items():
        management = settings.get(member, _NOTHING).get("AppLifecycleManagement", _NOTHING)
        idle = management.get("IdleSettings", _NOTHING)
        lowest, highest = idle.get("MinIdleTimeoutInMinutes"), idle.get("MaxIdleTimeoutInMinutes")
        if lowest or highest:
            usual = IdleLimits()
            found[app] = IdleLimits(lowest or usual.lowest, highest or usual.highest)
    return found
