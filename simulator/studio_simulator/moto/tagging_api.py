"""The tagging API's GetResources.

moto has one too, but cuts its pages at 100 tags; the service, unless asked otherwise, only at the
number of resources. Whatever moto holds of other services is found as well.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from moto.core.resource_tagging import (
    TaggedResource,
    iter_taggable_backends,
    make_tag_matcher,
    match_resource_type,
)

from studio_simulator.errors import ServiceError
from studio_simulator.requests.paging import question_of
from studio_simulator.requests.validation import check_input
from studio_simulator.state.tags import as_list

SERVICE = "resourcegroupstaggingapi"
PAGE_SIZE = 50
PAGING_MEMBERS = {"PaginationToken", "ResourcesPerPage", "TagsPerPage"}


def get_resources(place: tuple[str, str], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return one page of the tagged resources of an account and region.

    Raises:
        ServiceError: InvalidParameterException for unfit input, PaginationTokenExpiredException
            for a token that is not of this question.

    """
    _check(parameters)
    found = sorted(_matching(place, parameters), key=lambda resource: resource.arn)
    after = _decode(parameters)
    rest = [resource for resource in found if resource.arn > after]
    chunk = _first_page(rest, parameters)
    more = len(rest) > len(chunk)
    return {
        "PaginationToken": _encode(chunk[-1].arn, parameters) if more else "",
        "ResourceTagMappingList": [
            {"ResourceARN": resource.arn, "Tags": as_list(resource.tags)} for resource in chunk
        ],
    }


def _check(parameters: dict[str, Any]) -> None:
    try:
        check_input(SERVICE, "GetResources", parameters)
    except ServiceError as error:
        raise ServiceError("InvalidParameterException", error.message) from error
    excluded = {"TagFilters", "ResourceTypeFilters", *PAGING_MEMBERS}
    if "ResourceARNList" in parameters and excluded & parameters.keys():
        raise ServiceError(
            "InvalidParameterException", "ResourceARNList goes with neither filters nor pages."
        )
    if not 100 <= parameters.get("TagsPerPage", 100) <= 500:
        raise ServiceError("InvalidParameterException", "TagsPerPage must be between 100 and 500.")
    if not 1 <= parameters.get("ResourcesPerPage", PAGE_SIZE) <= 100:
        raise ServiceError(
            "InvalidParameterException", "ResourcesPerPage must be between 1 and 100."
        )


def _matching(place: tuple[str, str], parameters: dict[str, Any]) -> list[TaggedResource]:
    has_tags = make_tag_matcher(parameters.get("TagFilters"))
    types = parameters.get("ResourceTypeFilters")
    arns = parameters.get("ResourceARNList")
    return [
        resource
        for backend in iter_taggable_backends(*place)
        for resource in backend.iter_tagged_resources()
        if resource.tags
        and match_resource_type(resource.resource_type, types)
        and has_tags(resource.tags)
        and (not arns or resource.arn in arns)
    ]


def _first_page(
    resources: list[TaggedResource], parameters: dict[str, Any]
) -> list[TaggedResource]:
    chunk = resources[: parameters.get("ResourcesPerPage", PAGE_SIZE)]
    most_tags = parameters.get("TagsPerPage")
    if most_tags is None:
        return chunk
    tags = 0
    for number, resource in enumerate(chunk):
        tags += len(resource.tags)
        if number and tags > most_tags:
            return chunk[:number]
    return chunk


def _encode(arn: str, parameters: dict[str, Any]) -> str:
    question = _question(parameters)
    return base64.urlsafe_b64encode(json.dumps([arn, question]).encode()).decode()


def _decode(parameters: dict[str, Any]) -> str:
    token = parameters.get("PaginationToken")
    if not token:
        return ""
    expired = ServiceError("PaginationTokenExpiredException", "The PaginationToken is not valid.")
    try:
        arn, question = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise expired from error
    if question != _question(parameters):
        raise expired
    return str(arn)


def _question(parameters: dict[str, Any]) -> str:
    return question_of(
        {name: value for name, value in parameters.items() if name not in PAGING_MEMBERS}
    )
