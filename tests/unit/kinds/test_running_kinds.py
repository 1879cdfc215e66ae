"""What all kinds have in common that start and stop, whatever their own words for it are."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from studio_operator.api.common import Model
from studio_operator.api.running import (
    HandledRequests,
    RunningSpec,
    RunningState,
    RunningStatus,
)
from studio_operator.kinds.managed_kind import RUNNING_COLUMNS, ManagedKind
from studio_operator.kinds.registry import BY_NAME, KINDS, RUNNING
from studio_operator.kinds.shared.running.requests import answers

OTHERS = [kind for kind in KINDS if kind.runs is None]
RUNNING_KINDS = [BY_NAME[name] for name in RUNNING]


def model_of(model: type[Model], member: str) -> Any:
    """The model of an optional member."""
    (found,) = (
        one for one in get_args(model.model_fields[member].annotation) if one is not type(None)
    )
    return found


def test_there_are_some() -> None:
    assert RUNNING_KINDS


@pytest.mark.parametrize("kind", RUNNING_KINDS, ids=lambda kind: kind.name)
def test_its_spec_and_status_have_the_members(kind: ManagedKind) -> None:
    assert kind.runs is not None
    assert RunningSpec.model_fields.keys() <= kind.spec.model_fields.keys()
    assert RunningStatus.model_fields.keys() <= kind.status.model_fields.keys()
    for name, field in RunningSpec.model_fields.items():
        mine = kind.spec.model_fields[name]
        assert mine.annotation == field.annotation
        assert repr(mine.metadata) == repr(field.metadata)
        assert mine.json_schema_extra == field.json_schema_extra
        assert not mine.is_required()
    assert model_of(kind.status, "effective") == kind.runs.state_model
    assert model_of(kind.status, "handled_requests") == kind.runs.requests_model
    assert issubclass(kind.runs.state_model, RunningState)
    assert issubclass(kind.runs.requests_model, HandledRequests)
    cost = model_of(kind.status, "cost").model_fields
    assert {"per_hour", "currency"} <= cost.keys()


@pytest.mark.parametrize("kind", RUNNING_KINDS, ids=lambda kind: kind.name)
def test_the_machinery_is_told_of_it(kind: ManagedKind) -> None:
    assert kind.runs is not None
    assert set(RUNNING_COLUMNS) <= set(kind.columns)
    assert kind.answers is answers
    assert kind.billed is not None
    assert all(kind.takes(request) for request in ("start", "stop", "restart", "snoozeUntil"))
    members = {field.alias or name for name, field in kind.status.model_fields.items()}
    assert kind.runs.on in members
    is_default = kind is RUNNING_KINDS[0]
    assert kind.runs.word == ("" if is_default else kind.word)
    assert kind.runs.noun == kind.noun


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_others_take_no_requests(kind: ManagedKind) -> None:
    assert not any(kind.takes(request) for request in ("start", "stop", "restart", "snoozeUntil"))
    assert not set(RUNNING_COLUMNS) & set(kind.columns)
