"""File systems in settings of AWS, as spaces have them and as domains and profiles attach them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_operator.plan.observed import FileSystem

Json = Mapping[str, Any]

# botocore: CustomFileSystem, a union, and CustomFileSystemConfig, with Config behind each name.
CUSTOM_FILE_SYSTEMS = (
    ("EFSFileSystem", "efs", "FileSystemId"),
    ("FSxLustreFileSystem", "fsxLustre", "FileSystemId"),
    ("S3FileSystem", "s3", "S3Uri"),
)


def file_system_from(item: Json) -> FileSystem:
    """A file system of CustomFileSystems.

    One of a sort that we do not know is of kind `unknown`, by AWS's name of the sort: else a list
    that has one would look like a list without.
    """
    for member, kind, name in CUSTOM_FILE_SYSTEMS:
        if member in item:
            return FileSystem(kind, item[member][name])
    return FileSystem("unknown", " ".join(sorted(item)))


def attached_file_systems(settings: Json) -> tuple[FileSystem, ...]:
    """The file systems that a domain's or a profile's settings let spaces mount."""
    return tuple(
        file_system_from({name.removesuffix("Config"): value for name, value in item.items()})
        for item in settings.get("CustomFileSystemConfigs") or ()
    )
