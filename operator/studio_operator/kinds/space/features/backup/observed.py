"""What may be asked of AWS about a space's back-ups, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio_operator.plan.types import Question

# Whose limit of scripts of back-ups is reached.
FullScripts = Literal["namespace", "all"]


@dataclass(frozen=True, slots=True)
class ObservedScript:
    """Whether the script that makes back-ups is in AWS.

    - `exists`: None when nobody looked; `observed_at`: when AWS last showed or took that.
    - `full`: whose limit of scripts is reached, so that none is made for a new place.
    - `is_foreign`: whether AWS has another script under the name, which others made.
    """

    exists: bool | None = None
    full: FullScripts | None = None
    is_foreign: bool = False
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScriptQuestion(Question[ObservedScript]):
    """A script by the name of its lifecycle configuration.

    `made_for`: the cluster and the namespace that ask. `content`: what the script has to be, in
    base64.
    """

    name: str
    made_for: str = ""
    content: str = ""

    def unanswered(self, now: datetime) -> ObservedScript:  # noqa: ARG002 - a question's
        """Nobody looked."""
        return ObservedScript()


@dataclass(frozen=True, slots=True)
class ObservedBackup:
    """What S3 holds of a space's back-up.

    - `looked_at`: when S3 was looked at; None when nobody did, then the rest means nothing.
    - `requested_at`: what the script is asked for; `answers`: what its last back-up answers.
    - `completed_at`: by the space's clock, but neither before what it answers nor in the future.
    - `failure`: the script's words when its last try failed, after the last back-up;
      `failed_for`: the request that this try was to answer.
    """

    looked_at: datetime | None = None
    requested_at: datetime | None = None
    answers: datetime | None = None
    completed_at: datetime | None = None
    failure: str | None = None
    failed_for: datetime | None = None


@dataclass(frozen=True, slots=True)
class BackupPlace(Question[ObservedBackup]):
    """Where one space's back-up is; as a question: what is there."""

    bucket: str
    prefix: str  # ends with a slash
    owner: str = ""  # the account that the bucket has to belong to; empty while that is not known

    @property
    def request_key(self) -> str:
        """What the operator asks for."""
        return f"{self.prefix}request.json"

    @property
    def completed_key(self) -> str:
        """What the script tells of its last back-up."""
        return f"{self.prefix}completed.json"

    @property
    def failed_key(self) -> str:
        """What the script tells of its last failure."""
        return f"{self.prefix}failed.json"

    @property
    def home_uri(self) -> str:
        """Where the files are, for a person who wants them back."""
        return f"s3://{self.bucket}/{self.prefix}home/"

    def unanswered(self, now: datetime) -> ObservedBackup:  # noqa: ARG002 - a question's
        """Nobody looked."""
        return ObservedBackup()
