"""How urgent a resource is, from what is declared and what its status answers."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.api.common import REQUESTED_AT, START_REQUEST, STOP_REQUEST
from studio_operator.engine.declared.flows import flow_of
from studio_operator.engine.declared.store import Store
from studio_operator.fairness import Flow, Priority
from studio_operator.kube.resources import Key

SPACE = Key("Space", "team", "churn")
RUNNING = {"observedGeneration": 1, "effective": {"state": "Running"}}


def priority(
    spec: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    generation: int = 1,
    metadata: dict[str, Any] | None = None,
) -> Priority:
    store = Store("eu-central-1")
    store.apply(
        {
            "kind": "Space",
            "metadata": {
                "namespace": "team",
                "name": "churn",
                "uid": "u",
                "resourceVersion": "1",
                "generation": generation,
                "creationTimestamp": "2026-11-28T09:00:00Z",
                **(metadata or {}),
            },
            "spec": spec or {},
            "status": status or {},
        }
    )
    flow = flow_of(store, SPACE)
    assert flow.namespace == "team"
    return flow.priority


def test_a_deletion_is_as_urgent_as_can_be() -> None:
    assert priority(metadata={"deletionTimestamp": "2026-11-28T09:00:00Z"}) is Priority.STOP


def test_an_edit_to_stopped_of_what_runs_is_a_stop_until_status_tells_of_it() -> None:
    stopped = {"state": "Stopped"}
    assert priority(stopped, RUNNING, generation=2) is Priority.STOP
    assert priority(stopped, RUNNING, generation=1) is Priority.REST
    assert priority({"state": "Running"}, RUNNING, generation=2) is Priority.REST


@pytest.mark.parametrize(
    ("name", "urgency"),
    [
        (STOP_REQUEST, Priority.STOP),
        (START_REQUEST, Priority.REQUEST),
        (REQUESTED_AT, Priority.REQUEST),
        ("example.com/requested", Priority.REST),
    ],
)
def test_a_request_is_urgent_until_status_answers_it(name: str, urgency: Priority) -> None:
    asked = {"annotations": {name: "2026-11-28T09:00:00Z"}}
    assert priority(metadata=asked) is urgency
    for answer in (
        {"handledRequests": {"start": "2026-11-28T09:00:00Z"}},
        {"lastHandledReconcileAt": "2026-11-28T09:00:00Z"},
    ):
        assert priority(status=answer, metadata=asked) is Priority.REST


def test_what_is_gone_waits_in_its_namespaces_turn_all_the_same() -> None:
    assert flow_of(Store(""), SPACE) == Flow("team", Priority.REST)
