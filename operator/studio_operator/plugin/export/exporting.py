"""From an estate to resources that take it over: a pure function, and what it had to leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.space.in_aws.apps import ObservedApp
from studio_operator.kube.resources import Key
from studio_operator.plan.ownership import RELEASED, OwnerMark
from studio_operator.plugin.export.adoption import finish, owner_of, refuse
from studio_operator.plugin.export.estate import Described, Estate
from studio_operator.plugin.export.names import fit_names
from studio_operator.plugin.export.parts import Export, Exported, Omission
from studio_operator.plugin.export.people import (
    domain_members,
    domain_omissions,
    domain_settings,
    profile_members,
    profile_omissions,
    profile_settings,
)
from studio_operator.plugin.export.spaces import (
    NO_APP,
    OTHER_APP,
    app_of,
    space_members,
    space_omissions,
    space_settings,
)

_ACTIVE = frozenset({"Pending", "InService", "Deleting"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What the files are to hold people to.

    - `drift`: `spec.drift.default` of spaces: Report has status tell what people change in Studio,
      and leaves it; Enforce changes it back.
    - `settings`: whether to declare what people may change in AWS, or only what it is.
    """

    drift: Literal["Report", "Ignore", "Enforce"] = "Report"
    settings: bool = True


def export_estate(estate: Estate, namespace: str, choices: Choices | None = None) -> Export:
    """Resources for the namespace. What others own is left to them, and referred to by name."""
    return _Exporter(estate, namespace, choices or Choices()).run()


class _Exporter:
    def __init__(self, estate: Estate, namespace: str, choices: Choices) -> None:
        self._estate = estate
        self._choices = choices
        self._namespace = namespace
        self._region = estate.region
        types = {one.answer["SpaceName"]: app_of(one.answer) for one in estate.spaces}
        self._apps = {
            name: app
            for name, app in estate.apps_of_spaces.items()
            # Kernels are in spaces of Studio Classic only, and hold them as its server does.
            if app.app_type == types.get(name) or types.get(name) == "JupyterServer"
        }
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
        mark = OwnerMark.parse(self._estate.domain.tags.get(OWNER_TAG, ""))
        is_its_name = mark is not None and (mark.uid != RELEASED or self._is_ours(mark))
        if mark is not None and is_its_name:
            return mark.name
        return str(self._estate.domain.answer["DomainName"]).lower()

    def _is_ours(self, mark: OwnerMark) -> bool:
        return mark.namespace == self._namespace

    # --- one of each kind ---

    def _domain(self, domain: Described) -> Exported | Omission:
        thing = f"domain {domain.answer['DomainName']}"
        refusal = refuse(domain, thing, "StudioDomain", self._namespace)
        if refusal is not None:
            return refusal
        members = domain_members(domain, self._region, self._domain_name)
        key = Key("StudioDomain", self._namespace, self._domain_name)
        if self._choices.settings:
            members |= domain_settings(domain)
        return finish(key, thing, domain, members, domain_omissions(thing, domain))

    def _profile(self, profile: Described) -> Exported | Omission:
        name = str(profile.answer["UserProfileName"])
        thing = f"user profile {name}"
        refusal = refuse(profile, thing, "UserProfile", self._namespace)
        if refusal is not None:
            return refusal
        key = Key("UserProfile", self._namespace, self._profiles[name])
        members = {
            "domainRef": self._domain_reference(),
            "adopt": True,
            **profile_members(profile, key.name),
            **(profile_settings(profile) if self._choices.settings else {}),
        }
        return finish(key, thing, profile, members, profile_omissions(thing, profile))

    def _space(self, space: Described) -> Exported | Omission:
        name = str(space.answer["SpaceName"])
        thing = f"space {name}"
        refusal = refuse(space, thing, "Space", self._namespace) or self._refuse_space(space, thing)
        if refusal is not None:
            return refusal
        key = Key("Space", self._namespace, self._spaces[name])
        app = self._apps.get(name)
        members = {
            "domainRef": self._domain_reference(),
            **self._owner_reference(space),
            **({"spaceName": name} if name != key.name else {}),
            "adopt": True,
            **space_members(space),
            **(space_settings(space, app, self._region) if self._choices.settings else {}),
            "drift": {"default": self._choices.drift},
        }
        left = [*space_omissions(thing, space, app), *self._other_apps(name, thing)]
        return finish(key, thing, space, members, left)

    # --- what can't be taken over ---

    def _refuse_space(self, space: Described, title: str) -> Omission | None:
        if app_of(space.answer) is None:
            named = (space.answer.get("SpaceSettings") or {}).get("AppType")
            return Omission(title, "", f"it is for {named}, and {OTHER_APP}" if named else NO_APP)
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
                yield Omission(thing, f"app {app['AppName']} ({app['AppType']})", _BESIDE_THE_ONE)

    def _apps_without_space(self) -> Iterator[Omission]:
        for app in self._estate.apps:
            if not app.get("SpaceName") and app["Status"] in _ACTIVE:
                owner = app.get("UserProfileName")
                is_shared = owner == RSTUDIO_OWNER
                thing = "the domain itself" if is_shared else f"user profile {owner}"
                why = _OF_THE_DOMAIN if is_shared else _OF_A_PERSON
                yield Omission(thing, f"app {app['AppName']} ({app['AppType']})", why)


# The name under which ListApps shows an app of the domain itself; nobody's profile.
RSTUDIO_OWNER = "domain-shared"
_BESIDE_THE_ONE = "it is beside the one app that a Space stands for; it is left alone"
_OF_THE_DOMAIN = "it is the domain's RStudio server, which no resource stands for; it is left alone"
_OF_A_PERSON = "it is in no space, and a Space stands for apps in spaces only; it is left alone"


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
