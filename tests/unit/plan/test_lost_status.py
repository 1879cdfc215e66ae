"""Domains and profiles whose status is lost, or that another cluster of the same id has taken."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from studio_operator.api.common import OWNER_TAG

from tests.unit.plan import test_domain, test_profile
from tests.unit.plan.engine_model import CLUSTER

KINDS = pytest.mark.parametrize("kind", [test_domain, test_profile], ids=["domain", "profile"])


def lose_status(made: Any, uid: str) -> None:
    """The resource is restored without its status; under another uid in a cluster built anew."""
    made.stored, made.uid = type(made.stored)(), uid
    made.crash()


def owner_in_aws(kind: ModuleType, made: Any) -> str:
    return str(kind.only(made).tags[OWNER_TAG])


@KINDS
@pytest.mark.parametrize("uid", ["uid-1", "uid-2"])
@pytest.mark.parametrize("steps", range(8))
def test_a_status_lost_at_any_moment_makes_nothing_twice(
    kind: ModuleType, uid: str, steps: int
) -> None:
    made = kind.engine()
    for _ in range(steps):
        made.step()
    lose_status(made, uid)
    made.run()
    creations = [name for name in made.aws.operations() if name.startswith("Create")]
    assert len(creations) == 1
    assert made.condition("Ready") == "InService", made.message()
    assert owner_in_aws(kind, made).endswith(f"/{uid}")
    assert not {name for name in made.aws.operations() if name.startswith("Delete")}


@KINDS
def test_who_lost_the_tag_to_another_uid_never_takes_it_back_nor_deletes(kind: ModuleType) -> None:
    made = kind.running({**(kind.engine().spec.dump()), "deletionPolicy": "Delete"})
    record = kind.only(made)
    taken = f"{CLUSTER}/ml-team/{made.name}/uid-2"
    record.tags[OWNER_TAG] = taken
    made.seen = {}
    made.run()
    assert made.condition("Stalled") == "OwnershipConflict"
    made.crash()
    made.edit(tags={"team": "growth"})
    made.run()
    made.delete()
    made.run()
    assert made.released
    assert (made.aws.operations(), record.tags) == ([], {OWNER_TAG: taken})


@KINDS
def test_who_is_deleted_before_it_is_taken_back_leaves_it_as_it_is(kind: ModuleType) -> None:
    made = kind.running({**(kind.engine().spec.dump()), "deletionPolicy": "Delete"})
    record = kind.only(made)
    before = dict(record.tags)
    lose_status(made, "uid-2")
    made.delete()
    made.run()
    assert made.released
    assert (made.aws.operations(), record.tags) == ([], before)
