"""What `kubectl studio export` has to know of a kind: what AWS shows, as members of a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
# A member of a thing in AWS, or of its spec, that is left out, and why.
LeftOut = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """A thing in AWS, as it was asked for.

    - `answer`: that of Describe, and `record`: what the kind makes of it.
    - `companion`: what it has besides; `listed`: all items of the listing of such in its scope.
    - `region`: where it is.
    - `drift`: Report, Ignore or Enforce: what the files are to hold people to.
    """

    answer: Json
    record: Any
    companion: Any
    region: str
    listed: tuple[Json, ...] = ()
    drift: str = "Report"


def _nothing(_: Any) -> Any:
    return None


def _no_members(_: Any) -> Json:
    return {}


def _none(_: Any) -> Iterable[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Exporting:
    """How things of a kind are told as specs.

    - `members`: what a thing is: the spec but for its name or id, references, settings and tags.
    - `settings`: what people may change of it in AWS.
    - `left_out`: what of it has no place in the spec.
    - `refused`: why no spec can stand for it, None where one can.
    - `owner`: the name of the person whose it is, by Describe's answer; None for nobody's.
    - `alone`: of the listing of what things have besides, what belongs to none of them: whose it is
      in words, which, and why no resource stands for it.
    """

    members: Callable[[Answered], Json]
    settings: Callable[[Answered], Json] = _no_members
    left_out: Callable[[Answered], Iterable[LeftOut]] = _none
    refused: Callable[[Answered], str | None] = _nothing
    owner: Callable[[Json], str | None] = _nothing
    alone: Callable[[Iterable[Json]], Iterable[tuple[str, str, str]]] = _none
