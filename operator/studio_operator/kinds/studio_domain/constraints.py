"""Settings of a domain that AWS changes only while the domain lacks something, and what it has.

AWS's refusal names neither, and the listings have them already. Sources: the API reference of
UpdateDomain, on AppNetworkAccessType, SubnetIds and ExecutionRoleIdentityConfig; the Developer
Guide, "Adding a custom file system to a domain", on CustomPosixUserConfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from studio_operator.kinds.shared.holds import Blocker
from studio_operator.plan.decisions import name_some
from studio_operator.plan.messages import Message, tell
from studio_operator.plan.remedies import (
    Edit,
    Instruction,
    command,
    field,
    in_kubernetes,
    leave_out,
    set_field,
)
from studio_operator.plan.settings.mapping import read_member
from studio_operator.plan.types import FailureKind

if TYPE_CHECKING:
    from studio_operator.kinds.studio_domain.view import DomainView

_NETWORK = "network"
_SUBNETS = "subnetIds"
_IDENTITY = "domainSettings.executionRoleIdentity"
_POSIX = {
    "defaultUserSettings.posixUser": ("DefaultUserSettings", "CustomPosixUserConfig"),
    "defaultSpaceSettings.posixUser": ("DefaultSpaceSettings", "CustomPosixUserConfig"),
}
# Names may have 63 characters, and the message has a remedy besides.
_NAMES_SHOWN = 2


def blockers_of(view: DomainView, kind: FailureKind) -> Mapping[str, Blocker]:
    """By field, what has to go before AWS changes it; `kind` is how AWS refuses it until then."""
    situation = view.situation
    if kind is FailureKind.BUSY:
        apps = Blocker("Apps", situation.running_apps, lambda fields, _: _tell_apps(view, fields))
        return dict.fromkeys(_fields_that_need_no_app(view), apps)
    if kind is FailureKind.INVALID:
        profiles = Blocker("UserProfiles", situation.profiles_in_aws, partial(_tell_profiles, view))
        return {f"{path}.{member}": profiles for path in _POSIX for member in ("uid", "gid")}
    return {}


def _fields_that_need_no_app(view: DomainView) -> tuple[str, ...]:
    """Of what differs, what AWS changes only without apps. A subnet can be added at any time."""
    changed = frozenset(view.differing.fields if view.differing else ())
    if set(view.live.get("SubnetIds") or ()) <= set(view.spec.subnet_ids or ()):
        changed -= {_SUBNETS}
    return tuple(sorted(changed & {_NETWORK, _SUBNETS, _IDENTITY}))


def _tell_apps(view: DomainView, fields: tuple[str, ...]) -> Message:
    apps = view.situation.running_apps
    said = f"AWS changes {_listed(fields)} only while no app runs"
    runs = "runs" if len(apps) == 1 else "run"
    return tell(
        f"{said}, and {len(apps)} {runs}: {name_some(apps, _NAMES_SHOWN)}",
        command("stop them first, in Studio or with kubectl studio stop"),
        *_ways_back(view, fields),
    )


def _tell_profiles(view: DomainView, fields: tuple[str, ...], said: str) -> Message:
    profiles = view.situation.profiles_in_aws
    paths = tuple(sorted({path.rpartition(".")[0] for path in fields}))
    return tell(
        f"AWS does not change {_listed(paths)} while the domain has user profiles "
        f"({len(profiles)}: {name_some(profiles, _NAMES_SHOWN)})",
        *_ways_back(view, paths),
        in_kubernetes(f"delete the profile{'' if len(profiles) == 1 else 's'} first"),
        aws=said,
    )


def _listed(paths: tuple[str, ...]) -> str:
    return " and ".join(field(path) for path in paths)


def _ways_back(view: DomainView, paths: tuple[str, ...]) -> tuple[Edit | Instruction, ...]:
    """The edit by which nothing has to change, where that is one."""
    if len(paths) != 1:
        return ()
    path = paths[0]
    if path in _POSIX:
        live: Any = read_member(view.live, _POSIX[path])
        if not live:
            return (leave_out(path),)
        value = {"uid": live["Uid"], "gid": live["Gid"]}
        return (set_field(path, value, words=f"uid {live['Uid']} and gid {live['Gid']}"),)
    if path == _IDENTITY:
        identity = read_member(view.live, ("DomainSettings", "ExecutionRoleIdentityConfig"))
        return (set_field(path, identity or "DISABLED"),)
    network = view.live.get("AppNetworkAccessType")
    return (set_field(path, network),) if path == _NETWORK and network else ()
