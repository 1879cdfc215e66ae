"""The recorded objects cover what people may see, and hold nothing made by chance."""

from __future__ import annotations

import pytest
from studio_operator.api.common import ConditionType
from studio_operator.plan.reasons import Reason

from tests.e2e.cluster import PLURALS
from tests.gitops.files import Files
from tests.gitops.folders import KINDS, PROJECT, recordings
from tests.gitops.normalising import normalise
from tests.gitops.recorded import Recorded, load, read_all
from tests.gitops.scenes import ALL
from tests.gitops.table import main

RECORDED = read_all()
# Why some reasons are in no recorded object.
NOT_SEEN = {
    Reason.DELETION_FAILED: "it lasts for a moment, until the deletion is asked for again",
    Reason.NOT_APPLIED: "AWS would have to accept an update and ignore it",
    Reason.RELEASED: "the resource goes with the same write",
    Reason.RELEASING: "tags change within one turn of work",
    Reason.RETAKING: "tags change within one turn of work",
}


def test_each_scene_is_recorded_and_nothing_else() -> None:
    wanted = {recordings(scene.kind) / f"{scene.name}.yaml" for scene in ALL}
    assert {path for kind in KINDS for path in recordings(kind).glob("*.yaml")} == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_every_phase_is_covered(kind: str) -> None:
    definition = load(PROJECT / "crds" / f"{PLURALS[kind]}.yaml")
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    phases = set(schema["properties"]["status"]["properties"]["phase"]["enum"])
    assert {one.phase for one in RECORDED if one.scene.kind == kind} - {None} == phases


def test_every_reason_is_covered_or_explained() -> None:
    """A new reason needs a scene in tests/gitops/scenes, and `python -m tests.gitops.record`."""
    seen = {one["reason"] for item in RECORDED for one in item.conditions.values()}
    assert set(Reason) - seen == set(NOT_SEEN)


def test_every_condition_is_covered() -> None:
    seen = {type_ for item in RECORDED for type_ in item.conditions}
    assert seen == set(ConditionType)


@pytest.mark.parametrize("item", RECORDED, ids=str)
def test_nothing_by_chance_is_recorded(item: Recorded) -> None:
    assert normalise(item.resource) == item.resource


def test_tables_and_actions_follow_from_the_recorded_objects() -> None:
    assert Files().changed() == []


def test_the_page_of_states_follows_from_the_recorded_objects() -> None:
    assert main(["--check"]) == 0
