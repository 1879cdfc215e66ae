"""Back-ups of a space's home folder: the script that runs inside, and the objects in S3.

AWS has no snapshot of a space's volume, so only what runs in the space can copy it. The script
(`backup.sh` in this package) is uploaded as a lifecycle configuration of ours, which AWS lets
nobody change: its name holds a hash of its content, so a new script has a new name.

Operator and script talk by objects in S3, below `<s3Uri>/<domain id>/<space name>/`:

- `request.json`, written by the operator: `{"requestedAt": "2026-02-03T04:05:06Z"}`
- `completed.json`, by the script: `{"requestedAt": ... or null, "startedAt", "completedAt",
  "appType"}`. A back-up answers the request that it found when it started.
- `failed.json`, by the script: `{"requestedAt": ... or null, "failedAt", "message"}`. It stays
  when a later try succeeds: compare the times.
- `home/...`, the files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from studio_operator.api.common import format_time
from studio_operator.kinds.space.api.backup import S3_URI, S3_URI_LENGTH
from studio_operator.kinds.space.features.backup.observed import BackupPlace
from studio_operator.printable import printable

SCRIPT = "backup.sh"
_NAME = "studio-operator-backup"
# Only these apps keep their files on a volume of the space (Developer Guide, page
# studio-updated-spaces).
APPS = ("JupyterLab", "CodeEditor")
# botocore: StudioLifecycleConfigContent.
CONTENT_LENGTH = 16384
# How the script's words begin when it can't find out what is asked for.
REQUEST_UNREADABLE = "request.json can't be read"
# The script's words are as long at most; others may write whatever they like there.
MESSAGE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Completion:
    """A back-up that is complete; `requested_at` is the request that it answers, if any."""

    requested_at: datetime | None
    started_at: datetime
    completed_at: datetime
    app_type: str

    def answers(self, requested_at: datetime) -> bool:
        """Whether it was made for this request, or for a later one.

        By the operator's clock alone: a request is written in whole seconds and comes back as it
        was, so the space's clock does not matter, nor does a back-up of its own accord.
        """
        asked = requested_at.replace(microsecond=0)
        return self.requested_at is not None and self.requested_at >= asked


@dataclass(frozen=True, slots=True)
class FailedBackup:
    """A back-up that failed, in the words of the AWS CLI. The script tries again by itself."""

    requested_at: datetime | None
    failed_at: datetime
    message: str


# Each pass asks for it several times.
@lru_cache(maxsize=4096)
def backup_name(app: str, s3_uri: str, owner: str = "") -> str:
    """The lifecycle configuration's name; in lower case, as AWS writes it in the ARN.

    It holds a digest of the place and one of the script: AWS lets nobody change a configuration.
    `owner`: see `backup_content`.
    Raises ValueError for an app without a volume, or another form of URI.
    """
    content = backup_content(app, s3_uri, owner)
    place, script = (
        hashlib.sha256(text.encode()).hexdigest()[:10] for text in (_without_slash(s3_uri), content)
    )
    return f"{_NAME}-{app.lower()}-{place}-{script}"


def is_backup_script(arn: str | None) -> bool:
    """Whether a lifecycle configuration is one of ours, for whatever place."""
    return arn is not None and arn.rpartition("/")[2].startswith(f"{_NAME}-")


def place_of_script(name: str) -> str:
    """What scripts for one app and place have in common, whatever their version."""
    return name.rpartition("-")[0]


def is_same_place(arn: str | None, other: str | None) -> bool:
    """Whether both are scripts of ours for the same app and place, maybe of two versions."""
    if arn is None or other is None or not is_backup_script(arn):
        return False
    return place_of_script(arn) == place_of_script(other)


@cache
def backup_content(app: str, s3_uri: str, owner: str = "") -> str:
    """The lifecycle configuration's content in base64, at most `CONTENT_LENGTH` characters.

    `owner`: the account of the bucket where it is another one than the space's.
    Raises ValueError as `backup_name` does.
    """
    if app not in APPS:
        message = f"app: {app} keeps no files on a volume of the space; {' and '.join(APPS)} do"
        raise ValueError(message)
    script = resources.files(__package__).joinpath(SCRIPT).read_text("utf-8")
    placed = script.replace("@S3_URI@", _without_slash(s3_uri))
    text = placed.replace("@APP_TYPE@", app).replace("@OWNER@", owner)
    return base64.b64encode(text.encode()).decode()


def backup_arn(partition: str, region: str, account: str, name: str) -> str:
    """The ARN that AWS gives a lifecycle configuration of that name."""
    return f"arn:{partition}:sagemaker:{region}:{account}:studio-lifecycle-config/{name.lower()}"


def bucket_of(s3_uri: str) -> str:
    """The bucket's name."""
    return s3_uri.removeprefix("s3://").partition("/")[0]


def backup_place(s3_uri: str, domain_id: str, space_name: str, owner: str = "") -> BackupPlace:
    """Where the back-up of a space is. Raises ValueError for another form of URI."""
    bucket, _, prefix = _without_slash(s3_uri).removeprefix("s3://").partition("/")
    folders = [*filter(None, [prefix]), domain_id, space_name]
    return BackupPlace(bucket, "".join(f"{folder}/" for folder in folders), owner)


def owner_condition(place: BackupPlace) -> dict[str, str]:
    """What has S3 refuse a bucket of another account; nothing while none is known."""
    return {"ExpectedBucketOwner": place.owner} if place.owner else {}


def render_request(requested_at: datetime) -> bytes:
    """The content of `request.json`; whole seconds."""
    return json.dumps({"requestedAt": format_time(requested_at)}).encode()


def parse_request(text: str | bytes) -> datetime | None:
    """When a back-up was asked for last; None when nobody asked, or it has another form."""
    try:
        return _time(_object(text)["requestedAt"])
    except (KeyError, ValueError):
        return None


def parse_completion(text: str | bytes) -> Completion | None:
    """What `completed.json` says; None when it has another form, so when somebody else wrote it."""
    said = _object(text)
    try:
        return Completion(
            requested_at=_optional_time(said["requestedAt"]),
            started_at=_time(said["startedAt"]),
            completed_at=_time(said["completedAt"]),
            app_type=str(said["appType"]),
        )
    except (KeyError, ValueError):
        return None


def parse_failure(text: str | bytes) -> FailedBackup | None:
    """What `failed.json` says; None when it has another form."""
    said = _object(text)
    try:
        return FailedBackup(
            requested_at=_optional_time(said["requestedAt"]),
            failed_at=_time(said["failedAt"]),
            message=_plain(said["message"]),
        )
    except (KeyError, ValueError):
        return None


def _without_slash(s3_uri: str) -> str:
    if len(s3_uri) > S3_URI_LENGTH or not re.fullmatch(S3_URI, s3_uri):
        message = f"s3Uri: {s3_uri!r} is not of the form s3://bucket/prefix"
        raise ValueError(message)
    return s3_uri.rstrip("/")


def _object(text: str | bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):  # people in the space can write anything there
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _plain(value: object) -> str:
    """One line that can be printed, of words that anybody may have written."""
    text = "" if value is None else str(value)
    return printable(text[:MESSAGE_LENGTH])[:MESSAGE_LENGTH].strip()


def _optional_time(value: object) -> datetime | None:
    return None if value is None else _time(value)


def _time(value: object) -> datetime:
    """Whole seconds in UTC. Raises ValueError for anything but RFC 3339 with an offset."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year < 3000:
        raise ValueError("no time with an offset, or not one of these times")
    return moment.astimezone(UTC).replace(microsecond=0)
