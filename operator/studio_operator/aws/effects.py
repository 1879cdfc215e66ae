"""The effects of our own calls, entered as soon as AWS has taken them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from studio_operator.aws import parsing
from studio_operator.aws.domain_watch import DomainWatch
from studio_operator.aws.expectations import Act
from studio_operator.aws.keys import RecordKey, parse_arn
from studio_operator.aws.parts import DOMAIN
from studio_operator.aws.records import Records
from studio_operator.aws.tag_keeping import TagKeeper, added, removed
from studio_operator.plan.observed import ObservedDomain, ObservedProfile, ObservedSpace
from studio_operator.plan.types import Call

TaggedT = TypeVar("TaggedT", ObservedDomain, ObservedProfile, ObservedSpace)
Json = Mapping[str, Any]


def enter(watch: DomainWatch, call: Call, response: Json, now: float) -> None:
    """Enter what a call did to a domain or what is in it; calls that do nothing of note pass."""
    effect = _EFFECTS.get(call.operation)
    if effect is not None:
        effect(watch, call, response, now)


def enter_tags(
    keeper: TagKeeper, records: Records[TaggedT], name: str, key: RecordKey, call: Call, now: float
) -> None:
    """Enter what AddTags or DeleteTags did to a record."""
    keeper.note_written(key, now)
    record = records.shown.get(name)
    if record is None:
        return
    if call.operation == "AddTags":
        tags = added(record.tags, call.parameters["Tags"])
    else:
        tags = removed(record.tags, call.parameters["TagKeys"])
    records.amend(name, replace(record, tags=tags))


def _create_space(watch: DomainWatch, call: Call, response: Json, now: float) -> None:
    space = parsing.space_from_request(call.parameters, response)
    watch.space_records.expect(Act.CREATED, space.name, space, now)
    watch.tags.note_written(watch.key("space", space.name), now)


def _update_space(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    known = watch.spaces.get(call.parameters["SpaceName"])
    if known is not None:
        space = replace(known, status="Updating", settings=None, modified_at=None)
        watch.space_records.expect(Act.UPDATED, space.name, space, now)


def _delete_space(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    known = watch.spaces.get(call.parameters["SpaceName"])
    if known is not None:
        space = replace(known, status="Deleting")
        watch.space_records.expect(Act.DELETED, space.name, space, now)


def _create_app(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    if _is_of_space(call):
        app = parsing.app_from_request(call.parameters)
        watch.app_records.expect(Act.CREATED, call.parameters["SpaceName"], app, now)


def _delete_app(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    known = watch.apps.get(call.parameters.get("SpaceName", ""))
    if known is not None and _is_of_space(call):
        app = replace(known, status="Deleting")
        watch.app_records.expect(Act.DELETED, call.parameters["SpaceName"], app, now)


def _is_of_space(call: Call) -> bool:
    return "SpaceName" in call.parameters and call.parameters["AppName"] == parsing.APP_NAME


def _create_profile(watch: DomainWatch, call: Call, response: Json, now: float) -> None:
    profile = parsing.profile_from_request(call.parameters, response)
    watch.profile_records.expect(Act.CREATED, profile.name.lower(), profile, now)
    watch.tags.note_written(watch.key("profile", profile.name.lower()), now)


def _update_profile(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    name = call.parameters["UserProfileName"].lower()
    known = watch.profiles.get(name)
    if known is not None:
        profile = replace(known, status="Updating", details=None, modified_at=None)
        watch.profile_records.expect(Act.UPDATED, name, profile, now)


def _delete_profile(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    name = call.parameters["UserProfileName"].lower()
    known = watch.profiles.get(name)
    if known is not None:
        profile = replace(known, status="Deleting")
        watch.profile_records.expect(Act.DELETED, name, profile, now)


def _create_domain(watch: DomainWatch, call: Call, response: Json, now: float) -> None:
    domain = parsing.domain_from_request(call.parameters, response)
    watch.domain_records.expect(Act.CREATED, DOMAIN, domain, now)
    watch.tags.note_written(watch.place, now)


def _update_domain(watch: DomainWatch, _call: Call, _response: Json, now: float) -> None:
    known = watch.domain
    if known is not None:
        domain = replace(known, status="Updating", details=None, modified_at=None)
        watch.domain_records.expect(Act.UPDATED, DOMAIN, domain, now)


def _delete_domain(watch: DomainWatch, _call: Call, _response: Json, now: float) -> None:
    known = watch.domain
    if known is not None:
        domain = replace(known, status="Deleting")
        watch.domain_records.expect(Act.DELETED, DOMAIN, domain, now)


def _change_tags(watch: DomainWatch, call: Call, _response: Json, now: float) -> None:
    key = parse_arn(call.parameters["ResourceArn"])
    if key is None:
        return
    if key.kind == "space":
        enter_tags(watch.tags, watch.space_records, key.name, key, call, now)
    elif key.kind == "profile":
        enter_tags(watch.tags, watch.profile_records, key.name, key, call, now)
    else:
        enter_tags(watch.tags, watch.domain_records, DOMAIN, key, call, now)


_EFFECTS: Mapping[str, Callable[[DomainWatch, Call, Json, float], None]] = {
    "CreateSpace": _create_space,
    "UpdateSpace": _update_space,
    "DeleteSpace": _delete_space,
    "CreateApp": _create_app,
    "DeleteApp": _delete_app,
    "CreateUserProfile": _create_profile,
    "UpdateUserProfile": _update_profile,
    "DeleteUserProfile": _delete_profile,
    "CreateDomain": _create_domain,
    "UpdateDomain": _update_domain,
    "DeleteDomain": _delete_domain,
    "AddTags": _change_tags,
    "DeleteTags": _change_tags,
}
