"""What a listing shows together with what is already known and listings lack."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TypeVar

from studio_operator.plan.observed import (
    ObservedApp,
    ObservedDomain,
    ObservedProfile,
    ObservedSpace,
)

TaggedT = TypeVar("TaggedT", ObservedDomain, ObservedProfile, ObservedSpace)

# The members that listings give. Where none of them differs, the record known stays as it is, the
# same object: that is the whole work for all but a few records of each listing.
_LISTED_OF_SPACE = attrgetter(
    "status",
    "modified_at",
    "created_at",
    "storage_gib",
    "display_name",
    "owner",
    "sharing",
    "app_type",
)
_LISTED_OF_APP = attrgetter("status", "created_at", "app_type", "name", "instance_type", "image")
_LISTED_OF_PROFILE = attrgetter("status", "modified_at", "created_at", "name")
_LISTED_OF_DOMAIN = attrgetter("status", "modified_at", "created_at", "name", "arn", "url")


def merge_space(known: ObservedSpace | None, seen: ObservedSpace) -> ObservedSpace:
    """A listed space with what is known of it; settings are kept while they can't have changed.

    They hold for one LastModifiedTime. A space in creation can't be edited, so what CreateSpace
    asked for holds for the time at which it is first InService.
    """
    if known is None or not _is_same(known, seen):
        return seen
    if _LISTED_OF_SPACE(known) == _LISTED_OF_SPACE(seen):
        return known
    unedited = known.status == "Pending" or known.modified_at == seen.modified_at
    return replace(
        seen,
        arn=known.arn,
        url=known.url,
        failure=known.failure if _is_unmoved(known, seen) else None,
        settings=known.settings if unedited else None,
        tags=known.tags,
    )


def merge_app(known: ObservedApp | None, seen: ObservedApp) -> ObservedApp:
    """A listed app; the failure is kept while nothing changed."""
    if known is None:
        return seen
    if _LISTED_OF_APP(known) == _LISTED_OF_APP(seen):
        return known
    unmoved = (known.status, known.created_at) == (seen.status, seen.created_at)
    return replace(seen, failure=known.failure) if unmoved and known.failure else seen


def merge_profile(known: ObservedProfile | None, seen: ObservedProfile) -> ObservedProfile:
    """A listed profile with what is known of it; details are kept as a space's settings are."""
    if known is None or not _is_same(known, seen):
        return seen
    if _LISTED_OF_PROFILE(known) == _LISTED_OF_PROFILE(seen):
        return known
    unedited = known.status == "Pending" or known.modified_at == seen.modified_at
    details = known.details if unedited else None
    failure = known.failure if _is_unmoved(known, seen) else None
    return replace(seen, arn=known.arn, failure=failure, details=details, tags=known.tags)


def merge_domain(known: ObservedDomain | None, seen: ObservedDomain) -> ObservedDomain:
    """A listed domain with its tags."""
    if known is None or not _is_same(known, seen):
        return seen
    if _LISTED_OF_DOMAIN(known) == _LISTED_OF_DOMAIN(seen):
        return known
    details = known.details if known.modified_at == seen.modified_at else None
    return replace(seen, details=details, tags=known.tags)


def keep_tags(known: TaggedT | None, seen: TaggedT) -> TaggedT:
    """A described record with the tags known: Describe calls give all but these."""
    if known is None or not _is_same(known, seen):
        return seen
    merged = replace(seen, tags=known.tags)
    return known if merged == known else merged


def take_app(known: ObservedApp | None, seen: ObservedApp) -> ObservedApp:
    """A described app: all there is to know."""
    return known if known == seen else seen


def _is_unmoved(
    known: ObservedProfile | ObservedSpace, seen: ObservedProfile | ObservedSpace
) -> bool:
    """Whether nothing has happened to it since it was described."""
    return (known.status, known.modified_at) == (seen.status, seen.modified_at)


def _is_same(
    known: ObservedDomain | ObservedProfile | ObservedSpace,
    seen: ObservedDomain | ObservedProfile | ObservedSpace,
) -> bool:
    """Whether both are one thing, and not a later one of the same name.

    What we have only just asked for has no time of creation yet.
    """
    return known.created_at is None or known.created_at == seen.created_at
