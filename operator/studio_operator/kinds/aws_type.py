"""How AWS shows and changes things of one type: data, by which each kind is observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

from studio_operator.plan.observed import Observed
from studio_operator.plan.settings.mapping import updated_details

Json = Mapping[str, Any]
R = TypeVar("R", bound=Observed)


def nothing_more(_: Json) -> Json:
    """What a kind reads whose records have no members of their own."""
    return {}


def as_answered(answer: Json) -> Json:
    """The details of a kind that takes AWS's answer as it is."""
    return answer


def as_made(record: R, _holder: Observed | None) -> R:
    """A record that AWS adds nothing to when it makes the thing."""
    return record


def updated(record: R, given: Json) -> R:
    """A record after an update, of a kind whose details are AWS's answer as it is."""
    return replace(record, details=updated_details(record.details or {}, given))


def same(companion: Any) -> Any:
    """A companion as it is."""
    return companion


@dataclass(frozen=True, slots=True)
class AwsType(Generic[R]):
    """A type of things in AWS, such as UserProfile: `name` is what its operations are called by.

    `listing` and `describing` are those that show it. These are members of requests and answers:

    - `items`: where the answer of the listing has them.
    - `id`: by which requests name a thing, the only one of its scope; AWS makes it where `title`,
      how people call the thing, is another member.
    - `arn`, `status`, `created`, `modified`, `failure` and `url`: what each record has.

    And this is how they are read:

    - `record`: the class of the records, and `own`: those of its members that not all kinds have,
      from an item of the listing, from the answer of Describe, or from a request.
    - `details`: what only Describe tells, from its answer. Where `details_asked`, a request to make
      one tells it as well.
    - `key`: by what a record is kept: its name, or the id that AWS made, with what begins as in
      `id_prefix`.

    And this is what AWS makes of a request, as far as a dry run has to know it:

    - `completed`: a record with what AWS adds when it makes the thing, by the record of the thing
      that it is in, None for none.
    - `updated`: a record after an update with these members.
    """

    name: str
    listing: str
    describing: str
    items: str
    id: str
    arn: str
    record: type[R]
    title: str = ""
    status: str = "Status"
    created: str = "CreationTime"
    modified: str = "LastModifiedTime"
    failure: str = "FailureReason"
    url: str = "Url"
    own: Callable[[Json], Json] = nothing_more
    details: Callable[[Json], Any] = as_answered
    details_asked: bool = False
    key: Callable[[Any], str] = attrgetter("name")
    id_prefix: str = ""
    completed: Callable[[R, Observed | None], R] = as_made
    updated: Callable[[R, Json], R] = updated


@dataclass(frozen=True, slots=True)
class Companion:
    """A type of things that resources of a kind have in AWS besides, such as the app of a space.

    A resource has one at most, which is kept by what the resource is kept by.

    - `name`, `listing`, `describing` and `items`: as in AwsType.
    - `noun`: what it is in words; `arn_segment`: what its ARN has before the names.
    - `listed`: the one of each resource, from the items of the listing; `merged` with the one that
      is known.
    - `described`, `requested`: one, from the answer of Describe or a request to make it.
    - `resource`: the name, or id, of the resource that a request is about; None for what is no
      companion.
    - `is_meant`: whether a request is about this very one.
    - `question`: members that name the one of a resource in a request, by the records of both; None
      where that is not known.
    - `as_described`: one of a listing, as if it had been described and no more been told.
    - `started`: for a dry run, the one that runs as the record of the resource says; None where a
      resource does not start and stop by it.
    - `beside`: of what kind else the listing tells, if of any, and what, by lower-cased name: it is
      only shown.
    """

    name: str
    listing: str
    describing: str
    items: str
    noun: str
    arn_segment: str
    listed: Callable[[Iterable[Json]], Mapping[str, Any]]
    merged: Callable[[Any | None, Any], Any]
    described: Callable[[Json], Any]
    requested: Callable[[Json], Any]
    resource: Callable[[Json], str | None]
    is_meant: Callable[[Any, Json], bool]
    question: Callable[[Any | None, Any | None], Json | None]
    as_described: Callable[[Any], Any] = same
    started: Callable[[Any], Any] | None = None
    beside: tuple[str, Callable[[Iterable[Json]], Mapping[str, Any]]] | None = None
