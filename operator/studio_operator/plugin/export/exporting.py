"""From an estate to resources that take it over: a pure function, and what it had to leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio_operator.api.common import OWNER_TAG
from studio_operator.kube.resources import Key
from studio_operator.plan.observed import STABLE, ObservedApp
from studio_operator.plan.ownership import RELEASED, OwnerMark
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.fitting import TAGS_IN_AWS, choose_tags, fit
from studio_operator.plugin.export.names import fit_names
from studio_operator.plugin.export.parts import Export, Exported, Omission
from studio_operator.plugin.export.people import (
    domain_members,
    domain_omissions,
    profile_members,
    profile_omissions,
)
from studio_operator.plugin.export.spaces import (
    OTHER_APP,
    app_of,
    space_members,
    space_omissions,
)

_ACTIVE = frozenset({"Pending", "InService", "Deleting"})


def export_estate(estate: Estate, namespace: str) -> Export:
    """Resources for the namespace. What others own is left to them, and referred to by name."""
    return _Exporter(estate, namespace).run()


def owner_of(thing: Described) -> OwnerMark | None:
    """The resource that has a thing in AWS; None for what nobody has, or has let go of."""
    value = thing.tags.get(OWNER_TAG)
    mark = OwnerMark.parse(value) if value else None
    return mark if mark is not None and mark.uid != RELEASED else None


class _Exporter:
    def __init__(self, estate: Estate, namespace: str) -> None:
        self._estate = estate
        self._namespace = namespace
        self._region = estate.region
        self._apps = estate.apps_of_spaces
        profiles = [one.answer["UserProfileName"] for one in estate.profiles]
        spaces = [one.answer["SpaceName"] for one in estate.spaces]
        self._domain_name = self._name_of_domain()
        self._profiles = fit_names(profiles, _given_names(estate.profiles, "UserProfileName"))
        self._spaces = fit_names(spaces, _given_names(estate.spaces, "SpaceName"))

    def run(self) -> Export:
        """Domain first, then profiles, then spaces, each by name."""
        parts = [
            self._domain(self._estate.domain),
            *(self._profile(one) for one in self._estate.profiles),
            *(self._space(one) for one in self._estate.spaces),
        ]
        resources = tuple(one for one in parts if isinstance(one, Exported))
        left = tuple(one for one in parts if isinstance(one, Omission))
        return Export(resources, (*left, *self._apps_without_space()))

    def _name_of_domain(self) -> str:
        mark = owner_of(self._estate.domain)
        return mark.name if mark else str(self._estate.domain.answer["DomainName"]).lower()

    # --- one of each kind ---

    def _domain(self, domain: Described) -> Exported | Omission:
        thing = f"domain {domain.answer['DomainName']}"
        refusal = self._refuse(domain, thing)
        if refusal is not None:
            return refusal
        members = domain_members(domain, self._region, self._domain_name)
        key = Key("StudioDomain", self._namespace, self._domain_name)
        return self._finish(key, thing, domain, members, domain_omissions(thing, domain))

    def _profile(self, profile: Described) -> Exported | Omission:
        name = str(profile.answer["UserProfileName"])
        thing = f"user profile {name}"
        refusal = self._refuse(profile, thing)
        if refusal is not None:
            return refusal
        key = Key("UserProfile", self._namespace, self._profiles[name])
        members = {
            "domainRef": self._domain_reference(),
            "adopt": True,
            **profile_members(profile, key.name),
        }
        return self._finish(key, thing, profile, members, profile_omissions(thing, profile))

    def _space(self, space: Described) -> Exported | Omission:
        name = str(space.answer["SpaceName"])
        thing = f"space {name}"
        refusal = self._refuse(space, thing) or self._refuse_space(space, thing)
        if refusal is not None:
            return refusal
        key = Key("Space", self._namespace, self._spaces[name])
        app = self._apps.get(name)
        members = {
            "domainRef": self._domain_reference(),
            **self._owner_reference(space),
            **({"spaceName": name} if name != key.name else {}),
            "adopt": True,
            **space_members(space, app, self._region),
        }
        left = [*space_omissions(thing, space, app), *self._other_apps(name, thing)]
        return self._finish(key, thing, space, members, left)

    def _finish(
        self,
        key: Key,
        thing: str,
        described: Described,
        members: Mapping[str, Any],
        omissions: Iterable[Omission],
    ) -> Exported | Omission:
        tags, untold = choose_tags(thing, described.tags)
        fitted = fit(key, thing, {**members, "tags": tags} if tags else members)
        if isinstance(fitted, Omission):
            return fitted
        return replace(fitted, omissions=(*omissions, *untold, *fitted.omissions))

    # --- what can't be taken over ---

    def _refuse(self, thing: Described, title: str) -> Omission | None:
        """Nothing is made of what is another resource's, or is not at rest."""
        value = thing.tags.get(OWNER_TAG)
        mark = OwnerMark.parse(value) if value else None
        if value and mark is None:
            return Omission(title, "", f"its tag {OWNER_TAG} is {value}: it belongs to others")
        if mark is not None and mark.uid != RELEASED:
            return Omission(title, "", f"{mark.resource} of cluster {mark.cluster} has it already")
        if thing.status not in STABLE:
            return Omission(title, "", f"it is {thing.status}: export again when it is InService")
        if value is None and len(thing.tags) >= TAGS_IN_AWS:
            return Omission(
                title, "", f"it has {len(thing.tags)} tags, and AWS takes no more: remove one"
            )
        return None

    def _refuse_space(self, space: Described, title: str) -> Omission | None:
        released = OwnerMark.parse(space.tags.get(OWNER_TAG, ""))
        if released is not None and released.namespace != self._namespace:
            return Omission(
                title,
                "",
                f"Space {released.resource} has let it go: only that namespace may take it back, "
                f"unless its tag {OWNER_TAG} is removed",
            )
        if app_of(space.answer) is None:
            named = (space.answer.get("SpaceSettings") or {}).get("AppType") or "no app"
            return Omission(title, "", f"it runs {named}, and {OTHER_APP}")
        owner = _owner_name(space)
        if owner is None:
            return None  # Studio Classic's; of others the schema says that an owner is missing
        known = {name.lower(): name for name in self._profiles}
        if owner.lower() not in known:
            return Omission(title, "", f"its owner, user profile {owner}, does not exist any more")
        profile = next(
            one
            for one in self._estate.profiles
            if one.answer["UserProfileName"] == known[owner.lower()]
        )
        mark = owner_of(profile)
        if mark is not None and mark.namespace != self._namespace:
            return Omission(
                title,
                "",
                f"its owner is UserProfile {mark.resource}: export for namespace {mark.namespace}",
            )
        return None

    # --- references ---

    def _domain_reference(self) -> dict[str, str]:
        mark = owner_of(self._estate.domain)
        if mark is None or mark.namespace == self._namespace:
            return {"name": self._domain_name}
        return {"name": mark.name, "namespace": mark.namespace}

    def _owner_reference(self, space: Described) -> dict[str, Any]:
        owner = _owner_name(space)
        by_name = {name.lower(): fitted for name, fitted in self._profiles.items()}
        return {"ownerRef": {"name": by_name[owner.lower()]}} if owner else {}

    # --- apps that no resource stands for ---

    def _other_apps(self, space: str, thing: str) -> Iterator[Omission]:
        known: ObservedApp | None = self._apps.get(space)
        for app in self._estate.apps:
            is_own = known is not None and app["AppName"] == known.name
            if app.get("SpaceName") == space and not is_own and app["Status"] in _ACTIVE:
                yield Omission(thing, f"app {app['AppName']} ({app['AppType']})", _LEFT_ALONE)

    def _apps_without_space(self) -> Iterator[Omission]:
        for app in self._estate.apps:
            if not app.get("SpaceName") and app["Status"] in _ACTIVE:
                thing = f"user profile {app.get('UserProfileName')}"
                yield Omission(thing, f"app {app['AppName']} ({app['AppType']})", _LEFT_ALONE)


_LEFT_ALONE = f"{OTHER_APP}, one a space; it is left alone"


def _owner_name(space: Described) -> str | None:
    owner = (space.answer.get("OwnershipSettings") or {}).get("OwnerUserProfileName")
    return str(owner) if owner else None


def _given_names(things: Iterable[Described], member: str) -> dict[str, str]:
    """Names in Kubernetes that are given already, by name in AWS: of what is owned or let go."""
    given: dict[str, str] = {}
    for thing in things:
        value = thing.tags.get(OWNER_TAG)
        mark = OwnerMark.parse(value) if value else None
        if mark is not None and mark.name not in given.values():
            given[str(thing.answer[member])] = mark.name
    return given
