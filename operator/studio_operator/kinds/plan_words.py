"""What `kubectl studio plan` says of a kind's creations, updates and deletions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanWords:
    """Sentences where a kind has more to say than its noun; without one, the noun does.

    - `created`: by the parameters of the request and by the spec.
    - `updated`: by what the setting is and becomes.
    - `deleted`: of a deletion in AWS, by the spec, and whether files are lost for good by it.
    - `released`: what stays in AWS when the resource goes from Kubernetes, and what that means;
      `{policy}` is the deletion policy.
    """

    created: Callable[[Json, Json], str] | None = None
    updated: Callable[[str | None, str | None], str] | None = None
    deleted: Callable[[Json], tuple[str, bool]] | None = None
    released: str = ""


ONLY_ITS_NOUN = PlanWords()
