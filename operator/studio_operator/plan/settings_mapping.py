"""Settings of domains and user profiles: where each stands in the spec and where in AWS.

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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studio_operator.api.common import Model

# botocore: LifecycleConfigArn and SageMakerImageVersionArn have the pattern `(arn:...|None)`.
CLEARED = "None"
IMAGE_MEMBERS = frozenset(
    {"SageMakerImageArn", "SageMakerImageVersionArn", "SageMakerImageVersionAlias"}
)
# UpdateDomain calls this member by another name than CreateDomain and DescribeDomain.
_NAMES_FOR_UPDATE = {"DomainSettings": "DomainSettingsForUpdate"}
_SWITCH = {True: "ENABLED", False: "DISABLED"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    - `path`: where it stands in `spec`, as in YAML; `member`: where in AWS's requests and answers.
    - `empty`: what AWS means where it shows nothing; None when that is not known.
    - `clearable`: whether sending `empty` takes the setting away. The others stay in AWS when
      they leave the spec.
    """

    path: tuple[str, ...]
    member: tuple[str, ...]
    empty: str | tuple[str, ...] | None = None
    clearable: bool = False

    @property
    def field(self) -> str:
        """The setting as people read it in a message, without `spec`."""
        return ".".join(self.path)

    @property
    def block(self) -> tuple[str, ...]:
        """The part of a request that is always sent whole: DefaultUserSettings is merged."""
        return self.member[:2]


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


def _resource_spec(path: tuple[str, ...], member: tuple[str, ...]) -> Iterator[Setting]:
    yield Setting((*path, "instanceType"), (*member, "InstanceType"))
    yield Setting((*path, "imageArn"), (*member, "SageMakerImageArn"))
    yield Setting((*path, "versionAlias"), (*member, "SageMakerImageVersionAlias"))
    yield Setting(
        (*path, "versionArn"), (*member, "SageMakerImageVersionArn"), CLEARED, clearable=True
    )
    yield Setting(
        (*path, "lifecycleConfigArn"), (*member, "LifecycleConfigArn"), CLEARED, clearable=True
    )


def _app(path: tuple[str, ...], member: tuple[str, ...], *, inherits: bool) -> Iterator[Setting]:
    """Settings of one app. A profile inherits idle shutdown, so nothing there means "off"."""
    yield from _resource_spec((*path, "defaultResourceSpec"), (*member, "DefaultResourceSpec"))
    yield Setting(
        (*path, "lifecycleConfigArns"), (*member, "LifecycleConfigArns"), (), clearable=True
    )
    idle, its_member = (*path, "idle"), (*member, "AppLifecycleManagement", "IdleSettings")
    yield Setting(
        (*idle, "enabled"),
        (*its_member, "LifecycleManagement"),
        None if inherits else "DISABLED",
        clearable=not inherits,
    )
    yield Setting((*idle, "timeoutMinutes"), (*its_member, "IdleTimeoutInMinutes"))
    yield Setting((*idle, "minTimeoutMinutes"), (*its_member, "MinIdleTimeoutInMinutes"))
    yield Setting((*idle, "maxTimeoutMinutes"), (*its_member, "MaxIdleTimeoutInMinutes"))


def _volumes(path: str, member: str) -> Iterator[Setting]:
    storage = (member, "SpaceStorageSettings", "DefaultEbsStorageSettings")
    yield Setting((path, "spaceStorage", "defaultGiB"), (*storage, "DefaultEbsVolumeSizeInGb"))
    yield Setting((path, "spaceStorage", "maximumGiB"), (*storage, "MaximumEbsVolumeSizeInGb"))


def _access(path: str, member: str) -> Iterator[Setting]:
    yield Setting((path, "executionRole"), (member, "ExecutionRole"))
    yield Setting((path, "securityGroups"), (member, "SecurityGroups"), (), clearable=True)


def _user_settings(path: str, member: str, *, inherits: bool) -> Iterator[Setting]:
    yield from _access(path, member)
    yield from _app((path, "jupyterLab"), (member, "JupyterLabAppSettings"), inherits=inherits)
    yield from _app((path, "codeEditor"), (member, "CodeEditorAppSettings"), inherits=inherits)
    yield from _volumes(path, member)
    yield Setting((path, "defaultLandingUri"), (member, "DefaultLandingUri"))
    yield Setting((path, "studioWebPortal"), (member, "StudioWebPortal"))


def _space_settings(path: str, member: str) -> Iterator[Setting]:
    yield from _access(path, member)
    yield from _app((path, "jupyterLab"), (member, "JupyterLabAppSettings"), inherits=False)
    yield from _volumes(path, member)


def _domain_settings(path: str, member: str) -> Iterator[Setting]:
    # AWS takes an empty list here without any effect (aws-sdk-go-v2 #3084).
    yield Setting((path, "securityGroupIds"), (member, "SecurityGroupIds"), ())
    yield Setting(
        (path, "executionRoleIdentity"),
        (member, "ExecutionRoleIdentityConfig"),
        "DISABLED",
        clearable=True,
    )
    docker, its_member = (path, "docker"), (member, "DockerSettings")
    yield Setting(
        (*docker, "enabled"), (*its_member, "EnableDockerAccess"), "DISABLED", clearable=True
    )
    yield Setting(
        (*docker, "trustedAccounts"), (*its_member, "VpcOnlyTrustedAccounts"), (), clearable=True
    )
    yield Setting((path, "ipAddressType"), (member, "IpAddressType"), "ipv4")


# The API reference of CreateDomain names the defaults of network and tag propagation. Leaving
# `network` out never opens a closed domain: it stays as it is.
DOMAIN_SETTINGS: tuple[Setting, ...] = (
    Setting(("subnetIds",), ("SubnetIds",)),
    Setting(("network",), ("AppNetworkAccessType",), "PublicInternetOnly"),
    Setting(("tagPropagation",), ("TagPropagation",), "DISABLED", clearable=True),
    *_user_settings("defaultUserSettings", "DefaultUserSettings", inherits=False),
    *_space_settings("defaultSpaceSettings", "DefaultSpaceSettings"),
    *_domain_settings("domainSettings", "DomainSettings"),
)
PROFILE_SETTINGS: tuple[Setting, ...] = tuple(
    _user_settings("userSettings", "UserSettings", inherits=True)
)


def read_member(values: Mapping[str, Any] | None, path: Iterable[str]) -> Any:
    """The value at a path of nested mappings, None where there is none."""
    found: Any = values
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def declared_values(spec: Model, settings: Iterable[Setting]) -> dict[Setting, Any]:
    """The settings that a spec declares, with AWS's values. An empty list is a declared value."""
    document = spec.dump()
    found = ((setting, read_member(document, setting.path)) for setting in settings)
    return {
        setting: _SWITCH[value] if isinstance(value, bool) else value
        for setting, value in found
        if value is not None
    }


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
    """Whether AWS shows the declared value. Order in lists means nothing to AWS."""
    wanted, seen = _plain(declared), _plain(setting.empty if shown is None else shown)
    return bool(wanted == seen)


def _is_empty(shown: Any, setting: Setting) -> bool:
    return shown is None or _plain(shown) == _plain(setting.empty)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list | tuple) else value


def managed_fields(declared: Values, pending: Iterable[Setting] = ()) -> tuple[str, ...]:
    """What to remember as set from the spec: what is declared, and what is still to be cleared."""
    return tuple(sorted({setting.field for setting in (*declared, *pending)}))


def creation_members(declared: Values) -> dict[str, Any]:
    """Members of CreateDomain or CreateUserProfile that carry the declared settings."""
    members: dict[str, Any] = {}
    for setting, value in declared.items():
        _put(members, setting.member, value)
    return members


def update_members(
    changes: Changes, declared: Values, details: Mapping[str, Any]
) -> dict[str, Any]:
    """Members of UpdateDomain or UpdateUserProfile that carry the changes."""
    blocks = {setting.block for setting in (*changes.sets, *changes.clears)}
    members: dict[str, Any] = {}
    for block in sorted(blocks):
        shown = read_member(details, block)
        if isinstance(shown, Mapping):
            _put(members, block, copy.deepcopy(dict(shown)))
    _drop_replaced_images(members, changes)
    for setting, value in declared.items():
        if setting.block in blocks:
            _put(members, setting.member, value)
    for setting in changes.clears:
        empty = setting.empty
        _put(members, setting.member, list(empty) if isinstance(empty, tuple) else empty)
    return {_NAMES_FOR_UPDATE.get(name, name): value for name, value in members.items()}


def _drop_replaced_images(members: Mapping[str, Any], changes: Changes) -> None:
    """Don't repeat a part of the old image next to a part of the new: AWS fills in a version."""
    for setting in (*changes.sets, *changes.clears):
        if setting.member[-1] in IMAGE_MEMBERS:
            resource_spec = read_member(members, setting.member[:-1])
            for name in IMAGE_MEMBERS if isinstance(resource_spec, dict) else ():
                resource_spec.pop(name, None)


def _put(members: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    target = members
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def hash_values(declared: Values, *further: str | None) -> str:
    """A short, stable hash of declared settings and whatever else is compared with them."""
    listed = [[setting.field, _plain(value)] for setting, value in declared.items()]
    text = json.dumps([sorted(listed, key=lambda item: str(item[0])), further], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_CONSTRAINT = re.compile(r"\bat '([\w.\[\]]+)' failed to satisfy constraint")
# Members of the requests that are no settings.
_OTHER_FIELDS = {
    "domainname": "domainName",
    "authmode": "authMode",
    "vpcid": "vpcId",
    "kmskeyid": "kmsKeyId",
    "userprofilename": "userProfileName",
    "singlesignonuservalue": "singleSignOn.value",
    "singlesignonuseridentifier": "singleSignOn.identifier",
    "tags": "tags",
}


def field_in_message(message: str, settings: Iterable[Setting]) -> str | None:
    """The field of the spec that AWS's words on a broken constraint are about, if they tell.

    AWS names members in its own way: "Value '7' at 'defaultUserSettings.securityGroups.1.member'
    failed to satisfy constraint: Member must ...".
    """
    match = _CONSTRAINT.search(message)
    if match is None:
        return None
    named = match.group(1).lower().replace("settingsforupdate", "settings")
    by_member = {".".join(setting.member).lower(): setting.field for setting in settings}
    known = {**_OTHER_FIELDS, **by_member}
    fitting = [member for member in known if f"{named}.".startswith(f"{member}.")]
    return f"spec.{known[max(fitting, key=len)]}" if fitting else None
