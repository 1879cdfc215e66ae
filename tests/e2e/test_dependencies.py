"""Files are applied in any order, and what is missing is named until it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.team import Team

KINDS = {"Space": "churn", "UserProfile": "alice", "StudioDomain": "research"}


@pytest.mark.parametrize(
    "order",
    [
        ("Space", "UserProfile", "StudioDomain"),
        ("Space", "StudioDomain", "UserProfile"),
        ("UserProfile", "Space", "StudioDomain"),
        ("StudioDomain", "Space", "UserProfile"),
    ],
    ids=lambda order: "-".join(kind.lower() for kind in order),
)
def test_any_order_of_applying_ends_well(new_team: Team, order: tuple[str, ...]) -> None:
    files = {
        "Space": new_team.space(),
        "UserProfile": new_team.profile(),
        "StudioDomain": new_team.domain(),
    }
    for kind in order[:-1]:
        new_team.apply(files[kind])
    waiting = new_team.wait_reason("Space", "churn", "DependencyNotReady")
    assert waiting.has("Reconciling")
    assert KINDS[order[-1]] in waiting.message or "research" in waiting.message
    new_team.apply(files[order[-1]])
    for kind, name in KINDS.items():
        new_team.wait_ready(kind, name)
    assert new_team.changes() == ["CreateDomain", "CreateUserProfile", "CreateSpace", "CreateApp"]


def test_all_at_once_ends_well(new_team: Team) -> None:
    for number in range(3):
        new_team.apply(new_team.space(f"space-{number}", ownerRef={"name": f"user-{number}"}))
        new_team.apply(new_team.profile(f"user-{number}"))
    new_team.apply(new_team.domain())
    for number in range(3):
        new_team.wait_ready("Space", f"space-{number}")
    assert new_team.changes().count("CreateDomain") == 1


def test_another_namespace_uses_a_domain_only_if_admitted(
    team: Team, make_team: Callable[[], Team]
) -> None:
    guest = make_team()
    elsewhere = {"name": "research", "namespace": team.namespace}
    guest.apply(guest.profile("bob", domainRef=elsewhere))
    guest.apply(guest.space("guest", domainRef=elsewhere, ownerRef={"name": "bob"}))
    for kind, name in (("UserProfile", "bob"), ("Space", "guest")):
        refused = guest.wait_reason(kind, name, "NamespaceNotAllowed")
        assert refused.has("Stalled")
        assert "spec.allowedNamespaces" in refused.message

    team.edit("StudioDomain", "research", allowedNamespaces=[guest.namespace])
    guest.wait_ready("UserProfile", "bob")
    guest.wait_ready("Space", "guest")
    assert team.aws_space("guest") is not None


@dataclass(frozen=True)
class Mistake:
    """A member that AWS fixes at creation: as it was applied first, and as it should have been."""

    kind: str
    member: str
    wrong: Any
    reason: str
    right: Any

    def __str__(self) -> str:
        return f"{self.kind}.{self.member}"


MISTAKES = (
    Mistake("Space", "ownerRef", {"name": "alcie"}, "DependencyNotReady", {"name": "alice"}),
    Mistake("Space", "domainRef", {"name": "reserch"}, "DependencyNotReady", {"name": "research"}),
    Mistake("Space", "spaceName", "taken", "OwnershipConflict", "free"),
    Mistake("UserProfile", "domainRef", {"name": "reserch"}, "DependencyNotReady", None),
    Mistake("UserProfile", "userProfileName", "alice", "OwnershipConflict", "bob"),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_what_aws_fixes_at_creation_can_be_corrected_before(team: Team, mistake: Mistake) -> None:
    """The same resource goes on: nobody has to delete it, and its old name is held by nobody."""
    if mistake.right == "free":
        team.run_space("taken", state="Stopped")
    before = team.last_call()
    make = team.space if mistake.kind == "Space" else team.profile
    team.apply(make("new", **{mistake.member: mistake.wrong}))
    team.wait_reason(mistake.kind, "new", mistake.reason)
    assert team.changes(since=before) == []
    right = mistake.right or {"name": "research"}
    team.edit(mistake.kind, "new", **{mistake.member: right})
    team.wait_ready(mistake.kind, "new")
    made = [name for name in team.changes(since=before) if name.startswith("Create")]
    expected = ["CreateSpace", "CreateApp"] if mistake.kind == "Space" else ["CreateUserProfile"]
    assert made == expected
    team.remove(mistake.kind, "new")
    team.wait_gone(mistake.kind, "new")
