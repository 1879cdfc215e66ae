"""How a space differs from what is wanted: each setting next to what AWS shows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from studio_operator.plan.backup_script import is_backup_script
from studio_operator.plan.observed import (
    FileSystem,
    ImageRef,
    ObservedApp,
    ObservedSpace,
    SpaceSettings,
)
from studio_operator.plan.space_settings import CLEARED, WantedSettings

FILE_SYSTEMS = "storage.fileSystems"
REMOTE_ACCESS = "remoteAccess"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs. `needs_stop`: worth stopping a running app for.

    AWS's tools update a space only while its app is stopped (the Studio UI, aws-toolkit-vscode's
    startSpace), so every change waits for a stop; but only those that shape the app's machine, or
    who reaches it, justify one. A display name, an idle time or the repositories that JupyterLab
    offers to clone go along with the next stop.
    """

    field: str
    live: str
    wanted: str
    needs_stop: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One setting next to what AWS shows. `is_declared`: whether the spec has a value for it."""

    change: Change
    is_declared: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is wanted and all that AWS shows."""

    wanted: WantedSettings
    space: ObservedSpace
    present: SpaceSettings
    app: ObservedApp | None

    @property
    def live_type(self) -> str:
        """What a running app runs on counts more than what its space names.

        People can start an app on another instance type than the space's own.
        """
        running_on = self.app.instance_type if self.app and self.app.is_active else None
        return running_on or self.present.instance_type or ""

    @property
    def is_resized(self) -> bool:
        return self.wanted.declares_type and self.live_type != self.wanted.instance_type


def compare_settings(
    wanted: WantedSettings, space: ObservedSpace, present: SpaceSettings, app: ObservedApp | None
) -> tuple[Comparison, ...]:
    """Each setting next to what AWS shows of it.

    What the spec leaves out is only given to the next app that starts, and is no difference.
    """
    seen = _Seen(wanted, space, present, app)
    return tuple(comparison for compare in _COMPARERS for comparison in compare(seen))


def find_changes(
    wanted: WantedSettings, space: ObservedSpace, present: SpaceSettings, app: ObservedApp | None
) -> tuple[Change, ...]:
    """The settings that differ."""
    compared = compare_settings(wanted, space, present, app)
    return tuple(one.change for one in compared if one.differs)


def describe_changes(changes: Iterable[Change]) -> tuple[str, str]:
    """What the changed settings are and become, in words: ("ml.t3.medium", "ml.m5.large")."""
    listed = tuple(changes)
    return ", ".join(c.live for c in listed), ", ".join(c.wanted for c in listed)


def _compare_instance_type(seen: _Seen) -> Iterator[Comparison]:
    change = Change("instanceType", seen.live_type, seen.wanted.instance_type, needs_stop=True)
    yield Comparison(change, seen.wanted.declares_type, seen.is_resized)


def _compare_volume(seen: _Seen) -> Iterator[Comparison]:
    """A volume larger than declared is no difference: none shrinks."""
    wanted, live = seen.wanted.storage_gib, seen.space.storage_gib or 0
    change = Change("storage.sizeGiB", f"{live} GiB", f"{wanted} GiB", needs_stop=True)
    yield Comparison(change, wanted is not None, wanted is not None and wanted > live)


def _compare_image(seen: _Seen) -> Iterator[Comparison]:
    """An image that is left out changes its variant along with the instance."""
    wanted, live = seen.wanted.image, seen.present.image
    change = Change("image", _name_image(live), _name_image(wanted), needs_stop=True)
    counts = seen.wanted.declares_image or seen.is_resized
    yield Comparison(change, seen.wanted.declares_image, counts and _image_differs(wanted, live))


def _compare_lifecycle(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.lifecycle_config_arn, seen.present.lifecycle_config_arn or CLEARED
    names = _name_lifecycle(live), _name_lifecycle(wanted)
    # What only makes back-ups is worth no stop, neither when it comes nor when it goes.
    goes = is_backup_script(live) and wanted == CLEARED
    needs_stop = not (is_backup_script(wanted) or goes)
    change = Change("lifecycleConfigArn", *names, needs_stop=needs_stop)
    yield Comparison(change, wanted is not None, wanted not in {None, live})


def _compare_file_systems(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.file_systems, seen.present.file_systems
    names = _name_file_systems(live), _name_file_systems(wanted or ())
    change = Change(FILE_SYSTEMS, *names, needs_stop=True)
    differs = wanted is not None and sorted(wanted) != sorted(live)
    yield Comparison(change, wanted is not None, differs)


def _compare_remote_access(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.remote_access, seen.present.remote_access
    names = _name_remote_access(live), _name_remote_access(bool(wanted))
    change = Change(REMOTE_ACCESS, *names, needs_stop=True)
    yield Comparison(change, wanted is not None, wanted not in {None, live})


def _compare_idle_time(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.idle_minutes, seen.present.idle_minutes
    change = Change("idleShutdown.after", _name_idle(live), _name_idle(wanted), needs_stop=False)
    yield Comparison(change, wanted is not None, wanted not in {None, live})


def _compare_repositories(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.code_repositories, seen.present.code_repositories
    names = _name_repositories(live), _name_repositories(wanted or ())
    change = Change("codeRepositories", *names, needs_stop=False)
    differs = wanted is not None and sorted(wanted) != sorted(live)
    yield Comparison(change, wanted is not None, differs)


def _compare_display_name(seen: _Seen) -> Iterator[Comparison]:
    wanted, live = seen.wanted.display_name, seen.space.display_name
    change = Change("displayName", _name_display(live), _name_display(wanted), needs_stop=False)
    yield Comparison(change, wanted is not None, wanted not in {None, live})


# In the order in which messages name them: the machine first.
_COMPARERS: tuple[Callable[[_Seen], Iterator[Comparison]], ...] = (
    _compare_instance_type,
    _compare_volume,
    _compare_image,
    _compare_lifecycle,
    _compare_file_systems,
    _compare_remote_access,
    _compare_idle_time,
    _compare_repositories,
    _compare_display_name,
)


def _image_differs(wanted: ImageRef | None, present: ImageRef) -> bool:
    """Only what is wanted counts: AWS fills in a version where none was given."""
    if wanted is None:
        return False
    return (
        wanted.image_arn != present.image_arn
        or wanted.version_alias not in {None, present.version_alias}
        or wanted.version_arn not in {None, present.version_arn}
    )


def _name_lifecycle(arn: str | None) -> str:
    if arn in {None, CLEARED}:
        return "no lifecycle configuration"
    return (arn or "").rpartition("/")[2]


def _name_idle(minutes: int | None) -> str:
    return "no idle time" if minutes is None else f"idle time {minutes}m"


def _name_display(name: str | None) -> str:
    return f'display name "{name}"' if name else "no display name"


def _name_image(image: ImageRef | None) -> str:
    if image is None or image.image_arn is None:
        return "no image"
    name = image.image_arn.rpartition("/")[2]
    version = image.version_alias or (image.version_arn or "").rpartition("/")[2]
    return f"{name} {version}".strip()


def _name_file_systems(systems: Iterable[FileSystem]) -> str:
    named = " ".join(one.address for one in sorted(systems))
    return f"file systems {named}" if named else "no file systems"


def _name_remote_access(is_enabled: bool) -> str:
    return "remote access" if is_enabled else "no remote access"


def _name_repositories(urls: Iterable[str]) -> str:
    named = " ".join(url.removeprefix("https://") for url in urls)
    return f"code repositories {named}" if named else "no code repositories"
