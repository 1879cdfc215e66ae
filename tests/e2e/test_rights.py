"""The chart grants what the operator does in Kubernetes: nothing is refused, nothing left over."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox.audit import AuditEvent
from sandbox.stack import Operator
from tests.e2e.account import FOR_A_LIST, FOR_ALL_NAMESPACES, Account, install_account
from tests.e2e.product import OPERATOR_SETTINGS, Product
from tests.e2e.rights import Right, granted, missing, unused
from tests.e2e.stories import CREATE, RESIZE
from tests.e2e.team import Team
from tests.e2e.waiting import wait_until

FORBIDDEN = 403


@pytest.fixture(params=[FOR_ALL_NAMESPACES, FOR_A_LIST])
def account(
    request: pytest.FixtureRequest, new_team: Team, tmp_path_factory: pytest.TempPathFactory
) -> Account:
    """An account of the test's own, for all namespaces or for the team's only."""
    served = {"watchNamespaces": [new_team.namespace]} if request.param == FOR_A_LIST else {}
    return install_account(
        new_team.product.stack.access,
        tmp_path_factory.mktemp("account"),
        namespace=request.param,
        **served,
    )


@contextmanager
def operator_of(product: Product, account: Account, name: str) -> Iterator[Operator]:
    """An operator as the chart would run it."""
    operator = product.stack.start_operator(
        name,
        kubeconfig=account.kubeconfig,
        settings=OPERATOR_SETTINGS | dict(account.settings),
        arguments=account.arguments,
    )
    try:
        yield operator
    finally:
        operator.process.stop()


def test_what_is_granted_is_what_is_used(account: Account, new_team: Team) -> None:
    product = new_team.product
    product.stop_operator()
    live_through(new_team, account)
    rights = granted(account.manifests, account.user)
    # A watch is logged when it ends, which is after the operator's end.
    wait_until(
        lambda: not unused(rights, product.requests(account.user)),
        "every right has been used",
        story=lambda: f"unused: {unused(rights, product.requests(account.user))}",
    )
    asked = product.requests(account.user)
    assert [event for event in asked if event.code == FORBIDDEN] == []
    assert missing(rights, asked) == []


def live_through(team: Team, account: Account) -> None:
    """All that operators do in their lives, at least once: two of them, of which the first goes."""
    with (
        operator_of(team.product, account, "operator-first") as first,
        operator_of(team.product, account, "operator-second"),
    ):
        team.rule(enforcement="Audit")
        CREATE.begin(team)
        CREATE.end(team)
        first.process.send_signal(signal.SIGTERM)
        RESIZE.begin(team)
        RESIZE.end(team)
        for name, kind in (
            ("churn", "Space"),
            ("alice", "UserProfile"),
            ("research", "StudioDomain"),
        ):
            team.remove(kind, name)


@pytest.mark.parametrize(
    ("event", "is_covered"),
    [
        (("patch", "g", "spaces", "status", "team", "churn"), True),
        (("patch", "g", "spaces", "", "team", "churn"), False),
        (("update", "g", "spaces", "status", "team", "churn"), False),
        (("patch", "g", "spaces", "status", "other", "churn"), False),
        (("patch", "g", "spaces", "status", "team", "fraud"), False),
    ],
)
def test_a_right_covers_what_it_says(event: tuple[str, ...], is_covered: bool) -> None:
    verb, group, resource, subresource, namespace, name = event
    asked = AuditEvent(verb, "user", "agent", group, resource, subresource, namespace, name, 200)
    assert Right("team", "g", "spaces/status", "patch", "churn").covers(asked) == is_covered
