"""Files are applied in any order, and what is missing is named until it is there."""

from __future__ import annotations

from collections.abc import Callable

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
