"""What spaces mount beside their own volume, and the repositories that Studio offers to clone.

A file system is attached twice in AWS: a domain or a user profile says which there are and from
which directory on, a space says which of those it mounts.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from studio_operator.api.common import Model, UniqueList, cel, list_as

# botocore: FileSystemId, 11 to 21 characters; Amazon EFS and FSx for Lustre name alike.
FILE_SYSTEM_ID = r"^fs-[0-9a-f]{8,18}$"
# botocore: FileSystemPath is a slash and whatever is no white space.
FILE_SYSTEM_PATH = r"^/[^ \t\n\v\f\r]*$"
# botocore: RepositoryUrl. It allows up to 1016 repetitions, the API server's engine a thousand at
# most: the length bounds them too.
REPOSITORY_URL = r"^https://([._a-zA-Z0-9-]/?){3,}$"


class _FileSystem(Model):
    """A file system of the same AWS account and VPC."""

    file_system_id: str = Field(
        max_length=21,
        pattern=FILE_SYSTEM_ID,
        description="Id of the file system, for example fs-0123456789abcdef0.",
    )


class EfsFileSystem(_FileSystem):
    """An Amazon EFS file system."""


class FsxLustreFileSystem(_FileSystem):
    """An Amazon FSx for Lustre file system."""


class FileSystemChoice(Model):
    """One file system, of one service."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            ("has(self.efs) != has(self.fsxLustre)", "give exactly one of efs and fsxLustre")
        )
    )


class _Directory(Model):
    """How much of a file system is to be seen."""

    path: str | None = Field(
        None,
        max_length=256,
        pattern=FILE_SYSTEM_PATH,
        description="The directory that people see, with all below it, for example /research; the "
        "whole file system (/) when left out.",
    )


class EfsDirectory(_Directory, EfsFileSystem):
    """A directory of an Amazon EFS file system."""


class FsxLustreDirectory(_Directory, FsxLustreFileSystem):
    """A directory of an Amazon FSx for Lustre file system."""


class AttachedFileSystem(FileSystemChoice):
    """A file system that spaces may mount."""

    efs: EfsDirectory | None = Field(
        None, description="Amazon EFS, for example {fileSystemId: fs-0123456789abcdef0, path: /}."
    )
    fsx_lustre: FsxLustreDirectory | None = Field(
        None,
        description="Amazon FSx for Lustre, for example {fileSystemId: fs-0123456789abcdef0, "
        "path: /}.",
    )


class PosixUser(Model):
    """Who people are to the file systems that they mount."""

    uid: int = Field(
        ge=10000,
        le=4000000,
        description="Number of the user, 10000 to 4000000, for example 200001.",
    )
    gid: int = Field(
        ge=1001,
        le=4000000,
        description="Number of the group, 1001 to 4000000, for example 1001.",
    )


_REPEATED = "a file system is listed twice: name each fileSystemId once"


def _each_once(service: str) -> str:
    """CEL: no two items name the same file system of the service."""
    return (
        f"self.all(one, !has(one.{service}) || self.exists_one(other, has(other.{service}) && "
        f"other.{service}.fileSystemId == one.{service}.fileSystemId))"
    )


_RULES = cel((f"{_each_once('efs')} && {_each_once('fsxLustre')}", _REPEATED))
# What a list of them is to the API server.
FILE_SYSTEMS_ONCE = {**list_as("atomic"), **_RULES}

# botocore: at most 10 in CustomFileSystemConfigs.
AttachedFileSystems = Annotated[
    list[AttachedFileSystem],
    Field(max_length=10, json_schema_extra=FILE_SYSTEMS_ONCE),
]
CodeRepository = Annotated[str, Field(max_length=1024, pattern=REPOSITORY_URL)]
# botocore: at most 10 in CodeRepositories.
CodeRepositories = Annotated[UniqueList[CodeRepository], Field(max_length=10)]
