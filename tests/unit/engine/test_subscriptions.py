"""Which places in AWS are looked at: those where a resource lives, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from studio_operator.aws.errors import AwsError
from studio_operator.engine.declared.subscriptions import Subscriptions
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.kinds.views import DomainScopeView, RegionView
from studio_operator.kube.resources import Key
from studio_operator.plan.scope import AccountRegion, Scope
from studio_operator.plan.types import AnswerT, Call, Look, Question

from tests.aws_ids import scope_at

KEYS = [Key("StudioDomain", "team", "research")] + [Key("Space", "team", f"s{n}") for n in range(3)]
PLACES = st.builds(
    scope_at, st.sampled_from(["eu-central-1", "us-east-1"]), st.sampled_from([None, "d-1", "d-2"])
)


class Inventory:
    """Keeps what is tracked, and fails when something is tracked twice or untracked in vain."""

    def __init__(self) -> None:
        self.tracked: set[Scope] = set()

    def track(self, scope: Scope) -> None:
        assert scope not in self.tracked
        self.tracked.add(scope)

    def untrack(self, scope: Scope) -> None:
        self.tracked.remove(scope)

    def view(self, scope: Scope) -> DomainScopeView | None:
        raise NotImplementedError

    def region_view(self, where: AccountRegion) -> RegionView | None:
        raise NotImplementedError

    def known(self, where: AccountRegion, question: Question[AnswerT]) -> AnswerT:
        raise NotImplementedError

    def carrying(self, kind: str, resource: str) -> Mapping[ResourceId, Any]:
        raise NotImplementedError

    def problem(self, scope: Scope) -> AwsError | None:
        raise NotImplementedError

    def nudge(self, scope: Scope) -> None:
        raise NotImplementedError

    def expect(self, call: Call, response: Mapping[str, Any], where: AccountRegion) -> None:
        raise NotImplementedError

    async def look(self, about: ResourceId | AccountRegion, look: Look) -> None:
        raise NotImplementedError


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.one_of(st.none(), PLACES)), max_size=30))
def test_what_is_tracked_is_where_resources_live(steps: list[tuple[Key, Scope | None]]) -> None:
    """Whatever the order in which they come, move and go (None)."""
    inventory = Inventory()
    subscriptions = Subscriptions(inventory)
    lives: dict[Key, Scope] = {}
    for key, place in steps:
        if place is None:
            subscriptions.forget(key)
            lives.pop(key, None)
        else:
            subscriptions.follow(key, place)
            lives[key] = place
        needed = {p for k, p in lives.items() if p.domain_id or k.kind == "StudioDomain"}
        assert inventory.tracked == needed
