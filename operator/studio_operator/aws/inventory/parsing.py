"""AWS's answers, and our own requests, as the records that planners see.

Three sources give a record, each with what it has: an item of a listing, the answer of a Describe
call, and a request of ours that creates the thing. What their members are called is data of the
kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio_operator.kinds.aws_type import AwsType, Json, R
from studio_operator.plan.observed import told_failure


def listed(type_: AwsType[R], item: Json) -> R:
    """A record from an item of the listing: without details, failure and tags."""
    return _record(type_, item)


def described(type_: AwsType[R], answer: Json) -> R:
    """A record from the answer of Describe: all but its tags."""
    failure = told_failure(answer[type_.status], answer.get(type_.failure))
    return _record(type_, answer, failure=failure, details=type_.details(answer))


def requested(type_: AwsType[R], parameters: Json, response: Json) -> R:
    """What a request has begun to make.

    Its members have the names of Describe's, so that it tells details like the answer of that.
    """
    asked = {name: value for name, value in parameters.items() if name != "Tags"}
    known = {**asked, type_.id: id_of(type_, parameters, response), type_.status: "Pending"}
    answered = {name: response[name] for name in (type_.arn, type_.url) if name in response}
    return _record(
        type_,
        {**known, **answered},
        details=type_.details(asked) if type_.details_asked else None,
        tags=tags_from(parameters.get("Tags", ())),
    )


def id_of(type_: AwsType[Any], parameters: Json, response: Json) -> str:
    """By what AWS names the thing that a request is about; that of a new one is in the answer."""
    made: str = response.get(type_.id) or str(response.get(type_.arn)).rpartition("/")[2]
    known: str = parameters.get(type_.id, made)
    return known


def tags_from(items: Iterable[Json]) -> dict[str, str]:
    """Tags from the form that requests and answers have."""
    return {item["Key"]: item["Value"] for item in items}


def _record(type_: AwsType[R], answer: Json, **more: Any) -> R:
    return type_.record(
        domain_id=answer.get("DomainId", ""),
        name=answer[type_.title or type_.id],
        status=answer[type_.status],
        created_at=answer.get(type_.created),
        modified_at=answer.get(type_.modified),
        arn=answer.get(type_.arn),
        url=answer.get(type_.url),
        **type_.own(answer),
        **more,
    )
