"""How values of a space's settings are written: in the spec, in AWS, on status and in messages.

The values themselves are those of `SpaceSettings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from studio_operator.kinds.space.api.parts import SpaceFileSystem
from studio_operator.kinds.space.api.status import ImageStatus
from studio_operator.kinds.space.in_aws.observed import ImageRef
from studio_operator.plan.observed import FileSystem
from studio_operator.plan.settings.file_systems import CUSTOM_FILE_SYSTEMS, file_system_from
from studio_operator.plan.settings.forms import PLAIN, REPOSITORIES, SWITCH, Form
from studio_operator.plan.settings.table import CLEARED

_DECLARABLE = frozenset({"efs", "fsxLustre"})
_IMAGE_VERSION = ":image-version/"


def _same(value: Any) -> Any:
    return value


def _plain(words: Any = str) -> Form:
    return Form(PLAIN.to_aws, PLAIN.from_aws, _same, words=words)


# --- volume, idle time, name, script ------------------------------------------------------------


def _is_larger(wanted: int, live: int | None) -> bool:
    """A volume larger than declared is no difference: none shrinks."""
    return wanted > (live or 0)


def _gib(size: int | None) -> str:
    return f"{size or 0} GiB"


def _idle_words(minutes: int | None) -> str:
    return "no idle time" if minutes is None else f"idle time {minutes}m"


def _idle_to_spec(minutes: int) -> str:
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _display_words(name: str | None) -> str:
    return f'display name "{name}"' if name else "no display name"


def _script_words(arn: str | None) -> str:
    if arn in {None, CLEARED}:
        return "no lifecycle configuration"
    return (arn or "").rpartition("/")[2]


def _script_to_spec(arn: str) -> str | None:
    return None if arn == CLEARED else arn


# --- image --------------------------------------------------------------------------------------


def image_members(image: ImageRef) -> dict[str, str]:
    """An image as members of a ResourceSpec."""
    named = {
        "SageMakerImageArn": image.image_arn,
        "SageMakerImageVersionAlias": image.version_alias,
        "SageMakerImageVersionArn": image.version_arn,
    }
    return {name: value for name, value in named.items() if value}


def image_of(resource_spec: Mapping[str, Any]) -> ImageRef:
    """The image of a ResourceSpec."""
    return ImageRef(
        resource_spec.get("SageMakerImageArn"),
        resource_spec.get("SageMakerImageVersionAlias"),
        resource_spec.get("SageMakerImageVersionArn"),
    )


def _is_another_image(wanted: ImageRef, live: ImageRef) -> bool:
    """Only what is wanted counts: AWS fills in a version where none was given."""
    return (
        wanted.image_arn != live.image_arn
        or wanted.version_alias not in {None, live.version_alias}
        or wanted.version_arn not in {None, live.version_arn}
    )


def _image_words(image: ImageRef | None) -> str:
    if image is None or image.image_arn is None:
        return "no image"
    name = image.image_arn.rpartition("/")[2]
    version = image.version_alias or (image.version_arn or "").rpartition("/")[2]
    return f"{name} {version}".strip()


def _image_text(image: ImageRef) -> str:
    parts = (image.image_arn, image.version_alias, image.version_arn)
    return " ".join(part for part in parts if part)


def _image_of_text(text: str) -> ImageRef:
    arn, _, version = text.partition(" ")
    if _IMAGE_VERSION in version:
        return ImageRef(arn, None, version)
    return ImageRef(arn or None, version or None)


@lru_cache(maxsize=1024)
def record_image(image: ImageRef) -> ImageStatus | None:
    """The image for status; None where AWS shows none."""
    if image.image_arn is None:
        return None
    return ImageStatus(
        image_arn=image.image_arn,
        version_alias=image.version_alias,
        version_arn=image.version_arn,
    )


def _recall_image(image: ImageStatus | None) -> ImageRef:
    if image is None:
        return ImageRef()
    return ImageRef(image.image_arn, image.version_alias, image.version_arn)


# --- file systems and repositories --------------------------------------------------------------


def declared_file_system(declared: SpaceFileSystem) -> FileSystem:
    """A file system that a spec names."""
    if declared.efs is not None:
        return FileSystem("efs", declared.efs.file_system_id)
    assert declared.fsx_lustre is not None
    return FileSystem("fsxLustre", declared.fsx_lustre.file_system_id)


def _file_systems_of(items: Iterable[Mapping[str, Any]] | None) -> tuple[FileSystem, ...]:
    return tuple(file_system_from(item) for item in items or ())


def _file_system_members(systems: Iterable[FileSystem]) -> list[dict[str, Any]]:
    members = {kind: (member, name) for member, kind, name in CUSTOM_FILE_SYSTEMS}
    return [{members[one.kind][0]: {members[one.kind][1]: one.name}} for one in systems]


def _file_system_words(systems: Iterable[FileSystem] | None) -> str:
    named = " ".join(one.address for one in sorted(systems or ()))
    return f"file systems {named}" if named else "no file systems"


def _file_systems_to_spec(systems: tuple[FileSystem, ...]) -> list[dict[str, Any]] | None:
    """None with one that no spec can name: a list that is declared is the whole list."""
    if not all(one.kind in _DECLARABLE for one in systems):
        return None
    return [{one.kind: {"fileSystemId": one.name}} for one in systems]


def _addresses(systems: Iterable[FileSystem]) -> tuple[str, ...] | None:
    return tuple(one.address for one in systems) or None


def _systems_at(addresses: Iterable[str] | None) -> tuple[FileSystem, ...]:
    return tuple(FileSystem.at(one) for one in addresses or ())


def _urls(repositories: list[Mapping[str, str]] | None) -> tuple[str, ...]:
    return tuple(REPOSITORIES.from_aws(repositories or []))


def _repository_words(urls: Iterable[str] | None) -> str:
    named = " ".join(url.removeprefix("https://") for url in urls or ())
    return f"code repositories {named}" if named else "no code repositories"


def _unless_empty(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return values or None


def _as_tuple(values: tuple[str, ...] | None) -> tuple[str, ...]:
    return values or ()


# --- remote access ------------------------------------------------------------------------------


def _remote_words(value: bool | None) -> str:
    return "remote access" if value else "no remote access"


def _remote_to_spec(value: bool) -> str | None:
    return "Enabled" if value else None


def _true_or_none(value: bool) -> bool | None:
    return value or None


TYPE = _plain()
VOLUME = Form(_same, _same, _same, differs=_is_larger, words=_gib)
IDLE_MINUTES = Form(_same, _same, _same, words=_idle_words, to_spec=_idle_to_spec)
NAME = _plain(_display_words)
SCRIPT = Form(_same, _same, _same, words=_script_words, exact=str, to_spec=_script_to_spec)
IMAGE = Form(
    image_members,
    image_of,
    _same,
    differs=_is_another_image,
    words=_image_words,
    exact=_image_text,
    from_exact=_image_of_text,
    to_status=record_image,
    from_status=_recall_image,
)
FILE_SYSTEMS = Form(
    _file_system_members,
    _file_systems_of,
    sorted,
    words=_file_system_words,
    to_spec=_file_systems_to_spec,
    to_status=_addresses,
    from_status=_systems_at,
)
URLS = Form(
    REPOSITORIES.to_aws,
    _urls,
    sorted,
    words=_repository_words,
    to_spec=list,
    to_status=_unless_empty,
    from_status=_as_tuple,
)
REMOTE_ACCESS = Form(
    SWITCH.to_aws,
    SWITCH.from_aws,
    bool,
    words=_remote_words,
    to_spec=_remote_to_spec,
    to_status=_true_or_none,
    from_status=bool,
)
