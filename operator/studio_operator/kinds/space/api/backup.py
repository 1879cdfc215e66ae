"""What a space declares of its back-ups, and what status says of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio_operator.api.common import Model, Timestamp, UniqueList

# Bucket names by S3's rules; of keys only characters that mean nothing to a shell or in a URL.
S3_URI = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9_.=-]*)*/?$"
S3_URI_LENGTH = 512

BackedUpEvent = Literal["Resize", "Delete"]


class Backup(Model):
    """A copy of the space's home folder in S3, made from inside before what can't be undone."""

    s3_uri: str = Field(
        alias="s3Uri",
        max_length=S3_URI_LENGTH,
        pattern=S3_URI,
        description="Where back-ups go, a bucket and a prefix, for example "
        "s3://team-backups/studio. Each space has a folder of its own below, and its execution "
        "role must be allowed to write there.",
    )
    before: Annotated[UniqueList[BackedUpEvent], Field(min_length=1)] | None = Field(
        None,
        description="What waits for a back-up, for example [Delete]: Resize (another instance "
        "type, a larger volume) and Delete (of the space, under deletionPolicy Delete). Both, when "
        "left out.",
    )


class BackupStatus(Model):
    """The back-up that a resize or a deletion waits for, and the last one that was seen."""

    requested_at: Timestamp | None = Field(
        None, description="When the back-up was asked for that is waited for, or counts now."
    )
    requested_for: BackedUpEvent | None = Field(
        None, description="What waits for it, Resize or Delete: each has a back-up of its own."
    )
    completed_at: Timestamp | None = Field(
        None, description="When the last back-up that was looked at was complete."
    )
    answers: Timestamp | None = Field(
        None, description="The request that this back-up answers; none for one at the app's start."
    )
    location: str | None = Field(
        None, description="Where the files are, for example s3://team-backups/d-abc/churn/home/."
    )
    lifecycle_config_arn: str | None = Field(
        None, description="ARN of the lifecycle configuration that makes back-ups from inside."
    )
