"""What a listing shows together with what is already known and listings lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from studio_operator.kinds.aws_type import AwsType, R
from studio_operator.plan.observed import Observed

T = TypeVar("T")

# What listings may lack.
_MAY_LACK = frozenset({"arn", "url", "failure", "details", "tags"})


def merge_listed(type_: AwsType[R]) -> Callable[[R | None, R], R]:
    """How a listed record joins what is known of it.

    Details hold for one time of the last change. What is in creation can't be edited, so what we
    asked for holds for the time that a listing shows first.

    Where nothing differs, the record known stays as it is, the same object: that is the whole work
    for all but a few records of each listing.
    """
    of_listing = _members_of_listing(type_.record)

    def merge(known: R | None, observed: R) -> R:
        if known is None or not _is_same(known, observed):
            return observed
        tells_no_more = observed.arn in {None, known.arn} and observed.url in {None, known.url}
        if tells_no_more and of_listing(known) == of_listing(observed):
            return known
        unedited = known.modified_at == observed.modified_at
        unmoved = unedited and known.status == observed.status
        as_asked = known.status == "Pending" and type_.details_asked
        return replace(
            observed,
            arn=observed.arn or known.arn,
            url=observed.url or known.url,
            failure=known.failure if unmoved else None,
            details=known.details if unedited or as_asked else None,
            tags=known.tags,
        )

    return merge


def merge_described(known: R | None, observed: R) -> R:
    """A described record with the tags known: Describe calls give all but these."""
    if known is None or not _is_same(known, observed):
        return observed
    merged = replace(observed, tags=known.tags)
    return known if merged == known else merged


def take_described(known: T | None, observed: T) -> T:
    """A described record of which there is no more to know."""
    return known if known is not None and known == observed else observed


def _members_of_listing(record: type[Observed]) -> Callable[[Observed], Any]:
    return attrgetter(*(one.name for one in fields(record) if one.name not in _MAY_LACK))


def _is_same(known: Observed, observed: Observed) -> bool:
    """Whether both are one thing, and not a later one of the same name.

    What we have only just asked for has no time of creation yet.
    """
    return known.created_at is None or known.created_at == observed.created_at
