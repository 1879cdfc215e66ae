"""What a dry run takes AWS to have of a resource, where AWS is not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_operator.plan.observed import Observed
from studio_operator.plan.types import Declared


@dataclass(frozen=True, slots=True)
class AssumptionInput:
    """What is told of a thing in AWS by its resource.

    - `status`: as recorded; where that has no ARN, the thing is as declared.
    - `id`: the id that AWS made for it, where it makes one; `domain_id`: that of the domain that it
      is or is in.
    - `name`: its name in AWS. `owner`: the same of the person that the spec names.
    - `region`, `now`: where and when that is.
    """

    declared: Declared[Any]
    status: Any
    id: str
    domain_id: str
    name: str
    region: str
    arn: str | None
    tags: Mapping[str, str]
    created_at: datetime
    now: datetime
    owner: str | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The members that each record has."""
        return {
            "domain_id": self.domain_id,
            "name": self.name,
            "status": "InService",
            "created_at": self.created_at,
            "modified_at": self.now,
            "arn": self.arn,
            "tags": self.tags,
        }


@dataclass(frozen=True, slots=True)
class Assumption:
    """The record of a thing, and what it has besides.

    `holder`: what its status tells of the thing that it is in, entered in the record of that.
    """

    record: Observed
    companion: Any = None
    holder: Callable[[Observed], Observed] | None = None


Assume = Callable[[AssumptionInput], Assumption]
