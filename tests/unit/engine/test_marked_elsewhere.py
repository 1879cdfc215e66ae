"""Statuses are lost, and then what names things in AWS is edited: none is made beside them.

Store, gatherer and planners are the real ones, on an AWS in memory.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG
from studio_operator.kinds.registry import BY_NAME, KINDS, OPERATIONS
from studio_operator.kube.resources import Key
from studio_operator.plan.operations import Does
from studio_operator.plan.ownership import RELEASED, OwnerMark
from studio_operator.plan.scope import OWN_ACCOUNT, AccountRegion
from studio_operator.plan.types import Call
from studio_operator.plugin.planning.dry_run import CLUSTER, DryRun, Stage, dry_run
from studio_operator.plugin.planning.in_memory_aws import InMemoryAws
from studio_operator.plugin.planning.objects import compose

from tests.unit.plugin.plan_stage import NOW, REGION, document, documents, domain, profile, space

WHERE = AccountRegion(OWN_ACCOUNT, REGION)
DOMAIN, LAB = Key("StudioDomain", "ml-team", "research"), Key("StudioDomain", "ml-team", "lab")
PROFILE, SPACE = Key("UserProfile", "ml-team", "alice"), Key("Space", "ml-team", "churn")
SECOND = Key("Space", "ml-team", "fraud")
NAMES = {"StudioDomain": "domainName", "UserProfile": "userProfileName", "Space": "spaceName"}


class Estate:
    """Resources and what AWS has of them; statuses may be lost, and uids change."""

    def __init__(self) -> None:
        lab = document("StudioDomain", "lab", domain()["spec"])
        second = space("fraud", state=None)
        self.specs = documents(domain(), lab, profile(), space(), second)
        self.statuses: dict[Key, Any] = {}
        self.uids = {key: f"uid-{number}" for number, key in enumerate(self.specs)}
        self.aws = InMemoryAws(NOW)
        self.run()

    def run(self) -> DryRun:
        made = dry_run(Stage(tuple(map(self._resource, self.specs)), self.aws, {}), NOW, REGION)
        self.aws = made.aws
        for key, entry in made.entries.items():
            self.statuses[key] = entry.status.dump()
        return made

    def lose(self, *keys: Key, uid: str = "") -> None:
        for key in keys:
            self.statuses.pop(key, None)
            self.uids[key] = uid + self.uids[key]

    def edit(self, key: Key, **spec: Any) -> None:
        raw = copy.deepcopy(self.specs[key])
        raw["spec"] = {name: one for name, one in (raw["spec"] | spec).items() if one is not None}
        self.specs[key] = raw

    def mark(self, key: Key, uid: str) -> None:
        """What AWS has of a resource gets another uid in its mark."""
        for about in self.carried_by(key):
            scope = self.aws.view(about.view)
            type_ = BY_NAME[key.kind].aws.name
            tag = str(OwnerMark(CLUSTER, key.namespace, key.name, uid))
            record = scope.shown(type_)[about.name]
            scope.put(type_, about.name, replace(record, tags={**record.tags, OWNER_TAG: tag}))

    def let_go(self, key: Key, *, as_name: str) -> None:
        """AWS has another one of that name, which the resource let go before it made this one."""
        (_, found), *_ = self.carried_by(key).items()
        tag = {OWNER_TAG: str(OwnerMark(CLUSTER, key.namespace, key.name, RELEASED))}
        domain_id = f"d-{as_name}" if key.kind == "StudioDomain" else found.domain_id
        arn = f"{found.arn.rpartition('/')[0]}/{domain_id if domain_id[2:] == as_name else as_name}"
        former = replace(found, domain_id=domain_id, name=as_name, arn=arn, tags=tag)
        self.aws.put(BY_NAME[key.kind], WHERE, former)

    def carried_by(self, key: Key) -> Mapping[Any, Any]:
        return self.aws.carrying(key.kind, f"{key.namespace}/{key.name}")

    def reason(self, key: Key) -> str:
        conditions = {one["type"]: one["reason"] for one in self.statuses[key]["conditions"]}
        return str(conditions["Ready"])

    def message(self, key: Key) -> str:
        conditions = {one["type"]: one["message"] for one in self.statuses[key]["conditions"]}
        return str(conditions["Ready"])

    def _resource(self, key: Key) -> dict[str, Any]:
        made = compose(key, self.specs[key], None, NOW, number=1)
        metadata = {**made["metadata"], "uid": self.uids[key]}
        status = {"status": self.statuses[key]} if key in self.statuses else {}
        return {**made, "metadata": metadata, **status}


def calls(made: DryRun) -> dict[Key, tuple[str, ...]]:
    return {key: one.operations for key, one in made.outcomes.items() if one.operations}


@pytest.mark.parametrize("uid", ["", "rebuilt-"], ids=["same uid", "another uid"])
@pytest.mark.parametrize("key", [SPACE, PROFILE, DOMAIN], ids=lambda key: key.kind)
def test_another_name_is_refused_until_it_is_set_back(key: Key, uid: str) -> None:
    estate = Estate()
    field, before = NAMES[key.kind], key.name
    estate.lose(*estate.specs, uid=uid)
    estate.edit(key, **{field: "other"})
    assert key not in calls(estate.run())
    assert estate.reason(key) == "ImmutableField"
    assert f"Set spec.{field} to {before}" in estate.message(key)
    assert "arn" not in estate.statuses[key]
    assert "operation" not in estate.statuses[key]
    estate.edit(key, **{field: before})
    assert {one for made in calls(estate.run()).values() for one in made} <= {"AddTags"}
    assert estate.reason(key) in {"InService", "Running"}


@pytest.mark.parametrize("key", [SPACE, PROFILE], ids=lambda key: key.kind)
def test_another_domain_is_refused_until_it_is_set_back(key: Key) -> None:
    estate = Estate()
    estate.lose(key)
    estate.edit(key, domainRef={"name": "lab"})
    estate.edit(PROFILE, domainRef={"name": "lab"})
    estate.lose(PROFILE)
    assert key not in calls(estate.run())
    assert estate.reason(key) in {"ImmutableField", "DependencyNotReady"}
    if key == PROFILE:
        there = "Set spec.domainRef.name to the StudioDomain of d-planned-research"
        assert there in estate.message(key)


def test_a_domain_of_another_id_is_not_taken_in_its_place() -> None:
    estate = Estate()
    lab = next(iter(estate.carried_by(LAB).values()))
    estate.mark(LAB, RELEASED)
    scope = estate.aws.view(next(iter(estate.carried_by(LAB))).view)
    scope.put("Domain", lab.domain_id, replace(lab, tags={}))
    del estate.specs[LAB]
    estate.lose(DOMAIN)
    estate.edit(DOMAIN, domainId=lab.domain_id)
    assert DOMAIN not in calls(estate.run())
    assert estate.reason(DOMAIN) == "ImmutableField"
    assert "Set spec.domainId to d-planned-research" in estate.message(DOMAIN)


def test_swapped_names_are_both_told_which_was_theirs() -> None:
    estate = Estate()
    estate.lose(SPACE, SECOND)
    estate.edit(SPACE, spaceName="fraud")
    estate.edit(SECOND, spaceName="churn")
    assert calls(estate.run()) == {}
    for key in (SPACE, SECOND):
        assert estate.reason(key) == "ImmutableField"
        assert f"Set spec.spaceName to {key.name}" in estate.message(key)


@pytest.mark.parametrize("key", [SPACE, PROFILE], ids=lambda key: key.kind)
def test_what_was_let_go_on_purpose_stands_in_nobodys_way(key: Key) -> None:
    """`Retain` and another name when it is applied again: what messages advise to move on."""
    estate = Estate()
    estate.lose(key, uid="new-")
    estate.mark(key, RELEASED)
    estate.edit(key, **{NAMES[key.kind]: "other"})
    assert calls(estate.run())[key][0].startswith("Create")


@pytest.mark.parametrize("key", [SPACE, PROFILE, DOMAIN], ids=lambda key: key.kind)
def test_what_was_let_go_once_is_not_taken_back_in_its_place(key: Key) -> None:
    """It had the name before the last: what it has now would be left behind."""
    estate = Estate()
    estate.let_go(key, as_name="former")
    estate.lose(key)
    estate.edit(key, **{NAMES[key.kind]: "former"})
    for _ in range(2):
        assert key not in calls(estate.run())
        assert estate.reason(key) == "ImmutableField"
        assert f"Set spec.{NAMES[key.kind]} to {key.name}" in estate.message(key)
    estate.edit(key, **{NAMES[key.kind]: key.name})
    assert key not in calls(estate.run())
    assert estate.reason(key) in {"InService", "Running"}


def test_what_is_being_deleted_stands_in_nobodys_way() -> None:
    estate = Estate()
    estate.lose(SPACE)
    (about, found), *_ = estate.carried_by(SPACE).items()
    estate.aws.view(about.view).put("Space", about.name, replace(found, status="Deleting"))
    estate.edit(SPACE, spaceName="other")
    assert calls(estate.run())[SPACE][0] == "CreateSpace"


def test_the_same_name_in_another_case_is_the_same_profile() -> None:
    estate = Estate()
    estate.lose(PROFILE)
    estate.edit(PROFILE, userProfileName="Alice")
    assert PROFILE not in calls(estate.run())
    assert estate.reason(PROFILE) == "InService"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_nothing_is_created_while_something_has_the_resources_mark(data: st.DataObject) -> None:
    """Whatever is lost, renamed, moved and re-created, in one pass or several."""
    estate = Estate()
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from(sorted(estate.specs)))
        estate.lose(key, uid=data.draw(st.sampled_from(["", "new-"])))
        name = data.draw(st.sampled_from(["research", "alice", "churn", "fraud", "other"]))
        edit: dict[str, Any] = {NAMES[key.kind]: name}
        if key.kind != "StudioDomain":
            edit["domainRef"] = {"name": data.draw(st.sampled_from(["research", "lab"]))}
        estate.edit(key, **edit)
        if data.draw(st.booleans()):
            continue
        had = {key: set(estate.carried_by(key)) for key in estate.specs}
        for key, made in calls(estate.run()).items():
            created = [one for one in made if OPERATIONS[one].does is Does.CREATE]
            assert not (had[key] and created), (key, created, had[key])
    types = [kind.aws_type.name for kind in KINDS if kind.aws_type is not None]
    assert {OPERATIONS[f"Create{type_}"].does for type_ in types} == {Does.CREATE}


def test_the_index_follows_what_calls_do() -> None:
    estate = Estate()
    (about,) = estate.carried_by(SPACE)
    estate.aws.carry_out(WHERE, Call("DeleteSpace", _named(about)))
    assert estate.carried_by(SPACE) == {}


def _named(about: Any) -> dict[str, Any]:
    return {"DomainId": about.scope.domain_id, "SpaceName": about.name}
