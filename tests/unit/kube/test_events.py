"""Events: complete, within the API's limits, and not said again and again."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from studio_operator.kube.events import RepeatGuard, build_event, shorten
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Note

KEY = Key("Space", "team", "notebooks")
NOTE = Note("Resized", "Resize", "From ml.t3.medium to ml.m5.large.")


def test_an_event_names_the_resource_by_uid_and_has_a_real_action() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    event = build_event(KEY, "uid-1", NOTE, instance="pod-0", now=now)
    assert event["regarding"]["uid"] == "uid-1"
    assert event["regarding"]["kind"] == "Space"
    assert (event["action"], event["reason"], event["type"]) == ("Resize", "Resized", "Normal")
    assert event["reportingController"] == "studio-operator.dev/controller"
    assert event["reportingInstance"] == "pod-0"
    assert event["eventTime"] == "2026-01-02T03:04:05.678901Z"


@given(st.text(max_size=2000))
def test_a_note_never_has_more_bytes_than_the_api_takes(message: str) -> None:
    assert len(shorten(message).encode()) <= 1024


def test_a_note_can_neither_act_on_a_terminal_nor_forge_a_line() -> None:
    hostile = Note("Resized", "Resize", "From \x1b[2J\u202e to x.\nNormal  Ready  all is well")
    event = build_event(KEY, "uid-1", hostile, instance="pod-0", now=datetime.now(UTC))
    assert event["note"] == r"From \x1b[2J\u202e to x. Normal  Ready  all is well"


def test_the_same_is_not_said_twice_within_the_window() -> None:
    now = 0.0
    guard = RepeatGuard(window_seconds=300, capacity=2, clock=lambda: now)
    assert not guard.is_repeated("uid-1", NOTE)
    guard.said("uid-1", NOTE)
    assert guard.is_repeated("uid-1", NOTE)
    assert not guard.is_repeated("uid-2", NOTE)
    assert not guard.is_repeated("uid-1", Note("Resized", "Resize", "To another size."))
    now = 300.0
    assert not guard.is_repeated("uid-1", NOTE)


def test_the_memory_of_what_was_said_is_bounded() -> None:
    guard = RepeatGuard(window_seconds=300, capacity=2, clock=lambda: 0.0)
    for uid in ("uid-1", "uid-2", "uid-3"):
        guard.said(uid, NOTE)
    assert [guard.is_repeated(f"uid-{n}", NOTE) for n in (1, 2, 3)] == [False, True, True]
