"""The explanation of a resource, as a table: what it waits for, since when, what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from studio_operator.kinds.space.api.status import EffectiveState
from studio_operator.kube.resources import Key
from studio_operator.plan.reasons import REASONS, Reason
from studio_operator.plugin.explanation.advice import ADVICE, RULES, STEPS
from studio_operator.plugin.explanation.dependency_chain import dependencies, follow_chain
from studio_operator.plugin.explanation.why import Why, explain, find_fields
from studio_operator.plugin.kube.presence import Operator

from tests.gitops.recorded import Recorded, read_all
from tests.unit.plugin.resources import (
    SINCE,
    Raw,
    condition,
    event,
    ready,
    reconciling,
    resource,
    stalled,
)

NOW = datetime(2026, 11, 22, 6, 0, 0, tzinfo=UTC)
REFERENCES = {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}}
SPACE = Key("Space", "team", "churn")
PROFILE = Key("UserProfile", "team", "alice")
DOMAIN = Key("StudioDomain", "team", "research")


def why(found: Raw, *events: Raw) -> Why:
    return explain(SPACE, {SPACE: found}, {SPACE: events}, NOW)


# --- what is told of one resource ---

TOLD: list[tuple[str, Raw, dict[str, Any]]] = [
    (
        "all is well",
        resource(phase="InService", conditions=ready()),
        {"standing": "Ready", "reason": "Running", "since": SINCE, "fields": (), "commands": ()},
    ),
    (
        "stopped by a person",
        resource(
            phase="Stopped",
            conditions=ready("StoppedOutside"),
            effective={"state": "Stopped", "by": "OutsideStop", "reached": True},
        ),
        {
            "standing": "Ready",
            "decided": f"Stopped: by {RULES['OutsideStop']}",
            "fields": ("spec.drift.state", "spec.idleShutdown.after"),
            "commands": ("kubectl studio start churn -n team",),
        },
    ),
    (
        "people decide, nothing is reached",
        resource(conditions=ready(), effective={"by": "People"}),
        {"decided": f"Running or Stopped, as people like: by {RULES['People']}"},
    ),
    (
        "its settings come from others",
        resource(
            conditions=ready(),
            effective={
                "by": "People",
                "settings": {
                    "image": {
                        "from": "UserProfile",
                        "value": "arn:aws:sagemaker:::image/team 1.0",
                    },
                    "instanceType": {"from": "StudioDomain", "value": "ml.m5.large"},
                    "lifecycleConfigArn": {"from": "Operator"},
                },
            },
            spec=REFERENCES,
        ),
        {
            "also": (
                "image is team 1.0, the default of UserProfile alice.",
                "instanceType is ml.m5.large, the default of StudioDomain research.",
            )
        },
    ),
    (
        "the volume has to wait",
        resource(
            conditions=reconciling("StorageCooldown", "the volume stays at 20 GiB"),
            storageGrownAt="2026-11-22T05:30:00Z",
        ),
        {
            "standing": "Reconciling",
            "fields": ("spec.storage.sizeGiB",),
            "next": (
                "The volume grows by itself, six hours after it grew last.",
                "That is at 2026-11-22T11:30:00Z, in 5h30m.",
            ),
        },
    ),
    (
        "a start has a deadline",
        resource(conditions=reconciling("Starting"), startingSince="2026-11-22T05:50:00Z"),
        {
            "next": (
                "The operator goes on as soon as AWS shows the step done.",
                "A start that takes until 2026-11-22T06:20:00Z, in 20m, counts as stalled.",
            )
        },
    ),
    (
        "a start has the deadline of its spec",
        resource(
            spec={"startTimeout": "1h"},
            conditions=reconciling("Resizing"),
            startingSince="2026-11-22T05:50:00Z",
        ),
        {
            "next": (
                "The app is started again when the change is made, if it ran before.",
                "A start that takes until 2026-11-22T06:50:00Z, in 50m, counts as stalled.",
            )
        },
    ),
    (
        "another instance type is taken",
        resource(
            conditions=ready(),
            substitute={
                "kind": "Fallback",
                "instanceType": "ml.g4dn.xlarge",
                "message": "no capacity",
            },
        ),
        {
            "also": (
                "ml.g4dn.xlarge is taken in place of the declared instance type (Fallback): "
                "no capacity",
            )
        },
    ),
    (
        "a resize at its first step",
        resource(
            conditions=reconciling("Resizing"),
            operation={
                "type": "Resize",
                "step": "StoppingApp",
                "from": "ml.t3.medium",
                "to": "ml.m5.large",
                "startedAt": SINCE,
                "restart": True,
            },
        ),
        {
            "next": (
                "Resize from ml.t3.medium to ml.m5.large is at StoppingApp: when the app is "
                "stopped, the change is made, and the app is started again.",
                "The app is started again when the change is made, if it ran before.",
            )
        },
    ),
    (
        "a request that nobody has taken up",
        resource(
            annotations={"studio-operator.dev/stop": SINCE},
            conditions=ready(),
            handledRequests={"stop": "2026-11-21T00:00:00Z"},
        ),
        {"next": (f"The operator takes up the request to stop of {SINCE}.",)},
    ),
    (
        "AWS refused a member of the request",
        resource(conditions=stalled("RejectedByAWS", "Value 'x' at 'ebsVolumeSizeInGb' is wrong")),
        {
            "standing": "Stalled",
            "fields": ("spec.storage.sizeGiB",),
            "commands": ("kubectl studio reconcile churn -n team",),
        },
    ),
    (
        "the operator has never seen it",
        resource(),
        {
            "standing": "Unseen",
            "since": None,
            "message": "the operator has not written a status yet",
        },
    ),
    (
        "being deleted, and drifted",
        resource(
            deleting="2026-11-22T05:59:00Z",
            spec={"deletionPolicy": "Delete"},
            conditions=[*reconciling("Deleting"), condition("Drifted", "True", "x", "state: told")],
        ),
        {
            "also": (
                "Its deletion was asked for at 2026-11-22T05:59:00Z; deletionPolicy is Delete.",
                f"Drifted since {SINCE}: state: told",
            )
        },
    ),
    (
        "a reason that this version does not know",
        resource(conditions=stalled("BrandNew", "see spec.state. Or not")),
        {"meaning": "", "fields": ("spec.state",), "page": "docs/reasons.md#brandnew"},
    ),
]


@pytest.mark.parametrize(("found", "told"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_what_is_told(found: Raw, told: dict[str, Any]) -> None:
    explained = why(found)
    assert {name: getattr(explained, name) for name in told} == told


def test_a_spec_that_is_newer_than_the_status_is_not_ready() -> None:
    found = resource(conditions=ready())
    found["metadata"]["generation"] = 2
    explained = why(found)
    assert explained.standing == "Reconciling"
    assert explained.next[0] == (
        "The operator takes up the latest spec: this speaks of generation 1, and 2 is there."
    )


def test_events_are_told_in_order() -> None:
    explained = why(
        resource(conditions=ready()),
        event("Starting", "starting", at="2026-11-22T05:00:01.5Z"),
        event("Running", "it runs", at="2026-11-22T05:00:03.5Z"),
    )
    assert [one.reason for one in explained.events] == ["Starting", "Running"]


LINGERS = condition("LingeringResources", "True", "LingeringResources", "1 endpoint")
DRIFTED = condition("Drifted", "True", "ChangedOutside", "instanceType")
NOT_IDLE = condition("IdleShutdownInactive", "True", "IdleShutdownInactive", "the domain says off")


@pytest.mark.parametrize(
    ("conditions", "reasons"),
    [
        (ready(), [Reason.RUNNING]),
        ([*ready("Stopped"), LINGERS], [Reason.LINGERING_RESOURCES]),
        ([*ready(), DRIFTED, LINGERS], [Reason.CHANGED_OUTSIDE, Reason.LINGERING_RESOURCES]),
        ([*ready(), NOT_IDLE], [Reason.IDLE_SHUTDOWN_INACTIVE]),
        ([*stalled("AccessDenied"), LINGERS], [Reason.ACCESS_DENIED]),
        (stalled("BrandNew"), []),
    ],
)
def test_what_helps_is_what_helps_with_what_is_the_matter(
    conditions: list[Raw], reasons: list[Reason]
) -> None:
    told = " ".join(REASONS[reason].remedy for reason in reasons)
    assert why(resource(conditions=conditions)).remedy == told


def test_an_idle_time_without_effect_is_not_all_as_declared() -> None:
    explained = why(resource(conditions=[*ready(), NOT_IDLE]))
    assert explained.standing == "Ready"
    assert explained.next == (ADVICE[Reason.IDLE_SHUTDOWN_INACTIVE].next,)
    assert explained.also == (f"IdleShutdownInactive since {SINCE}: the domain says off",)
    assert "spec.idleShutdown" in explained.fields


@pytest.mark.parametrize(
    ("key", "fields"),
    [(SPACE, ("spec.instanceType",)), (DOMAIN, ()), (PROFILE, ())],
)
def test_fields_are_those_of_the_kind(key: Key, fields: tuple[str, ...]) -> None:
    found = resource(key.kind, key.name, conditions=stalled("QuotaExceeded"))
    assert explain(key, {key: found}, {}, NOW).fields == fields


@pytest.mark.parametrize("recorded", read_all(), ids=str)
def test_every_state_that_was_recorded_at_work_is_explained(recorded: Recorded) -> None:
    found = recorded.resource
    key = Key(found["kind"], found["metadata"]["namespace"], found["metadata"]["name"])
    explained = explain(key, {key: found}, {}, NOW)
    assert explained.next
    assert all(explained.next)
    assert all(one.startswith("kubectl ") for one in explained.commands)
    if explained.standing != "Unseen":
        assert explained.meaning
        assert explained.remedy
    if explained.standing != "Ready":
        assert "Nothing: all is as declared." not in explained.next


# --- what a person reads of every reason ---


def test_every_reason_has_advice() -> None:
    missing = set(Reason) - set(ADVICE)
    assert not missing, "add a row to ADVICE in plugin/explanation/advice.py"


def test_every_rule_of_the_running_state_has_words() -> None:
    by = EffectiveState.model_json_schema()["properties"]["by"]["enum"]
    assert set(by) <= set(RULES)


def test_every_step_of_an_operation_has_words() -> None:
    of_spaces = {"StoppingApp", "UpdatingSpace", "RepairingSpace", "StartingApp"}
    assert set(STEPS) == of_spaces | {"Stopping", "Starting"}


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("set spec.storage.sizeGiB (20) to 40 or more", ("spec.storage.sizeGiB",)),
        ("a new domain needs spec.vpcId.", ("spec.vpcId",)),
        ("Value 'ml.x' at 'defaultResourceSpec.instanceType' failed", ("spec.instanceType",)),
        ("User is not authorized", ()),
    ],
)
def test_fields_are_found_in_messages(message: str, fields: tuple[str, ...]) -> None:
    assert find_fields(message) == fields


# --- the chain ---

WAITING = reconciling("DependencyNotReady")
CHAINS: list[tuple[str, dict[Key, Raw | None], tuple[Key, ...]]] = [
    ("nothing to follow", {SPACE: resource(spec=REFERENCES, conditions=ready())}, (SPACE,)),
    (
        "a profile that is missing",
        {
            SPACE: resource(spec=REFERENCES, conditions=WAITING),
            PROFILE: None,
            DOMAIN: resource("StudioDomain", conditions=ready()),
        },
        (SPACE, PROFILE),
    ),
    (
        "a profile that waits for the domain",
        {
            SPACE: resource(spec=REFERENCES, conditions=WAITING),
            PROFILE: resource(
                "UserProfile", spec={"domainRef": {"name": "research"}}, conditions=WAITING
            ),
            DOMAIN: resource("StudioDomain", conditions=stalled("AccessDenied")),
        },
        (SPACE, PROFILE, DOMAIN),
    ),
    (
        "a domain that is not ready, before a profile that is missing",
        {
            SPACE: resource(spec=REFERENCES, conditions=WAITING),
            PROFILE: None,
            DOMAIN: resource("StudioDomain", conditions=reconciling("Creating")),
        },
        (SPACE, DOMAIN),
    ),
    (
        "a domain that the person may not read",
        {
            SPACE: resource(spec=REFERENCES, conditions=WAITING),
            PROFILE: resource(conditions=ready()),
        },
        (SPACE,),
    ),
]


@pytest.mark.parametrize(
    ("resources", "path"), [row[1:] for row in CHAINS], ids=[row[0] for row in CHAINS]
)
def test_the_chain(resources: dict[Key, Raw | None], path: tuple[Key, ...]) -> None:
    assert follow_chain(SPACE, resources) == path


def test_the_root_cause_is_explained_with_its_own_events() -> None:
    resources = CHAINS[2][1]
    explained = explain(SPACE, resources, {DOMAIN: [event("AccessDenied", "no")]}, NOW)
    assert explained.root is not None
    assert (explained.root.kind, explained.root.reason) == ("StudioDomain", "AccessDenied")
    assert [one.message for one in explained.root.events] == ["no"]
    assert explained.root.commands == ("kubectl studio reconcile domain/research -n team",)


def test_a_domain_may_be_in_another_namespace() -> None:
    space = resource(spec={"domainRef": {"name": "research", "namespace": "platform"}})
    assert dependencies(space) == (Key("StudioDomain", "platform", "research"),)


# --- turns ---


def creating(name: str, **more: Any) -> Raw:
    begun: Raw = {"conditions": reconciling("Creating"), "operation": {"type": "Create"}}
    return resource(name=name, **begun, **more)


def next_among(found: Raw, others: list[Raw], operator: Operator | None = None) -> tuple[str, ...]:
    return explain(SPACE, {SPACE: found}, {}, NOW, operator, [found, *others]).next


@pytest.mark.parametrize(
    ("found", "what"),
    [(resource(), "for a worker"), (creating("churn"), "to call AWS")],
    ids=["unseen", "begun"],
)
def test_what_is_not_taken_up_among_many_waits_for_its_turn(found: Raw, what: str) -> None:
    others = [creating(f"other-{number}") for number in range(40)]
    others += [resource(name=f"ready-{number}", conditions=ready()) for number in range(40)]
    first = next_among(found, others)[0]
    said = f"It waits for its turn {what}: 40 other Space resources of namespace team"
    assert first.startswith(said)


def test_what_is_taken_up_or_almost_alone_waits_for_no_turn() -> None:
    others = [creating(f"other-{number}") for number in range(40)]
    made = creating("churn", arn="arn:aws:sagemaker:eu-central-1:123456789012:space/d-1/churn")
    for found, among in (
        (made, others),
        (resource(conditions=stalled("InvalidSpec")), others),
        (resource(conditions=ready()), others),
        (creating("churn"), others[:5]),
    ):
        assert not any("turn" in line for line in next_among(found, among))


def test_nobody_waits_for_a_turn_where_no_operator_runs() -> None:
    others = [creating(f"other-{number}") for number in range(40)]
    absent = Operator("Absent", message="No operator runs.")
    assert not any("turn" in line for line in next_among(creating("churn"), others, absent))
