"""What tenants cost, in steps: many of them, and globs with many stars."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from studio_operator.engine.declared.claims import Claims
from studio_operator.engine.declared.entries import Entry
from studio_operator.engine.declared.store import Store
from studio_operator.engine.declared.tenancy import Tenancy, tenants_of
from studio_operator.kube.resources import Key
from studio_operator.plan.tenancy import globs
from studio_operator.plan.tenancy.globs import Globs
from studio_operator.plan.tenancy.policy import Standing, Subject

from tests.unit.engine.test_tenancy import tenant
from tests.unit.tenancy.judged import rules

TENANTS = 1500


class Steps:
    """Counts what is compiled and tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: Counter[str] = Counter()
        make, follow = Globs.__init__, globs._follow

        def compiling(self_: Globs, patterns: Any) -> None:
            given = tuple(patterns)
            self.made["compiled"] += len(given)
            make(self_, given)

        def trying(parts: Any, text: str, begin: int, end: int) -> bool:
            self.made["tried"] += 1
            return follow(parts, text, begin, end)

        monkeypatch.setattr(Globs, "__init__", compiling)
        monkeypatch.setattr(globs, "_follow", trying)


def many(names: str) -> Store:
    """A store with many tenants, each of namespaces of its own."""
    store = Store("eu-central-1")
    for number in range(TENANTS):
        key = Key("StudioTenant", "", f"tenant-{number:04}")
        raw = tenant(key, 1, *(one.format(number) for one in names.split()), enforcement="Block")
        raw["metadata"]["resourceVersion"] = str(number + 1)
        store.apply(raw)
    return store


@pytest.mark.parametrize(("names", "tries"), [("ns-{0:04}", 0), ("ns-{0:04}-* own-{0:04}-*", 1)])
def test_of_many_tenants_those_of_other_names_cost_a_namespace_nothing(
    monkeypatch: pytest.MonkeyPatch, names: str, tries: int
) -> None:
    store = many(names)
    tenancy, steps = Tenancy(store), Steps(monkeypatch)
    for number in range(100):
        name = f"ns-{number:04}-x" if tries else f"ns-{number:04}"
        assert tenants_of(store, name) == [Key("StudioTenant", "", f"tenant-{number:04}")]
    assert steps.made == Counter(tried=100 * tries) if tries else not steps.made
    steps.made.clear()
    for number in range(100):
        name = f"ns-{number:04}-x" if tries else f"ns-{number:04}"
        for _ in range(10):
            assert tenancy.policy_of(name).standing is Standing.RULED
    # Found by the index, then confirmed by the rules, whose globs are compiled once.
    assert steps.made["tried"] <= 100 * 2 * tries
    assert steps.made["compiled"] <= 100 * len(names.split())


def test_a_tenant_is_compiled_once_also_where_it_was_closed_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = Entry.from_raw(tenant(enforcement="Block", allow={"subnets": ["subnet-*"]}))
    before, steps = entry.rules, Steps(monkeypatch)
    assert before is not None
    for _ in range(10):
        entry.close()
        assert entry.rules is before
        assert before.allows(Subject.SUBNETS, "subnet-1")
        assert not before.allows(Subject.SECURITY_GROUPS, "sg-1")
    assert steps.made["compiled"] == 1


class Counted(str):
    """A text that counts how often it is searched."""

    __slots__ = ("searched",)
    searched: int

    def find(self, *args: Any) -> int:
        """As str does it."""
        self.searched = getattr(self, "searched", 0) + 1
        return super().find(*args)


@pytest.mark.parametrize("text", ["a" * 2040, "ab" * 1000, "a" * 110 + "b" * 1900])
def test_each_part_of_a_glob_is_searched_once_at_most(text: str) -> None:
    stars = 110
    searched = Counted(text)
    assert not Globs([f"{'*a' * stars}*c*"]).match(searched)
    assert 0 < searched.searched <= stars + 1


# --- which tenants claim a namespace ---

FIRST, SECOND = Key("StudioTenant", "", "a"), Key("StudioTenant", "", "b")


def test_claims_are_by_full_names_and_by_globs() -> None:
    claims = Claims()
    claims.put(SECOND, rules("b", ["*", "team"]))
    claims.put(FIRST, rules("a", ["team", "team-*", "*-dev", "t*m"]))
    assert claims.keys_of("team") == [FIRST, SECOND]
    assert claims.keys_of("team-x") == [FIRST, SECOND]
    assert claims.keys_of("x-dev") == [FIRST, SECOND]
    assert claims.keys_of("other") == [SECOND]
    assert claims.keys_of("") == []
    assert [one.tenant.name for one in claims.rules_of("team")] == ["a", "b"]


def test_claims_go_with_the_names_that_made_them() -> None:
    claims = Claims()
    claims.put(FIRST, rules("a", ["team", "team-*", "te*"]))
    claims.put(FIRST, rules("a", ["team-*"]))
    assert claims.keys_of("team") == []
    assert claims.keys_of("team-x") == [FIRST]
    claims.put(FIRST, None)
    claims.put(FIRST, None)
    assert claims.keys_of("team-x") == []
    assert not claims._named
    assert not claims._globs


def test_the_version_grows_where_something_is_said_anew_only() -> None:
    claims = Claims()
    claims.put(FIRST, rules("a", ["team"]))
    version = claims.version
    claims.put(FIRST, rules("a", ["team"]))
    assert claims.version == version
    claims.put(FIRST, rules("a", ["team"], enforcement="Block"))
    assert claims.version > version
