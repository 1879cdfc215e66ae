"""The effects of our own calls, entered as soon as AWS has taken them, by what the calls do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from studio_operator.aws.inventory import parsing
from studio_operator.aws.inventory.expectations import Act
from studio_operator.aws.inventory.parts import CompanionsPart
from studio_operator.aws.inventory.scope_poller import ScopePoller
from studio_operator.aws.inventory.tag_keeping import retagged
from studio_operator.kinds.aws_type import Json
from studio_operator.kinds.registry import BY_NAME, OPERATIONS
from studio_operator.kinds.resource_id import parse_arn
from studio_operator.plan.operations import Does
from studio_operator.plan.types import Call

# What a call makes of a resource that is known. What listings lack holds no longer after an update.
ON_RESOURCES: Mapping[Does, tuple[Act, Json]] = {
    Does.UPDATE: (Act.UPDATED, {"status": "Updating", "details": None, "modified_at": None}),
    Does.START: (Act.SWITCHED, {"status": "Starting"}),
    Does.STOP: (Act.SWITCHED, {"status": "Stopping"}),
    Does.DELETE: (Act.DELETED, {"status": "Deleting"}),
}


def enter(poller: ScopePoller, call: Call, response: Json, now: float) -> None:
    """Enter what a call did in a scope; calls that do nothing of note there pass."""
    operation, given = OPERATIONS[call.operation], call.parameters
    if operation.does is Does.TAG:
        _tag(poller, given, now)
    elif (part := poller.resources.get(operation.type)) is not None:
        name = part.kind.record_name(parsing.id_of(part.kind.aws, given, response))
        known = part.records.shown.get(name)
        if operation.does is Does.CREATE:
            made = parsing.requested(part.kind.aws, given, response)
            part.records.expect(Act.CREATED, name, made, now)
            poller.tags.note_written(part.id_of(name), now)
        elif known is not None:
            act, becomes = ON_RESOURCES[operation.does]
            part.records.expect(act, name, replace(known, **becomes), now)
    elif (companions := poller.companions.get(operation.type)) is not None:
        name_of_resource = companions.type.resource(given)
        if name_of_resource is not None:
            ON_COMPANIONS[operation.does](companions, name_of_resource, given, now)


def _make(part: CompanionsPart, name: str, given: Json, now: float) -> None:
    part.records.expect(Act.CREATED, name, part.type.requested(given), now)


def _end(part: CompanionsPart, name: str, given: Json, now: float) -> None:
    known = part.records.shown.get(name)
    if known is not None and part.type.is_meant(known, given):
        part.records.expect(Act.DELETED, name, replace(known, status="Deleting"), now)


def _tag(poller: ScopePoller, given: Json, now: float) -> None:
    about = parse_arn(given["ResourceArn"], poller.scope.account)
    part = poller.resources.get(BY_NAME[about.kind].aws.name) if about else None
    if about is None or part is None:
        return
    poller.tags.note_written(about, now)
    record = part.records.shown.get(about.name)
    if record is not None:
        part.records.amend(about.name, replace(record, tags=retagged(record.tags, given)))


ON_COMPANIONS: Mapping[Does, Callable[[CompanionsPart, str, Json, float], None]] = {
    Does.CREATE: _make,
    Does.START: _make,
    Does.STOP: _end,
    Does.DELETE: _end,
}
