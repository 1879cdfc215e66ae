"""Settings of domains and user profiles: how spec and AWS differ, and the requests that say so.

Three habits of AWS shape what is here:

- DescribeDomain shows settings that nobody declared, so only declared ones are compared.
- An omitted member of an update changes nothing, so a setting that leaves the spec is cleared by
  an explicit value, where AWS has one. `status.managedFields` remembers which those are.
- Whether a structure inside a member (such as DefaultResourceSpec) is merged or replaced is not
  documented, so an update repeats what AWS shows in the member and changes that.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from studio_operator.api.common import Model
from studio_operator.plan.settings.table import (
    CLEARED,
    DOMAIN_SETTINGS,
    NETWORK,
    PROFILE_SETTINGS,
    Setting,
    put_member,
)

__all__ = [
    "CLEARED",
    "DOMAIN_SETTINGS",
    "PROFILE_SETTINGS",
    "Changes",
    "Setting",
    "Values",
    "creation_members",
    "declared_values",
    "field_in_message",
    "find_changes",
    "hash_values",
    "managed_fields",
    "read_member",
    "update_members",
    "updated_details",
    "values_to_repeat",
]

IMAGE_MEMBERS = frozenset(
    {"SageMakerImageArn", "SageMakerImageVersionArn", "SageMakerImageVersionAlias"}
)
# UpdateDomain calls this member by another name than CreateDomain and DescribeDomain.
_NAMES_FOR_UPDATE = {"DomainSettings": "DomainSettingsForUpdate"}
_NAMES_OTHERWISE = {update: name for name, update in _NAMES_FOR_UPDATE.items()}
# The Developer Guide, "Adding a custom file system to a domain": the role goes along.
_ROLE_OF_SHARED_SPACES = ("DefaultSpaceSettings", "ExecutionRole")

# "VpcId and Subnet IDs are required for updating domains to VpcOnly mode." is what AWS says of an
# update that carries VpcOnly alone, changed or not (hashicorp/terraform-provider-aws #45528).
_VPC, _SUBNETS = ("VpcId",), ("SubnetIds",)

Values = Mapping[Setting, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """How what is declared differs from AWS.

    - `sets`: what to set, with the values; `clears`: what to take away.
    - `kept`: what left the spec but stays in AWS, for want of a value that clears it.
    """

    sets: Values
    clears: tuple[Setting, ...] = ()
    kept: tuple[Setting, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sets or self.clears)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the settings to set or clear."""
        return tuple(sorted(setting.field for setting in (*self.sets, *self.clears)))

    def only(self, fields: Iterable[str]) -> Changes:
        """Of what is to be set or cleared, these fields."""
        these = frozenset(fields)
        return Changes(
            {setting: value for setting, value in self.sets.items() if setting.field in these},
            tuple(setting for setting in self.clears if setting.field in these),
        )

    def without(self, fields: Iterable[str]) -> Changes:
        """What is to be set or cleared beside these fields."""
        return self.only(frozenset(self.fields) - frozenset(fields))


def read_member(values: Mapping[str, Any] | None, path: Iterable[str]) -> Any:
    """The value at a path of nested mappings, None where there is none."""
    found: Any = values
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def declared_values(spec: Model, settings: Iterable[Setting]) -> dict[Setting, Any]:
    """The settings that a spec declares, with AWS's values. An empty list is a declared value."""
    document = spec.dump()
    found = ((setting, read_member(document, setting.path)) for setting in settings)
    return {setting: setting.form.to_aws(value) for setting, value in found if value is not None}


def find_changes(
    declared: Values,
    details: Mapping[str, Any],
    settings: Iterable[Setting],
    managed: Iterable[str],
) -> Changes:
    """How the declared values differ from what AWS shows.

    `managed` are the fields that the spec has set before, as `status.managedFields` holds them.
    """
    before = frozenset(managed)
    sets = {
        setting: value
        for setting, value in declared.items()
        if not _is_same(value, read_member(details, setting.member), setting)
    }
    dropped = [
        setting
        for setting in settings
        if setting.field in before
        and setting not in declared
        and not _is_empty(read_member(details, setting.member), setting)
    ]
    return Changes(
        sets,
        clears=tuple(setting for setting in dropped if setting.clearable),
        kept=tuple(setting for setting in dropped if not setting.clearable),
    )


def _is_same(declared: Any, shown: Any, setting: Setting) -> bool:
    observed = setting.empty if shown is None else shown
    return bool(_comparable(setting, declared) == _comparable(setting, observed))


def _is_empty(shown: Any, setting: Setting) -> bool:
    return shown is None or _comparable(setting, shown) == _comparable(setting, setting.empty)


def _comparable(setting: Setting, value: Any) -> Any:
    return None if value is None else setting.form.comparable(value)


def managed_fields(declared: Values, pending: Iterable[Setting] = ()) -> tuple[str, ...]:
    """What to remember as set from the spec: what is declared, and what is still to be cleared."""
    return tuple(sorted({setting.field for setting in (*declared, *pending)}))


def values_to_repeat(declared: Values) -> Values:
    """What an update may say again, where AWS wants one though nothing differs."""
    return {setting: value for setting, value in declared.items() if setting.repeatable}


def creation_members(declared: Values) -> dict[str, Any]:
    """Members of CreateDomain or CreateUserProfile that carry the declared settings."""
    members: dict[str, Any] = {}
    for setting, value in declared.items():
        put_member(members, setting.member, value)
    return members


def update_members(
    changes: Changes, declared: Values, details: Mapping[str, Any]
) -> dict[str, Any]:
    """Members of UpdateDomain or UpdateUserProfile that carry the changes."""
    blocks = _blocks_to_send(changes)
    members: dict[str, Any] = {}
    for block in sorted(blocks):
        shown = read_member(details, block)
        if shown is not None:
            put_member(members, block, copy.deepcopy(shown))
    _drop_replaced_images(members, changes)
    for setting, value in declared.items():
        if setting.block in blocks:
            put_member(members, setting.member, value)
    for setting in changes.clears:
        empty = setting.empty
        put_member(members, setting.member, list(empty) if isinstance(empty, tuple) else empty)
    return {_NAMES_FOR_UPDATE.get(name, name): value for name, value in members.items()}


def updated_details(details: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Details after an update with these members: structures merge, anything else is replaced."""
    result = dict(details)
    for name, value in given.items():
        known = _NAMES_OTHERWISE.get(name, name)
        before = result.get(known)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[known] = updated_details(before or {}, value) if both else copy.deepcopy(value)
    return result


def _blocks_to_send(changes: Changes) -> set[tuple[str, ...]]:
    blocks = {setting.block for setting in (*changes.sets, *changes.clears)}
    if any(block[0] == _ROLE_OF_SHARED_SPACES[0] for block in blocks):
        blocks.add(_ROLE_OF_SHARED_SPACES)
    if changes.sets.get(NETWORK) == "VpcOnly" or _VPC in blocks:
        blocks |= {_VPC, _SUBNETS}
    return blocks


def _drop_replaced_images(members: Mapping[str, Any], changes: Changes) -> None:
    """Don't repeat a part of the old image next to a part of the new: AWS fills in a version."""
    for setting in (*changes.sets, *changes.clears):
        if setting.member[-1] in IMAGE_MEMBERS:
            resource_spec = read_member(members, setting.member[:-1])
            for name in IMAGE_MEMBERS if isinstance(resource_spec, dict) else ():
                resource_spec.pop(name, None)


def hash_values(declared: Values, *further: str | None) -> str:
    """A short, stable hash of declared settings and whatever else is compared with them."""
    listed = [[setting.field, _comparable(setting, value)] for setting, value in declared.items()]
    text = json.dumps([sorted(listed, key=lambda item: str(item[0])), further], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_CONSTRAINT = re.compile(r"\bat '([\w.\[\]]+)' failed to satisfy constraint")


def field_in_message(
    message: str, settings: Iterable[Setting], others: Mapping[str, str] = MappingProxyType({})
) -> str | None:
    """The field of the spec that AWS's words on a broken constraint are about, if they tell.

    `others`: fields that are no settings, by the members that requests have for them.

    AWS names members in its own way: "Value '7' at 'defaultUserSettings.securityGroups.1.member'
    failed to satisfy constraint: Member must ...".
    """
    match = _CONSTRAINT.search(message)
    if match is None:
        return None
    named = match.group(1).lower().replace("settingsforupdate", "settings")
    by_member = {".".join(setting.member).lower(): setting.field for setting in settings}
    known = {**{member.lower(): field for member, field in others.items()}, **by_member}
    fitting = [member for member in known if f"{named}.".startswith(f"{member}.")]
    return known[max(fitting, key=len)] if fitting else None
