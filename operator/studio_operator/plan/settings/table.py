"""A setting as a row, and the rows of domains and user profiles; those of spaces are in their kind.

A row says where a setting stands in the spec and where in AWS, and all else that differs from one
setting to the next. What reads the rows names none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from studio_operator.plan.settings.forms import FILE_SYSTEMS, PLAIN, REPOSITORIES, SWITCH, Form
from studio_operator.plan.tenancy.check import EACH
from studio_operator.plan.tenancy.policy import Subject

# botocore: LifecycleConfigArn and SageMakerImageVersionArn have the pattern `(arn:...|None)`.
CLEARED = "None"
# Where values stand in a list of them, and in a list of file systems.
_ITEMS = (EACH,)
FILE_SYSTEM_IDS = (EACH, EACH, "fileSystemId")


# A row is the key of many dicts: it is looked up by what it is, not by what it says.
@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One setting.

    - `path`: where it stands in `spec`, as in YAML; `member`: where in AWS's requests and answers.
    - `empty`: what AWS means where it shows nothing; None when that is not known.
    - `clearable`: whether sending `empty` takes the setting away. The others stay in AWS when
      they leave the spec.
    - `fixed`: whether AWS takes it at creation only; `repeatable`: whether an update may say it
      again where nothing changes.
    - `form`: how its values are written in the spec and in AWS.
    - `names`: what a tenant has to allow of its values; `inside`: where in a value these stand.

    What else a space's settings need:

    - `read`: its value in a spec that was read; None where it is left out.
    - `attribute`: its name in what is observed of a space, and on status.
    - `needs_stop`: whether a change is worth stopping a running app for; `section`: the section of
      `spec.drift` that it belongs to.
    - `default`: where a profile or a domain declares its default, below the settings of the app;
      empty where the operator takes none from there.
    """

    path: tuple[str, ...]
    member: tuple[str, ...]
    empty: Any = None
    clearable: bool = False
    fixed: bool = False
    repeatable: bool = True
    form: Form = PLAIN
    names: Subject | None = None
    inside: tuple[str, ...] = ()
    read: Callable[[Any], Any] | None = None
    attribute: str = ""
    needs_stop: bool = False
    section: str = "other"
    default: tuple[str, ...] = ()

    # As people read it in a message, without `spec`. Every pass asks for it: made once.
    field: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", ".".join(self.path))

    @property
    def block(self) -> tuple[str, ...]:
        """The part of a request that is always sent whole: DefaultUserSettings is merged."""
        return self.member[:2]


def put_member(members: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put a value at a path of nested mappings."""
    target = members
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def _resource_spec(path: tuple[str, ...], member: tuple[str, ...]) -> Iterator[Setting]:
    yield Setting((*path, "instanceType"), (*member, "InstanceType"))
    yield Setting((*path, "imageArn"), (*member, "SageMakerImageArn"), names=Subject.IMAGES)
    yield Setting((*path, "versionAlias"), (*member, "SageMakerImageVersionAlias"))
    yield Setting(
        (*path, "versionArn"),
        (*member, "SageMakerImageVersionArn"),
        CLEARED,
        clearable=True,
        names=Subject.IMAGES,
    )
    yield Setting(
        (*path, "lifecycleConfigArn"),
        (*member, "LifecycleConfigArn"),
        CLEARED,
        clearable=True,
        names=Subject.LIFECYCLE_CONFIGS,
    )


def _app(path: tuple[str, ...], member: tuple[str, ...], *, inherits: bool) -> Iterator[Setting]:
    """Settings of one app. A profile inherits idle shutdown, so nothing there means "off"."""
    yield from _resource_spec((*path, "defaultResourceSpec"), (*member, "DefaultResourceSpec"))
    yield Setting(
        (*path, "lifecycleConfigArns"),
        (*member, "LifecycleConfigArns"),
        (),
        clearable=True,
        names=Subject.LIFECYCLE_CONFIGS,
        inside=_ITEMS,
    )
    idle, its_member = (*path, "idle"), (*member, "AppLifecycleManagement", "IdleSettings")
    yield Setting(
        (*idle, "enabled"),
        (*its_member, "LifecycleManagement"),
        None if inherits else "DISABLED",
        clearable=not inherits,
        form=SWITCH,
    )
    yield Setting((*idle, "timeoutMinutes"), (*its_member, "IdleTimeoutInMinutes"))
    yield Setting((*idle, "minTimeoutMinutes"), (*its_member, "MinIdleTimeoutInMinutes"))
    yield Setting((*idle, "maxTimeoutMinutes"), (*its_member, "MaxIdleTimeoutInMinutes"))


def _repositories(path: str, member: str) -> Iterator[Setting]:
    """Code Editor has none; JupyterServer has no other setting here."""
    for app, its_member in (
        ("jupyterLab", "JupyterLabAppSettings"),
        ("jupyterServer", "JupyterServerAppSettings"),
    ):
        yield Setting(
            (path, app, "codeRepositories"),
            (member, its_member, "CodeRepositories"),
            (),
            clearable=True,
            form=REPOSITORIES,
        )


def _file_systems(path: str, member: str, *, of_profile: bool = False) -> Iterator[Setting]:
    """What can be mounted, and as whom.

    An empty list takes the file systems away (hashicorp/terraform-provider-aws#42144, whose
    acceptance tests run against AWS). Nothing takes the POSIX user away: both members are required.
    UpdateUserProfile takes none, UpdateDomain one only while the domain has no profile (Developer
    Guide, "Adding a custom file system to a domain").
    """
    yield Setting(
        (path, "fileSystems"),
        (member, "CustomFileSystemConfigs"),
        (),
        clearable=True,
        form=FILE_SYSTEMS,
        names=Subject.FILE_SYSTEMS,
        inside=FILE_SYSTEM_IDS,
    )
    for name, its_member, subject in (
        ("uid", "Uid", Subject.UIDS),
        ("gid", "Gid", Subject.GIDS),
    ):
        yield Setting(
            (path, "posixUser", name),
            (member, "CustomPosixUserConfig", its_member),
            fixed=of_profile,
            repeatable=False,
            names=subject,
        )


def _volumes(path: str, member: str) -> Iterator[Setting]:
    storage = (member, "SpaceStorageSettings", "DefaultEbsStorageSettings")
    yield Setting((path, "spaceStorage", "defaultGiB"), (*storage, "DefaultEbsVolumeSizeInGb"))
    yield Setting((path, "spaceStorage", "maximumGiB"), (*storage, "MaximumEbsVolumeSizeInGb"))


def _access(path: str, member: str) -> Iterator[Setting]:
    yield Setting((path, "executionRole"), (member, "ExecutionRole"), names=Subject.EXECUTION_ROLES)
    yield Setting(
        (path, "securityGroups"),
        (member, "SecurityGroups"),
        (),
        clearable=True,
        names=Subject.SECURITY_GROUPS,
        inside=_ITEMS,
    )


def _user_settings(path: str, member: str, *, inherits: bool) -> Iterator[Setting]:
    """Settings of users; a profile's inherit the domain's."""
    yield from _access(path, member)
    yield from _app((path, "jupyterLab"), (member, "JupyterLabAppSettings"), inherits=inherits)
    yield from _app((path, "codeEditor"), (member, "CodeEditorAppSettings"), inherits=inherits)
    yield from _repositories(path, member)
    yield from _volumes(path, member)
    yield from _file_systems(path, member, of_profile=inherits)
    yield Setting((path, "defaultLandingUri"), (member, "DefaultLandingUri"))
    yield Setting((path, "studioWebPortal"), (member, "StudioWebPortal"))


def _space_settings(path: str, member: str) -> Iterator[Setting]:
    yield from _access(path, member)
    yield from _app((path, "jupyterLab"), (member, "JupyterLabAppSettings"), inherits=False)
    yield from _repositories(path, member)
    yield from _volumes(path, member)
    yield from _file_systems(path, member)


def _domain_settings(path: str, member: str) -> Iterator[Setting]:
    # AWS takes an empty list here without any effect (aws-sdk-go-v2 #3084).
    yield Setting(
        (path, "securityGroupIds"),
        (member, "SecurityGroupIds"),
        (),
        names=Subject.SECURITY_GROUPS,
        inside=_ITEMS,
    )
    yield Setting(
        (path, "executionRoleIdentity"),
        (member, "ExecutionRoleIdentityConfig"),
        "DISABLED",
        clearable=True,
    )
    docker, its_member = (path, "docker"), (member, "DockerSettings")
    yield Setting(
        (*docker, "enabled"),
        (*its_member, "EnableDockerAccess"),
        "DISABLED",
        clearable=True,
        form=SWITCH,
    )
    yield Setting(
        (*docker, "trustedAccounts"),
        (*its_member, "VpcOnlyTrustedAccounts"),
        (),
        clearable=True,
        names=Subject.IMAGE_OWNERS,
        inside=_ITEMS,
    )
    yield Setting((path, "ipAddressType"), (member, "IpAddressType"), "ipv4")


# The API reference of CreateDomain names the defaults of network and tag propagation. Leaving
# `network` out never opens a closed domain: it stays as it is.
NETWORK = Setting(("network",), ("AppNetworkAccessType",), "PublicInternetOnly", repeatable=False)
DOMAIN_SETTINGS: tuple[Setting, ...] = (
    Setting(("subnetIds",), ("SubnetIds",), names=Subject.SUBNETS, inside=_ITEMS),
    Setting(("vpcId",), ("VpcId",), repeatable=False),
    NETWORK,
    Setting(("tagPropagation",), ("TagPropagation",), "DISABLED", clearable=True),
    *_user_settings("defaultUserSettings", "DefaultUserSettings", inherits=False),
    *_space_settings("defaultSpaceSettings", "DefaultSpaceSettings"),
    *_domain_settings("domainSettings", "DomainSettings"),
)
PROFILE_SETTINGS: tuple[Setting, ...] = tuple(
    _user_settings("userSettings", "UserSettings", inherits=True)
)
