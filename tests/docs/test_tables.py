"""Tables of the pages that say the same as tables in the code."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from studio_operator.api.common import Model
from studio_operator.engine.assembly import backoffs_of
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.kinds.space.api.status import EffectiveState, SpaceStatus
from studio_operator.kinds.space.in_aws.observed import ObservedSpace, SpaceSettings
from studio_operator.kinds.space.in_aws.settings import managed_fields
from studio_operator.kinds.space.planner_input.comparison import compare_settings
from studio_operator.kinds.space.planner_input.inheritance import DefaultsInput
from studio_operator.kinds.space.planner_input.settings import want_settings
from studio_operator.plan.settings.mapping import DOMAIN_SETTINGS, Setting
from studio_operator.plan.types import DomainFacts, FailureKind
from studio_operator.settings import Settings

from tests.docs.pages import page, section, tables

KEPT = "AWS keeps the value"
FACTS = DomainFacts(name="research")
SPACE = SpaceSpec.model_validate(
    {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
        "storage": {"sizeGiB": 20},
    }
)


def test_settings_that_are_cleared_are_those_that_the_code_clears() -> None:
    (table,) = tables(section(page("kinds/studiodomain.md"), "Removing a field"))
    cleared = [name for row in table if row[1] != KEPT for name in re.findall(r"`(.+?)`", row[0])]
    assert {one.field for one in DOMAIN_SETTINGS if one.clearable} == {
        one.field for one in DOMAIN_SETTINGS if any(_is_named(one, name) for name in cleared)
    }


def _is_named(setting: Setting, name: str) -> bool:
    return f".{setting.field}".endswith(f".{name}")


def test_fields_that_are_worth_a_stop_are_those_that_the_code_stops_for() -> None:
    (table,) = tables(section(page("kinds/space.md"), "Which changes need a stop"))
    told: dict[str, bool] = {}
    worth_it = False
    for fields, asked, becomes in table:
        if not becomes.startswith("the same"):  # as in the row above
            worth_it = becomes.startswith("is stopped")
        if asked.startswith("`UpdateSpace`"):
            told |= {name.split(".")[-1]: worth_it for name in re.findall(r"`(\w[\w.]*)`", fields)}
    assert told.pop("backup") is False
    compared = compare_settings(
        want_settings(DefaultsInput(SPACE, FACTS), SpaceSettings(), ()),
        ObservedSpace(domain_id="d-1", name="churn", status="InService"),
        SpaceSettings(),
        None,
    )
    known = {one.change.field.split(".")[-1]: one.change.needs_stop for one in compared}
    assert {name.replace("idleShutdown", "after"): stop for name, stop in told.items()} == known


def test_settings_of_a_space_that_are_cleared_are_those_that_the_code_clears() -> None:
    (table,) = tables(section(page("kinds/space.md"), "Removing a field"))
    kept = ("Nothing", "The API server")
    named = [
        name
        for fields, becomes in table
        if not becomes.startswith(kept)
        for name in re.findall(r"`(.+?)`", fields)
    ]
    everything = SPACE.model_copy(
        update={
            "lifecycle_config_arn": "arn",
            "code_repositories": ["https://git.example.com/ml/churn"],
            "remote_access": "Enabled",
            "storage": SPACE.storage and SPACE.storage.model_copy(update={"file_systems": []}),
        }
    )
    assert {*named} - {"backup"} == managed_fields(everything)


@pytest.mark.parametrize(
    ("heading", "first", "model", "field"),
    [
        ("What kubectl shows", "Pending", SpaceStatus, "phase"),
        ("Who decides whether the app runs", "`Spec`", EffectiveState, "by"),
    ],
)
def test_every_word_that_status_may_hold_is_explained(
    heading: str, first: str, model: type[Model], field: str
) -> None:
    found = tables(section(page("kinds/space.md"), heading))
    (table,) = [table for table in found if table[0][0] == first]
    assert {row[0].strip("`") for row in table} == _words_of(model, field)


def _words_of(model: type[Model], field: str) -> set[str]:
    """The words that a Literal field may hold."""
    annotation = model.model_fields[field].annotation
    choices = [one for one in get_args(annotation) if get_args(one)] or [annotation]
    return set(get_args(choices[0]))


KINDS = {
    "transient": FailureKind.TRANSIENT,
    "busy": FailureKind.BUSY,
    "capacity": FailureKind.CAPACITY,
    "quota": FailureKind.QUOTA,
    "invalid": FailureKind.INVALID,
}


def test_pauses_after_failures_are_those_of_the_settings() -> None:
    (table,) = tables(section(page("architecture.md"), "Calling AWS"))
    pauses = {
        re.split(r"[ ,]", row[0])[0]: row[1].partition(";")[0]
        for row in table
        if "doubling" in row[1]
    }
    backoffs = backoffs_of(Settings())
    assert pauses == {
        word: f"{_spoken(backoffs[kind].limit(1))}, doubling to {_spoken(backoffs[kind].limit(99))}"
        for word, kind in KINDS.items()
    }


def _spoken(seconds: float) -> str:
    """A duration as the page has it: 0.5 s, 10 min, 1 h."""
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds > 60 else f"{seconds:g} s"
