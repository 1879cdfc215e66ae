"""What is held of a resource: what is ours, packed while nobody works on it, and bounded."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from studio_operator.api.common import FINALIZER, REQUESTED_AT, START_REQUEST
from studio_operator.engine.declared.entries import REQUEST_LIMIT, Entry, bounded_request
from studio_operator.engine.declared.packed import Opened
from studio_operator.engine.declared.store import Store
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kube.resources import Key

from tests.unit.engine.test_store import NOTEBOOKS, body

STATUS = {"phase": "InService", "arn": "arn:aws:sagemaker:::space/d-1/notebooks"}


def annotated(annotations: dict[str, str], version: int = 1, **members: Any) -> dict[str, Any]:
    raw = body(NOTEBOOKS, version, **members)
    raw["metadata"]["annotations"] = annotations
    return raw


def test_annotations_of_others_are_not_kept() -> None:
    entry = Entry.from_raw(annotated({"team": "x" * 250_000, START_REQUEST: "now"}))
    assert entry.annotations == {START_REQUEST: "now"}
    assert entry.declared.annotations == {START_REQUEST: "now"}


def test_annotations_of_others_are_no_news() -> None:
    store = Store("eu-central-1")
    store.apply(annotated({}, 1))
    assert not store.apply(annotated({"flapped-by": "a client"}, 2))
    assert store.apply(annotated({START_REQUEST: "now"}, 3))


def test_three_hundred_large_annotations_take_no_room() -> None:
    store = Store("eu-central-1")
    tracemalloc.start()
    try:
        for number in range(300):
            raw = annotated({"note": chr(33 + number % 90) * 250_000}, number + 1)
            raw["metadata"] |= {"name": f"s{number}", "uid": f"u{number}"}
            raw["metadata"]["labels"] = {f"l{n}": "x" * 60 for n in range(100)}
            raw["metadata"]["managedFields"] = [{"manager": "x" * 10_000}]
            store.apply(raw)
        del raw
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3_000_000


@pytest.mark.parametrize("name", [REQUESTED_AT, START_REQUEST])
def test_a_long_request_is_kept_by_its_beginning_and_a_digest(name: str) -> None:
    first, second = ("x" * 100_000 + end for end in "ab")
    kept = [Entry.from_raw(annotated({name: value})).annotations[name] for value in (first, second)]
    assert kept[0] != kept[1], "each new value is a new request"
    assert all(len(value) <= REQUEST_LIMIT and value.startswith("xxx") for value in kept)
    assert bounded_request(kept[0]) == kept[0]


def test_a_time_is_kept_as_it_is() -> None:
    for value in ("2026-03-02T09:00:00.123456+01:00", "", "x" * REQUEST_LIMIT):
        assert bounded_request(value) == value


def test_many_finalizers_of_others_are_not_held() -> None:
    raw = body(NOTEBOOKS)
    few = ["example.com/one", FINALIZER, "example.com/two"]
    raw["metadata"]["finalizers"] = few
    entry = Entry.from_raw(raw)
    assert (entry.finalizers, entry.has_more_finalizers) == (tuple(few), False)
    raw["metadata"]["finalizers"] = [*few, *(f"example.com/{number:060}" for number in range(9999))]
    entry = Entry.from_raw(raw)
    assert (entry.finalizers, entry.has_more_finalizers) == ((FINALIZER,), True)
    assert entry.has_finalizer


def test_a_huge_status_is_kept_within_bounds() -> None:
    condition = {"type": "Ready", "status": "True", "message": "x" * 1_000_000}
    entry = Entry.from_raw(
        body(NOTEBOOKS, status={"conditions": [condition], "phase": "y" * 100_000, "z": "z" * 9999})
    )
    assert len(str(entry.shown)) < 10_000
    assert "z" not in entry.shown


def test_a_closed_entry_reads_as_before() -> None:
    entry = Entry.from_raw(body(NOTEBOOKS, status=STATUS))
    before = entry.spec, entry.shown, entry.declared, entry.status
    entry.close()
    assert (entry.spec, entry.shown, entry.declared, entry.status) == before


def test_what_was_planned_is_remembered_by_a_closed_entry_whatever_status_says_then() -> None:
    """A status that somebody forges is not taken for what was planned."""
    store = Store("eu-central-1")
    store.apply(body(NOTEBOOKS, 1, status=STATUS))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    planned = SpaceStatus(arn="arn:aws:ours", phase="Stopped")
    store.remember(entry, planned)
    entry.close()
    store.apply(body(NOTEBOOKS, 2, status={"arn": "arn:aws:forged"}))
    assert entry.status == planned
    assert entry.shown == {"arn": "arn:aws:forged"}
    entry.close()
    assert entry.status == planned


def test_who_stands_by_reads_what_is_shown_after_it_was_closed() -> None:
    entry = Entry.from_raw(body(NOTEBOOKS, 1, status=STATUS))
    entry.close()
    entry.update(Entry.from_raw(body(NOTEBOOKS, 2, status={"phase": "Stopped"})))
    assert entry.status.phase == "Stopped"
    assert entry.version == 2


def test_what_follows_from_an_entry_is_made_once_until_something_of_it_is_another() -> None:
    entry, seen = Entry.from_raw(body(NOTEBOOKS)), object()
    made = iter(range(9))

    def make() -> int:
        return entry.make_once("number", (seen,), made.__next__)

    assert (make(), make()) == (0, 0)
    assert entry.make_once("another", (seen,), made.__next__) == 1
    seen = object()
    assert (make(), make()) == (2, 2)
    entry.remember(SpaceStatus(phase="Stopped"))
    assert (make(), make()) == (3, 3)
    entry.update(Entry.from_raw(annotated({START_REQUEST: "now"}, 2)))
    assert (make(), make()) == (4, 4)


def test_a_body_of_the_same_generation_is_read_as_without_the_one_that_is_known() -> None:
    known, newer = body(NOTEBOOKS, 1), annotated({START_REQUEST: "now"}, 2, status=STATUS)
    assert Entry.from_raw(newer, Entry.from_raw(known)) == Entry.from_raw(newer)
    edited = annotated({}, 3, spaceName="others", ownerRef={"name": "bob"})
    edited["metadata"]["generation"] = 2
    assert Entry.from_raw(edited, Entry.from_raw(known)) == Entry.from_raw(edited)
    recreated = body(NOTEBOOKS, 4, uid="another", spaceName="others")
    assert Entry.from_raw(recreated, Entry.from_raw(known)) == Entry.from_raw(recreated)


def test_those_that_were_used_last_stay_open() -> None:
    class Counted:
        closed = 0

        def close(self) -> None:
            self.closed += 1

    opened, (first, second, third) = Opened(2), (Counted() for _ in range(3))
    for one in (first, second, first, third):
        opened.use(one)
    assert (first.closed, second.closed, third.closed) == (0, 1, 0)


def test_five_thousand_entries_take_a_bounded_room() -> None:
    store = Store("eu-central-1")
    tracemalloc.start()
    try:
        for number in range(5000):
            store.apply(body(Key("Space", "team", f"s{number}"), status=STATUS))
        for entry in store:
            assert entry.status.phase == "InService"
            assert entry.declared.name == entry.key.name
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 5000 < 5000
