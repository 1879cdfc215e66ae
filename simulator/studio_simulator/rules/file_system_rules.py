"""Rules on file systems that admins attach and spaces mount.

The source is the Developer Guide's page on adding a custom file system to a domain, if not said
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_simulator.errors import validation
from studio_simulator.state.resources import Json

ATTACHED_AS = {
    "EFSFileSystem": "EFSFileSystemConfig",
    "FSxLustreFileSystem": "FSxLustreFileSystemConfig",
}
POSIX_USER = "CustomPosixUserConfig"


def check_attached(settings: Json, where: str) -> None:
    """Check file systems of user settings or default space settings.

    The model says that S3 is for Unified Studio alone. That a file system may be there but once is
    the stricter reading: a space names it by its id.
    """
    seen = set()
    for config in settings.get("CustomFileSystemConfigs", []):
        if "S3FileSystemConfig" in config:
            raise validation(
                f"S3FileSystemConfig is supported in SageMaker Unified Studio only, not in {where}."
            )
        for member in ATTACHED_AS.values():
            identity = config.get(member, {}).get("FileSystemId")
            if identity in seen:
                raise validation(f"File system [{identity}] is given more than once in {where}.")
            seen |= {identity} - {None}


def check_role_goes_along(settings: Json) -> None:
    """Refuse file systems of shared spaces in a call that does not name their ExecutionRole too."""
    if "CustomFileSystemConfigs" in settings and not settings.get("ExecutionRole"):
        raise validation(
            "ExecutionRole must be provided in DefaultSpaceSettings with CustomFileSystemConfigs."
        )


def check_mounted(settings: Json, inherited: list[Json]) -> None:
    """Refuse a file system that the admin has attached neither to the domain nor to the profile.

    Attached to a domain's DefaultUserSettings it is there for all private spaces, to its
    DefaultSpaceSettings for all shared ones, to a user profile for that person's private spaces.
    There the profile's take the place of the domain's: the API reference of UserSettings says so of
    all settings but security groups.
    """
    lists = (tuple(_attached_in(source)) for source in inherited)
    attached = next((mounts for mounts in lists if mounts), ())
    for file_system in settings.get("CustomFileSystems", []):
        if "S3FileSystem" in file_system:
            raise validation("S3FileSystem is supported in SageMaker Unified Studio only.")
        for member, config in ATTACHED_AS.items():
            wanted = file_system.get(member, {}).get("FileSystemId")
            if wanted is not None and (config, wanted) not in attached:
                raise validation(
                    f"File system [{wanted}] is not attached to the domain or the user profile."
                )


def _attached_in(settings: Json) -> Iterator[tuple[str, str]]:
    for config in settings.get("CustomFileSystemConfigs", []):
        for member in ATTACHED_AS.values():
            if member in config:
                yield member, config[member]["FileSystemId"]


def refuse_posix_user(settings: Json, where: str, *, while_profiles: bool = False) -> None:
    """Refuse a POSIX user in an update that does not take one."""
    if POSIX_USER in settings:
        why = " while the domain has user profiles" if while_profiles else ""
        raise validation(f"{POSIX_USER} cannot be updated in {where}{why}.")
