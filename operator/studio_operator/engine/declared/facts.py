"""What profiles and spaces are told of the resources they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from studio_operator.api.common import CommonStatus, ConditionType
from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.index import (
    admits,
    allowed_namespaces,
    domain_id_of,
    domain_of,
    id_of,
    is_in_domain,
)
from studio_operator.engine.declared.store import Store
from studio_operator.engine.ports import AwsViews
from studio_operator.kinds.managed_kind import ScopeLevel
from studio_operator.kinds.registry import BY_NAME, PERSON
from studio_operator.kinds.space.checks.idle_limits import APP_FIELDS
from studio_operator.kinds.space.planner_input.inheritance import space_defaults
from studio_operator.kinds.studio_domain.api import SharedSpaces, StudioDomainStatus
from studio_operator.kinds.studio_domain.view import shared_spaces
from studio_operator.kinds.views import DomainScopeView
from studio_operator.plan.observed import Observed
from studio_operator.plan.ownership import Claim, classify, mark_of
from studio_operator.plan.reasons import Reason
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion, Scope
from studio_operator.plan.settings.file_systems import attached_file_systems
from studio_operator.plan.settings.mapping import creation_members, declared_values, read_member
from studio_operator.plan.settings.table import CLEARED, PROFILE_SETTINGS
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

    def view_of(self, domain: Entry) -> DomainScopeView | None:
        """What AWS shows of a StudioDomain; None while it has no id, or was not seen yet."""
        scope = self._scope_of(domain)
        return self._views.view(scope) if scope.domain_id is not None else None

    def _scope_of(self, domain: Entry) -> Scope:
        """Where a StudioDomain is in AWS."""

        def make() -> Scope:
            domain_id = domain_id_of(domain) or None
            return Scope(OWN_ACCOUNT, self._store.region_of(domain), domain_id)

        return domain.make_once("scope", (), make)

    def _domain_of(self, user: Entry) -> Entry | None:
        key = domain_of(user)
        return self._store.get(key) if key else None

    def _view_around(self, user: Entry) -> DomainScopeView | None:
        domain = self._domain_of(user)
        return self.view_of(domain) if domain else None

    def of_domain(self, user: Entry) -> DomainFacts | None:
        """Facts about the StudioDomain of a profile or space; None when it does not exist."""
        domain = self._domain_of(user)
        if domain is None:
            return None
        if not admits(domain, user.key.namespace):
            return self._about_closed_domain(domain, user)
        return self.about_domain(domain, shared=user.spec.get("sharing") == "Shared")

    def _about_closed_domain(self, domain: Entry, user: Entry) -> DomainFacts:
        """What a resource is told of a StudioDomain that does not admit its namespace.

        Where it is, so that what was made before may be let go of; else nothing.
        """
        if not self.may_live_in(domain, user):
            return DomainFacts(domain.key.name, admits=False)
        scope = self._scope_of(domain)
        return DomainFacts(domain.key.name, None, scope.domain_id, scope.region, admits=False)

    def may_live_in(self, domain: Entry, user: Entry) -> bool:
        """Whether AWS shows something in a domain that is, or may be, a user's own."""
        view, kind = self.view_of(domain), BY_NAME[user.key.kind]
        if view is None or not is_in_domain(user.key):
            return False
        found = view.shown(kind.aws.name).get(kind.record_name(user.aws_name))
        if found is None or found.tags is None:
            return found is not None
        return classify(found.tags, mark_of(user.declared, self._cluster)) is Claim.OURS

    def about_domain(self, domain: Entry, *, shared: bool) -> DomainFacts:
        """Facts about a StudioDomain, for users in a namespace that it admits."""
        view = self.view_of(domain)
        found, is_observed = view.domain if view else None, view is not None
        blind = None if is_observed else self._views.problem(self._scope_of(domain))
        make = partial(self._describe, domain, found, blind, is_observed=is_observed, shared=shared)
        basis = (found, blind, is_observed, self._has_tenants)
        return domain.make_once(f"facts {shared}", basis, make)

    @property
    def _has_tenants(self) -> bool:
        """Whether anybody judges roles: else a change of one is no news to spaces."""
        return bool(self._store.governing)

    def _describe(
        self,
        domain: Entry,
        found: Observed | None,
        blind: AwsError | None,
        *,
        is_observed: bool,
        shared: bool,
    ) -> DomainFacts:
        scope = self._scope_of(domain)
        if not self._owns(domain, found):
            return DomainFacts(
                domain.key.name, _unowned_problem(domain, scope.domain_id), None, scope.region
            )
        details = (found.details if found else None) or _NOTHING
        is_described = found is not None and found.details is not None
        for_shared = details.get("DefaultSpaceSettings") or _NOTHING
        defaults = for_shared if shared else details.get("DefaultUserSettings") or _NOTHING
        status = domain.status
        block = "defaultSpaceSettings" if shared else "defaultUserSettings"
        run_with = _shared_spaces(found, status)
        return DomainFacts(
            name=domain.key.name,
            problem=_domain_problem(domain, scope, found, blind, is_observed=is_observed),
            domain_id=scope.domain_id,
            region=scope.region,
            auth_mode=details.get("AuthMode") or getattr(status, "auth_mode", None),
            vpc_only=details.get("AppNetworkAccessType") == "VpcOnly",
            user_security_groups=_groups(details.get("DefaultUserSettings")),
            shared_role=run_with.execution_role,
            user_role=_role(details.get("DefaultUserSettings")) if self._has_tenants else None,
            shared_security_groups=run_with.security_groups or (),
            defaults=space_defaults(defaults) if is_described else None,
            default_scripts=_defaults(defaults, "LifecycleConfigArn"),
            idle_limits=_idle_limits(defaults),
            idle_enabled=_declared_idle_enabled(domain, block) | _idle_enabled(defaults),
            file_systems=attached_file_systems(defaults) if is_described else None,
            maximum_gib=_maximum_gib(defaults),
            arn=found.arn if found else None,
            is_owner_known=found is None or found.tags is not None,
            gone=is_observed and found is None,
        )

    def told_to_users(self, entry: Entry) -> object:
        """All that those who refer to a resource are told of it, to see whether it changed."""
        if BY_NAME[entry.key.kind].holds_others:
            return self.all_about_domain(entry)
        return self.about_profile(entry) if entry.key.kind == PERSON else None

    def all_about_domain(self, domain: Entry) -> tuple[object, ...]:
        """All that any user of a StudioDomain is told, to see whether it changed."""
        private = self.about_domain(domain, shared=False)
        shared = self.about_domain(domain, shared=True)
        observed = self.view_of(domain) is not None
        return private, shared, observed, allowed_namespaces(domain)

    def record_of(self, entry: Entry) -> Observed | None:
        """What AWS shows of a resource that others refer to; None where it shows nothing."""
        kind = BY_NAME[entry.key.kind]
        if kind.holds_others:
            view = self.view_of(entry)
            return view.domain if view else None
        if kind.aws_type is None:
            return None
        name = id_of(entry) if kind.known_id else kind.record_name(entry.aws_name)
        if kind.scope_level is ScopeLevel.REGION:
            where = AccountRegion(OWN_ACCOUNT, self._store.region_of(entry))
            region = self._views.region_view(where)
            return region.shown(kind.aws.name).get(name or "") if region else None
        view = self._view_around(entry)
        return view.shown(kind.aws.name).get(name or "") if view else None

    def about_profile(self, profile: Entry) -> ProfileFacts:
        """Facts about a UserProfile."""
        view = self._view_around(profile)
        holder = view.domain if view else None
        found = view.profiles.get(profile.aws_name.lower()) if view else None
        make = partial(self._describe_profile, profile, holder, found)
        return profile.make_once("facts", (holder, found, self._has_tenants), make)

    def _describe_profile(
        self, profile: Entry, holder: Observed | None, found: Observed | None
    ) -> ProfileFacts:
        name = found.name if found else profile.aws_name
        if profile.deleting:
            problem: str | None = "it is being deleted"
        elif found is None:
            problem = _said(profile, "it has no user profile in AWS yet")
        elif found.tags is None:
            problem = f"it is not known yet whose user profile {name} is"
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
            _groups(settings) if own is not None else _declared_groups(profile),
            _maximum_gib(settings),
            _defaults(settings, "LifecycleConfigArn"),
            _idle_enabled(settings)
            if own is not None
            else _declared_idle_enabled(profile, "userSettings"),
            _declared_defaults(profile, holder),
            _role(settings) if self._has_tenants else None,
        )

    def _owns(self, entry: Entry, found: Observed | None) -> bool:
        """Whether what AWS shows is the entry's own.

        Who does not own a domain must not let others into it. While its tags are not known, what
        was found out earlier is told; nothing is done by that (`is_owner_known`), since whoever may
        write status could have written it.
        """
        if found is None or found.tags is None:
            return _owned_before(entry.status)
        return classify(found.tags, mark_of(entry.declared, self._cluster)) is Claim.OURS


def _owned_before(status: CommonStatus) -> bool:
    ready = status.condition(ConditionType.READY)
    refused = ready is not None and ready.reason == Reason.OWNERSHIP_CONFLICT
    return status.arn is not None and not refused


def _status_problem(kind: str, name: str, status: str) -> str | None:
    words = _IN_WORDS.get(status)
    return f"{kind} {name} {words}" if words else None


def _domain_problem(
    domain: Entry,
    scope: Scope,
    found: Observed | None,
    blind: AwsError | None,
    *,
    is_observed: bool,
) -> str | None:
    domain_id = scope.domain_id or ""
    if domain.deleting:
        return "it is being deleted"
    if not is_observed:
        said = f": {blind.operation} gives {blind.code}" if blind else ""
        return f"AWS has not been seen yet{said}"
    if found is None:
        return f"AWS has no domain {domain_id}"
    return _status_problem("domain", domain_id, found.status)


def _unowned_problem(domain: Entry, domain_id: str | None) -> str:
    if domain_id is None:
        return _said(domain, "it has no domain in AWS yet")
    return _said(domain, f"it does not own domain {domain_id}")


def _said(entry: Entry, otherwise: str) -> str:
    """What the resource itself says on its Ready condition when it is not ready."""
    ready = entry.status.condition(ConditionType.READY)
    if ready is None or ready.status == "True":
        return otherwise
    return f"{otherwise} ({ready.message.rstrip('.')})"


def _shared_spaces(found: Observed | None, status: CommonStatus) -> SharedSpaces:
    """What all shared spaces of a domain run with, as AWS shows it.

    While an update waits to be described, what was shown last: else each shared space's status
    would lose its role for a moment, at the cost of two writes each.
    """
    if found is not None and found.details is not None:
        return shared_spaces(found.details) or SharedSpaces()
    last = status.shared_spaces if isinstance(status, StudioDomainStatus) else None
    return last or SharedSpaces()


def _role(settings: Mapping[str, Any] | None) -> str | None:
    role = (settings or _NOTHING).get("ExecutionRole")
    return str(role) if role else None


def _groups(settings: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The security groups of settings, in alphabetical order: another order is no news."""
    return tuple(sorted((settings or _NOTHING).get("SecurityGroups") or ()))


def _declared_groups(profile: Entry) -> tuple[str, ...] | None:
    """Those that the spec names, while AWS was not asked; None where it names none."""
    settings = profile.declared.spec.user_settings
    groups = settings.security_groups if settings else None
    return tuple(sorted(groups)) if groups else None


def _declared_defaults(
    profile: Entry, holder: Observed | None
) -> Mapping[str, Mapping[str, Any]] | None:
    """Those of the spec: a profile is described only now and then, so AWS's would come and go.

    A default lifecycle configuration may be among those of the domain.
    """
    declared = profile.declared
    if declared.unreadable is not None:
        return None
    if declared.spec.user_settings is None:
        return {}
    values = declared_values(declared.spec, PROFILE_SETTINGS)
    settings = creation_members(values).get("UserSettings") or _NOTHING
    own = space_defaults(settings)
    if holder is None or holder.details is None:
        complete = space_defaults(settings, lists_all=True)
        return own if own == complete else None
    return space_defaults(settings, holder.details.get("DefaultUserSettings") or _NOTHING)


def _defaults(settings: Mapping[str, Any], name: str) -> dict[str, str]:
    """That member of DefaultResourceSpec, for each app whose settings have it."""
    found = {
        app: settings.get(member, _NOTHING).get("DefaultResourceSpec", _NOTHING).get(name)
        for app, member in _APP_SETTINGS.items()
    }
    return {app: value for app, value in found.items() if value and value != CLEARED}


def _maximum_gib(settings: Mapping[str, Any]) -> int | None:
    """The largest volume that settings let spaces have."""
    storage = settings.get("SpaceStorageSettings", _NOTHING)
    maximum = storage.get("DefaultEbsStorageSettings", _NOTHING).get("MaximumEbsVolumeSizeInGb")
    return int(maximum) if maximum else None


def _idle_settings(settings: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    management = settings.get(member, _NOTHING).get("AppLifecycleManagement", _NOTHING)
    return management.get("IdleSettings", _NOTHING)  # type: ignore[no-any-return] # of an answer


def _idle_enabled(settings: Mapping[str, Any]) -> dict[str, bool]:
    """Whether settings switch idle shutdown on or off, for each app where they say so."""
    found = {
        app: _idle_settings(settings, member).get("LifecycleManagement")
        for app, member in _APP_SETTINGS.items()
    }
    return {app: switch == "ENABLED" for app, switch in found.items() if switch}


def _declared_idle_enabled(entry: Entry, block: str) -> dict[str, bool]:
    """What a block of the spec switches on or off, where AWS was not asked or says nothing.

    A domain that has no switch in AWS is not updated to have one that is off: it is the same.
    """
    found = {
        app: read_member(entry.spec, (block, field, "idle", "enabled"))
        for app, field in APP_FIELDS.items()
    }
    return {app: switch for app, switch in found.items() if isinstance(switch, bool)}


def _idle_limits(settings: Mapping[str, Any]) -> dict[str, IdleLimits]:
    """The idle times that settings let spaces choose, for each app that they limit."""
    found = {}
    for app, member in _APP_SETTINGS.items():
        idle = _idle_settings(settings, member)
        lowest, highest = idle.get("MinIdleTimeoutInMinutes"), idle.get("MaxIdleTimeoutInMinutes")
        if lowest or highest:
            usual = IdleLimits()
            found[app] = IdleLimits(lowest or usual.lowest, highest or usual.highest)
    return found
