"""The store: what is declared, who refers to whom, who came first."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.api.common import FINALIZER
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.kube.resources import Key

from tests.aws_ids import scope_at

DOMAIN = Key("StudioDomain", "team", "research")
ALICE = Key("UserProfile", "team", "alice")
NOTEBOOKS = Key("Space", "team", "notebooks")
SPECS: dict[str, dict[str, Any]] = {
    "StudioDomain": {"domainId": "d-1"},
    "UserProfile": {"domainRef": {"name": "research"}},
    "Space": {
        "domainRef": {"name": "research"},
        "ownerRef": {"name": "alice"},
        "app": "JupyterLab",
    },
}


def body(
    key: Key,
    version: int = 1,
    *,
    uid: str | None = None,
    created: str = "2026-01-01T00:00:00Z",
    status: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    return {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": key.kind,
        "metadata": {
            "namespace": key.namespace,
            "name": key.name,
            "uid": uid or str(key),
            "resourceVersion": str(version),
            "generation": 1,
            "creationTimestamp": created,
        },
        "spec": SPECS[key.kind] | spec,
        "status": status or {},
    }


@pytest.fixture
def store() -> Store:
    return Store(default_region="eu-central-1")


def test_an_entry_is_parsed_into_what_planners_take(store: Store) -> None:
    store.apply(body(NOTEBOOKS, instanceType="ml.t3.medium"))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    assert entry.declared.unreadable is None
    assert entry.declared.spec.instance_type == "ml.t3.medium"
    assert entry.declared is entry.declared, "it is parsed once"


def test_a_spec_that_cannot_be_read_says_which_field_and_what_to_do(store: Store) -> None:
    store.apply(body(NOTEBOOKS, instanceType="large"))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    assert entry.declared.unreadable is not None
    (problem,) = entry.declared.unreadable.problems
    assert problem.path == "instanceType"
    assert problem.words == "is large, which is not in the form that this field takes"
    assert entry.declared.spec.app == "JupyterLab", "the rest is read"
    assert entry.declared.spec.instance_type is None


def test_a_status_of_another_version_is_read_as_far_as_it_goes(store: Store) -> None:
    store.apply(body(NOTEBOOKS, status={"phase": "Levitating", "domainId": "d-1", "new": 1}))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    assert entry.status.domain_id == "d-1"
    assert entry.status.phase is None


def test_news_is_what_a_planner_would_look_at(store: Store) -> None:
    assert store.apply(body(NOTEBOOKS, 1))
    assert not store.apply(body(NOTEBOOKS, 1)), "the same once more"
    assert not store.apply(body(NOTEBOOKS, 2)), "only managedFields or labels changed"
    annotated = body(NOTEBOOKS, 3)
    annotated["metadata"]["annotations"] = {"reconcile.studio-operator.dev/requested-at": "now"}
    assert store.apply(annotated)
    finalized = body(NOTEBOOKS, 4)
    finalized["metadata"] |= {
        "finalizers": [FINALIZER],
        "annotations": annotated["metadata"]["annotations"],
    }
    assert store.apply(finalized)
    assert not store.apply(annotated), "late and outdated"


def test_the_answer_to_a_write_makes_its_event_old_news(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 1))
    written = body(NOTEBOOKS, 2, status={"phase": "Pending"})
    assert store.apply(written)
    assert not store.apply(written)


def test_an_answer_that_was_read_already_is_taken_only_if_it_is_newer(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 5, status={"phase": "Starting"}))
    for version, phase in ((4, "Stopped"), (6, "InService")):
        store.take(Entry.from_raw(body(NOTEBOOKS, version, status={"phase": phase})))
        entry = store.get(NOTEBOOKS)
        assert entry is not None
        assert entry.shown["phase"] == ("Starting" if version == 4 else "InService")


def test_a_recreated_resource_starts_afresh(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 1, status={"domainId": "d-1"}))
    assert store.apply(body(NOTEBOOKS, 5, uid="another"))
    assert not store.remove(body(NOTEBOOKS, 4)), "the end of the first one comes late"
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    assert entry.status.domain_id is None


def test_an_answer_that_comes_after_the_end_brings_nothing_back(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 3))
    assert store.remove(body(NOTEBOOKS, 5))
    assert not store.apply(body(NOTEBOOKS, 4)), "the answer to the write that let it go"
    assert store.get(NOTEBOOKS) is None
    assert store.apply(body(NOTEBOOKS, 6, uid="another")), "one of the same name made later"


def test_a_list_removes_what_was_deleted_while_nobody_watched(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 1))
    store.apply(body(ALICE, 2))
    other = Key("Space", "team", "other")
    assert store.replace("Space", None, [Entry.from_raw(body(other, 3))], 9) == {NOTEBOOKS, other}
    assert store.get(NOTEBOOKS) is None
    assert store.get(ALICE) is not None
    assert not store.apply(body(NOTEBOOKS, 8)), "an event from before the list"
    assert store.apply(body(NOTEBOOKS, 10)), "created since"


def test_a_list_of_one_namespace_leaves_the_others_alone(store: Store) -> None:
    elsewhere = Key("Space", "elsewhere", "x")
    store.apply(body(elsewhere, 1))
    store.replace("Space", "team", [], 5)
    assert store.get(elsewhere) is not None


def test_a_list_older_than_an_event_does_not_undo_it(store: Store) -> None:
    store.apply(body(NOTEBOOKS, 7))
    assert store.replace("Space", None, [], 5) == set()
    assert store.get(NOTEBOOKS) is not None


def test_references_are_found_backwards(store: Store) -> None:
    for key in (DOMAIN, ALICE, NOTEBOOKS):
        store.apply(body(key))
    assert store.users_of(DOMAIN) == {ALICE, NOTEBOOKS}
    assert store.users_of(ALICE) == {NOTEBOOKS}
    store.drop(NOTEBOOKS)
    assert store.users_of(DOMAIN) == {ALICE}
    assert store.users_of(ALICE) == set()


def test_records_in_aws_lead_to_the_resources_that_claim_them(store: Store) -> None:
    store.apply(body(DOMAIN))
    store.apply(body(NOTEBOOKS, spaceName="Churn"))
    assert store.domains_with_id(scope_at("eu-central-1", "d-1")) == {DOMAIN}
    assert store.domains_with_id(scope_at("us-east-1", "d-1")) == set()
    assert store.claimants(DOMAIN, "churn") == {NOTEBOOKS}
    assert store.claimants(DOMAIN, "notebooks") == set()


def test_a_domain_is_found_by_its_id_as_soon_as_that_is_planned(store: Store) -> None:
    raw = body(DOMAIN)
    del raw["spec"]["domainId"]
    store.apply(raw)
    entry = store.get(DOMAIN)
    assert entry is not None
    store.remember(entry, entry.status.model_copy(update={"domain_id": "d-9"}))
    assert store.domains_with_id(scope_at("eu-central-1", "d-9")) == {DOMAIN}


def test_who_stands_by_knows_what_the_leader_wrote_last(store: Store) -> None:
    started = {"type": "Create", "startedAt": "2026-01-01T00:00:00Z"}
    store.apply(body(DOMAIN, 1, domainId=None))
    entry = store.get(DOMAIN)
    assert entry is not None
    assert entry.status.operation is None
    store.apply(body(DOMAIN, 2, domainId=None, status={"operation": started}))
    assert entry.status.operation is not None
    last_words = {"domainId": "d-9", "tagKeys": ["team"]}
    listed = Entry.from_raw(body(DOMAIN, 3, domainId=None, status=last_words))
    store.replace("StudioDomain", None, [listed], 3)
    assert entry.status.operation is None
    assert (entry.status.domain_id, entry.status.tag_keys) == ("d-9", ("team",))
    assert store.domains_with_id(scope_at("eu-central-1", "d-9")) == {DOMAIN}


def test_what_was_planned_here_outlives_an_older_status_from_the_cluster(store: Store) -> None:
    store.apply(body(NOTEBOOKS))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    store.remember(entry, entry.status.model_copy(update={"domain_id": "d-9"}))
    store.apply(body(NOTEBOOKS, 2, status={"domainId": "d-1"}))
    assert entry.status.domain_id == "d-9"


@given(days=st.lists(st.integers(1, 3), min_size=2, max_size=5), data=st.data())
def test_of_several_claims_on_a_name_the_oldest_wins_whatever_the_order_of_arrival(
    days: list[int], data: st.DataObject
) -> None:
    store = Store(default_region="eu-central-1")
    store.apply(body(DOMAIN))
    bodies = [
        body(Key("Space", "team", f"s{n}"), created=f"2026-01-0{day}T00:00:00Z", spaceName="X")
        for n, day in enumerate(days)
    ]
    for raw in data.draw(st.permutations(bodies)):
        store.apply(raw)
    winner = min(range(len(days)), key=lambda n: (days[n], f"s{n}"))
    for n in range(len(days)):
        entry = store.get(Key("Space", "team", f"s{n}"))
        assert entry is not None
        expected = None if n == winner else Key("Space", "team", f"s{winner}")
        assert store.rival_of(entry) == expected


# Claims of one namespace on one name, in the order in which they count.
RIVALS = [
    ("UserProfile", "team", "other", {"userProfileName": "X"}),
    ("UserProfile", "team", "x", {}),
    ("Space", "team", "a", {"spaceName": "x"}),
    ("Space", "team", "x", {}),
]
TWINS = [
    ("StudioDomain", "team", "a", {"domainName": "studio", "domainId": None}),
    ("StudioDomain", "team", "b", {"domainName": "studio", "domainId": None}),
]


@pytest.mark.parametrize("rivals", [*itertools.combinations(RIVALS, 2), RIVALS, TWINS])
@given(data=st.data())
def test_of_what_was_made_in_one_second_exactly_one_wins_whatever_the_order_of_arrival(
    rivals: Sequence[tuple[str, str, str, dict[str, Any]]], data: st.DataObject
) -> None:
    """One `kubectl apply` makes all of it in one second, and creation times know no less."""
    reference = {"name": "research", "namespace": "team"}
    bodies = [body(DOMAIN, allowedNamespaces=["*"])]
    for kind, namespace, name, spec in rivals:
        whole = spec if kind == "StudioDomain" else {"domainRef": reference, **spec}
        bodies.append(body(Key(kind, namespace, name), **whole))
    store = Store(default_region="eu-central-1")
    for raw in data.draw(st.permutations(bodies)):
        store.apply(raw)
    keys = [Key(*one[:3]) for one in rivals]
    beaten_by = {key: store.rival_of(found) for key in keys if (found := store.get(key))}
    assert [key for key, rival in beaten_by.items() if rival is None] == [keys[0]]
    assert set(beaten_by.values()) == {None, keys[0]}


def test_a_space_and_a_profile_of_one_name_are_rivals_too(store: Store) -> None:
    store.apply(body(DOMAIN))
    store.apply(body(ALICE))
    late = Key("Space", "team", "Alice".lower())
    store.apply(body(late, created="2026-02-01T00:00:00Z"))
    entry = store.get(late)
    assert entry is not None
    assert store.rival_of(entry) == ALICE


def test_another_namespace_takes_no_name_away_by_being_older(store: Store) -> None:
    """Whether the domain admits it or not: between tenants the tag in AWS decides."""
    reference = {"name": "research", "namespace": "team"}
    store.apply(body(DOMAIN, allowedNamespaces=["*"]))
    store.apply(body(Key("Space", "elsewhere", "notebooks"), domainRef=reference))
    store.apply(body(NOTEBOOKS, created="2026-02-01T00:00:00Z"))
    entry = store.get(NOTEBOOKS)
    assert entry is not None
    assert store.rival_of(entry) is None


def test_an_older_domain_of_that_name_elsewhere_does_not_stall_the_real_one(store: Store) -> None:
    named: dict[str, Any] = {"domainName": "finance", "domainId": None}
    store.apply(body(Key("StudioDomain", "evil", "planted"), **named))
    store.apply(body(DOMAIN, created="2026-02-01T00:00:00Z", **named))
    entry = store.get(DOMAIN)
    assert entry is not None
    assert store.rival_of(entry) is None


@pytest.mark.parametrize(
    ("status", "region"),
    [
        ({"region": "eu-west-9"}, "eu-central-1"),
        ({"region": "eu-west-1", "domainId": "d-1"}, "eu-west-1"),
        (
            {
                "region": "eu-west-1",
                "operation": {"type": "Create", "startedAt": "2026-01-01T00:00:00Z"},
            },
            "eu-west-1",
        ),
    ],
    ids=["nothing was begun", "found", "asked for"],
)
def test_a_region_that_left_the_spec_counts_only_once_a_creation_was_begun(
    store: Store, status: dict[str, Any], region: str
) -> None:
    store.apply(body(DOMAIN, status=status))
    entry = store.get(DOMAIN)
    assert entry is not None
    assert store.region_of(entry) == region
