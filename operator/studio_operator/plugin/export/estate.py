"""What is in AWS: a domain and all in it, as Describe calls and ListTags answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio_operator.kinds.space.in_aws.apps import ObservedApp, apps_by_space
from studio_operator.plugin.export.account import Account, NotInAwsError, absent_domain

Json = Mapping[str, Any]
# What goes on, and how much of all is done, from 0 to 1.
Advance = Callable[[str, float], None]


@dataclass(frozen=True)
class Described:
    """One thing: DescribeX's answer, and its tags."""

    answer: Json
    tags: Mapping[str, str]

    @property
    def status(self) -> str:
        """Its status, for example InService."""
        return str(self.answer["Status"])


@dataclass(frozen=True)
class Estate:
    """A domain with its profiles, spaces and apps; `apps` are the items of ListApps."""

    region: str
    domain: Described
    profiles: tuple[Described, ...]
    spaces: tuple[Described, ...]
    apps: tuple[Json, ...]

    @property
    def domain_id(self) -> str:
        """Id of the domain."""
        return str(self.domain.answer["DomainId"])

    @property
    def apps_of_spaces(self) -> dict[str, ObservedApp]:
        """The app of each space, by the space's name, as the operator sees it."""
        return apps_by_space(self.apps)


def read_estate(account: Account, domain_id: str, advance: Advance) -> Estate:
    """All of a domain. Raises NotFoundError, RefusedError and PluginError."""
    try:
        answer = account.read("DescribeDomain", DomainId=domain_id)
    except NotInAwsError as error:
        raise absent_domain(domain_id, account) from error
    domain = Described(answer, account.tags(answer["DomainArn"]))
    profiles = _names(account, "UserProfiles", "UserProfileName", domain_id)
    spaces = _names(account, "Spaces", "SpaceName", domain_id)
    apps = tuple(account.pages("ListApps", "Apps", DomainIdEquals=domain_id))
    total = max(1, len(profiles) + len(spaces))
    found: list[Described | None] = []
    for number, (kind, name) in enumerate((*profiles, *spaces)):
        advance(f"{kind} {name}", number / total)
        found.append(_describe(account, kind, name, domain_id))
    return Estate(
        region=account.region,
        domain=domain,
        profiles=tuple(one for one in found[: len(profiles)] if one is not None),
        spaces=tuple(one for one in found[len(profiles) :] if one is not None),
        apps=apps,
    )


def _names(account: Account, member: str, name: str, domain_id: str) -> list[tuple[str, str]]:
    listed = account.pages(f"List{member}", member, DomainIdEquals=domain_id)
    return sorted((member.removesuffix("s"), str(one[name])) for one in listed)


def _describe(account: Account, kind: str, name: str, domain_id: str) -> Described | None:
    """One thing with its tags; None for one that went while we read."""
    named = {"DomainId": domain_id, f"{kind}Name": name}
    try:
        answer = account.read(f"Describe{kind}", **named)
        return Described(answer, account.tags(answer[f"{kind}Arn"]))
    except NotInAwsError:
        return None
