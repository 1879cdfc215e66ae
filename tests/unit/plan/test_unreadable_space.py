"""A space whose spec the API server admits and the operator can't read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG, ConditionType
from studio_operator.api.reading import read_spec
from studio_operator.kinds.space.api.spec import SpaceSpec
from studio_operator.plan.types import Note

from tests.unit.plan.space_world import START, SpaceWorld

SCHEDULE = {
    "timezone": "Europe/Berlin",
    "windows": [{"days": "Mon-Fri", "from": "08:00", "to": "19:00"}],
}
SPEC: dict[str, Any] = {
    "domainRef": {"name": "research"},
    "ownerRef": {"name": "alice"},
    "app": "JupyterLab",
    "state": "Running",
    "instanceType": "ml.t3.medium",
    "storage": {"sizeGiB": 20},
    "schedule": SCHEDULE,
}
TYPO = {"schedule": {**SCHEDULE, "timezone": "Europe/Berlim"}}
# What no CRD of ours admits, as one of another version might, in every member of the spec.
UNREADABLE: list[dict[str, Any]] = [
    TYPO,
    {"resizePolicy": "Sometimes"},
    {"storage": {"sizeGiB": "large"}},
    {"instanceType": 5},
    {"app": "Excel"},
    {"domainRef": "research"},
    {"ownerRef": ["alice"]},
    {"tags": {"team": 1}},
    {"drift": {"default": "Perhaps"}},
    {"state": "Walking"},
    {"deletionPolicy": "Shred"},
    {"maxRunTime": "long", "stopPolicy": 1, "image": {"imageArn": "x"}},
]
IDS = [" ".join(one) for one in UNREADABLE]


def settle(made: SpaceWorld) -> None:
    """Ten minutes pass: all that is to be done now is done, and the schedule's day goes on."""
    made.live(made.now + timedelta(minutes=10))


def world(**changes: Any) -> SpaceWorld:
    """A space that runs as declared."""
    made = SpaceWorld(SpaceSpec.model_validate({**SPEC, **changes}))
    settle(made)
    assert made.is_running()
    return made


def broken(made: SpaceWorld, **changes: Any) -> SpaceWorld:
    """The same after an edit that can't be read."""
    made.apply({**SPEC, **changes})
    assert made.unreadable is not None
    made.log.clear()
    settle(made)
    return made


def notes(made: SpaceWorld) -> list[Note]:
    """What the next pass would tell by Events."""
    return list(made.plan().notes)


@pytest.mark.parametrize("change", UNREADABLE, ids=IDS)
def test_nothing_is_changed_and_status_follows_aws(change: dict[str, Any]) -> None:
    made = broken(world(), **change)
    assert made.names_of_calls() == []
    assert made.condition("Stalled") == made.condition("Ready") == "InvalidSpec"
    assert (made.status.phase, made.status.instance_type) == ("InService", "ml.t3.medium")
    made.person_stops()
    made.person_resizes("ml.m5.large")
    settle(made)
    assert made.names_of_calls() == []
    assert (made.status.phase, made.status.instance_type) == ("Stopped", "ml.m5.large")
    assert made.status.owner == "alice"
    assert made.status.effective is not None
    assert made.status.effective.stops_at is None, "nobody stops or starts it by a clock"


@pytest.mark.parametrize("change", UNREADABLE, ids=IDS)
@pytest.mark.parametrize("crashes", [False, True], ids=["", "after a restart"])
def test_it_can_be_deleted(change: dict[str, Any], *, crashes: bool) -> None:
    made = broken(world(), **change)
    if crashes:
        made.crash()
    made.deleting = True
    made.run()
    assert made.released
    assert made.names_of_calls() == ["DeleteApp", "AddTags"]
    assert made.space is not None
    assert (made.space.tags or {})[OWNER_TAG].endswith("/released")


@pytest.mark.parametrize(
    ("policy", "calls"),
    [("Delete", ["DeleteApp", "DeleteSpace"]), ("Orphan", ["DeleteTags"])],
)
def test_it_is_deleted_as_its_policy_says(policy: str, calls: list[str]) -> None:
    made = broken(world(deletionPolicy=policy), deletionPolicy=policy, **TYPO)
    made.deleting = True
    made.run()
    assert (made.released, made.names_of_calls()) == (True, calls)


@pytest.mark.parametrize(
    "change",
    [
        {"backup": {"s3Uri": "ftp://backups"}},
        {"backup": {"s3Uri": "s3://team-backups/studio"}, **TYPO},
    ],
    ids=["the back-up can't be read", "another field can't"],
)
def test_no_volume_is_deleted_before_the_back_up_that_is_asked_for(change: dict[str, Any]) -> None:
    made = broken(world(deletionPolicy="Delete"), deletionPolicy="Delete", **change)
    made.deleting = True
    told: list[Note] = []
    while not made.released:
        told += made.step().notes
    assert made.names_of_calls() == ["DeleteApp", "AddTags"]
    assert [note.type for note in told if note.reason == "SpaceKept"] == ["Warning"]


def test_what_was_never_made_is_told_and_goes_at_once() -> None:
    spec, unreadable = read_spec(SpaceSpec, {**SPEC, **TYPO})
    made = SpaceWorld(spec, unreadable=unreadable)
    settle(made)
    assert (made.log, made.status.phase) == ([], "Failed")
    made.deleting = True
    made.run()
    assert (made.released, made.log) == (True, [])


@pytest.mark.parametrize("change", UNREADABLE, ids=IDS)
def test_a_stop_is_carried_out(change: dict[str, Any]) -> None:
    made = broken(world(), **change)
    made.request("stop", "2026-03-02T10:00:00Z")
    settle(made)
    assert made.names_of_calls() == ["DeleteApp"]
    assert made.status.phase == "Stopped"
    assert made.status.handled_requests is not None
    assert made.status.handled_requests.stop == "2026-03-02T10:00:00Z"
    assert not [note for note in notes(made) if note.reason == "RequestRefused"]


def test_a_stop_holds_after_the_correction() -> None:
    made = broken(world(), **TYPO)
    made.request("stop", "2026-03-02T10:00:00Z")
    settle(made)
    made.apply(SPEC)
    settle(made)
    assert made.names_of_calls() == ["DeleteApp"]
    assert made.condition("Ready") == "Stopped"


@pytest.mark.parametrize("verb", ["start", "restart", "apply-now", "recreate"])
def test_what_would_need_the_spec_is_refused_and_not_done_later(verb: str) -> None:
    made = world()
    made.person_stops()
    broken(made, **TYPO)
    made.request(verb, "2026-03-02T10:00:00Z")
    (told,) = [note for note in notes(made) if note.reason == "RequestRefused"]
    assert told.message.startswith(f"not done: a request to {verb}, since the spec can't be read.")
    settle(made)
    made.apply(SPEC)
    settle(made)
    assert made.names_of_calls() == []


def test_the_mistake_and_its_correction_start_nothing() -> None:
    """Who stopped the app at noon finds it stopped, whatever was written wrong meanwhile."""
    made = world()
    made.person_stops()
    settle(made)
    made.log.clear()
    broken(made, **TYPO)
    made.live(START + timedelta(hours=2))
    made.apply(SPEC)
    made.live(START + timedelta(hours=4))
    assert made.names_of_calls() == []


def test_a_window_that_ended_meanwhile_stops_the_app_after_the_correction() -> None:
    made = broken(world(), **TYPO)
    made.live(START + timedelta(hours=12))
    assert made.names_of_calls() == []
    made.apply(SPEC)
    settle(made)
    assert made.names_of_calls() == ["DeleteApp"]


def test_a_resize_under_way_goes_on_after_the_correction() -> None:
    made = world()
    made.edit(instanceType="ml.m5.large")
    while "DeleteApp" not in made.names_of_calls():
        made.step()
    broken(made, instanceType="ml.m5.large", **TYPO)
    assert made.names_of_calls() == []
    assert made.status.phase == "Stopped"
    made.apply({**SPEC, "instanceType": "ml.m5.large"})
    settle(made)
    assert made.names_of_calls() == ["UpdateSpace", "CreateApp"]


def test_a_stop_in_the_middle_of_a_resize_leaves_it_stopped() -> None:
    made = world()
    made.edit(instanceType="ml.m5.large")
    while "DeleteApp" not in made.names_of_calls():
        made.step()
    broken(made, instanceType="ml.m5.large", **TYPO)
    made.request("stop", "2026-03-02T10:00:00Z")
    settle(made)
    assert made.status.operation is None, "the plug-in takes the stop for done"
    made.apply({**SPEC, "instanceType": "ml.m5.large"})
    settle(made)
    assert made.names_of_calls() == ["UpdateSpace"]
    assert not made.is_running()


def test_what_is_remembered_for_the_next_change_stays() -> None:
    tagged = {"codeRepositories": ["https://git.example.com/ml"], "displayName": "Churn"}
    made = world(**tagged)
    before = made.status
    broken(made, **tagged, **TYPO)
    for member in ("managed_fields", "tag_keys", "applied", "rejection", "backup", "settings"):
        assert getattr(made.status, member) == getattr(before, member)


def test_a_stop_of_a_space_whose_status_was_lost() -> None:
    made = broken(world(), **TYPO)
    made.status = made.stored = type(made.status)()
    made.request("stop", "2026-03-02T08:00:00Z")
    settle(made)
    assert made.names_of_calls() == [], "it may be as old as the resource"
    made.request("stop", "2026-03-02T11:00:00Z")
    settle(made)
    assert made.names_of_calls() == ["DeleteApp"]
    made.apply(SPEC)
    settle(made)
    assert made.names_of_calls() == ["DeleteApp"]


def test_a_stop_that_comes_while_the_app_starts_is_tried_again_and_the_spec_is_still_named() -> (
    None
):
    made = SpaceWorld(SpaceSpec.model_validate(SPEC))
    while made.app is None:
        made.step()
    assert made.app.status == "Pending"
    made.apply({**SPEC, **TYPO})
    made.request("stop", "1")
    while made.failure is None:
        made.step()
    assert made.failure.operation == "DeleteApp"
    told = made.plan()
    assert told.call is None
    for type_ in ("Ready", "Stalled"):
        condition = told.status.condition(ConditionType(type_))
        assert condition is not None
        assert condition.reason == "InvalidSpec"
    settle(made)
    assert made.status.phase == "Stopped"
    assert made.condition("Stalled") == "InvalidSpec"
