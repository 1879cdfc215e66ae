"""The plug-in where no operator runs: it says so, since when, and nobody waits in vain."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

import pytest
import yaml
from studio_operator.kube import transport
from studio_operator.plugin.requests import user_requests

from tests.e2e.account import NAMESPACE
from tests.e2e.cluster import Resource
from tests.e2e.product import Product
from tests.e2e.team import Team
from tests.plugin.conftest import Studio

LEFT = "2026-11-01T09:00:00.000000Z"
SINCE = "since 2026-11-01 09:00 UTC"
NAME = "studio-operator"
LEASE = f"{NAMESPACE}/{NAME}"
READER = f"{NAME}-lease-reader"


class FarBehind(datetime):
    """The clock of a machine that has lost its battery."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Long before the Lease was renewed."""
        return cls(2000, 1, 1, tzinfo=tz)


def kubectl(team: Team, *words: str, text: str | None = None) -> str:
    return team.product.stack.access.kubectl(*words, text_input=text)


@pytest.fixture
def led(team: Team) -> Iterator[Team]:
    """A team with a space, whose operator led by the Lease of the chart, and is gone now."""
    with team.product.own_operator("operator-led", "--leader-election=on"):
        team.run_space()
        team.wait_for("Space", "churn", _names_its_lease, "names the operator's Lease")
    yield team
    kubectl(team, "delete", "lease", NAME, "-n", NAMESPACE, "--ignore-not-found")


def _names_its_lease(space: Resource) -> bool:
    return space.is_ready and space.status.get("operatorLease") == LEASE


def leave(team: Team, renewed: str = LEFT) -> None:
    """Have the Lease look as if nobody had renewed it since that time."""
    patch = json.dumps({"spec": {"renewTime": renewed}})
    kubectl(team, "patch", "lease", NAME, "-n", NAMESPACE, "--type=merge", "-p", patch)


def allow_spaces_only(team: Team, user: str) -> None:
    """Give a user the rights on Spaces in the team's namespace that the page asks for."""
    place = {"name": user, "namespace": team.namespace}
    group = "rbac.authorization.k8s.io"
    role = {
        "apiVersion": f"{group}/v1",
        "kind": "Role",
        "metadata": place,
        "rules": [
            {
                "apiGroups": ["studio-operator.dev"],
                "resources": ["spaces"],
                "verbs": ["get", "list", "watch", "patch"],
            }
        ],
    }
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": place,
        "roleRef": {"apiGroup": group, "kind": "Role", "name": user},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }
    kubectl(team, "apply", "-f", "-", text=yaml.safe_dump_all([role, binding]))


def test_a_person_with_rights_on_spaces_alone_is_told_since_when_and_the_request_waits(
    led: Team, as_user: Callable[[str], Studio]
) -> None:
    team = led
    allow_spaces_only(team, "sofia")
    leave(team)
    studio = as_user("sofia")
    told = studio("why", "churn").out
    assert f"No operator has renewed its Lease {LEASE} {SINCE}." in told
    assert "churn: Ready when it was seen last, phase InService" in told
    assert "Nothing until an operator runs again." in told
    began = time.monotonic()
    (asked,) = studio("stop", "churn", "-o", "json", expect=5).data
    assert time.monotonic() - began < 60, "it waited in vain"
    assert asked["state"] == "NoOperator"
    assert SINCE in asked["message"]
    assert "The request waits until one runs again" in asked["message"]
    space = team.get("Space", "churn")
    assert space is not None
    annotations = space.raw["metadata"]["annotations"]
    assert annotations["studio-operator.dev/stop"] == asked["value"]
    assert studio("stop", "churn", "--no-wait", "-o", "json").data[0]["state"] == "NoOperator"
    for verb in ("top", "lingering"):
        assert SINCE in studio(verb).err
    team.product.ensure_operator()
    team.wait_phase("churn", "Stopped")


@pytest.fixture
def not_for_all(product: Product) -> Iterator[None]:
    """The chart without `rbac.leaseReaders`."""
    place = ("rolebinding", READER, "-n", NAMESPACE)
    binding = json.loads(product.stack.access.kubectl("get", *place, "-o", "json"))
    product.stack.access.kubectl("delete", *place)
    yield
    binding["metadata"] = {"name": READER, "namespace": NAMESPACE}
    product.stack.access.kubectl("apply", "-f", "-", text_input=json.dumps(binding))


@pytest.mark.usefixtures("not_for_all")
def test_who_may_not_read_the_lease_is_told_that_it_is_not_known(
    led: Team, as_user: Callable[[str], Studio]
) -> None:
    allow_spaces_only(led, "sven")
    leave(led)
    studio = as_user("sven")
    unknown = f"not known: you may not read its Lease {LEASE}"
    assert unknown in studio("why", "churn").out
    assert unknown in studio("top").err
    answer = studio("stop", "churn", "--timeout", "1s", "-o", "json", expect=5)
    assert [one["state"] for one in answer.data] == ["Asked"]
    assert unknown in answer.err
    led.product.ensure_operator()
    led.wait_phase("churn", "Stopped")


def test_an_operator_that_goes_during_the_wait_ends_it_and_so_does_a_lease_that_goes(
    led: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(led)
    monkeypatch.setattr(user_requests, "OPERATOR_LOOK", 1.0)
    leave(led, (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000000Z"))
    follow = user_requests._follow

    def leave_and_follow(*arguments: Any) -> Any:
        leave(led)
        return follow(*arguments)

    with monkeypatch.context() as patched:  # the wait begins, and a moment ago one still led
        patched.setattr(user_requests, "_follow", leave_and_follow)
        (asked,) = studio("stop", "churn", "-o", "json", expect=5).data
    assert asked["state"] == "NoOperator"
    # A machine whose own clock is far behind is told the same.
    with monkeypatch.context() as patched:
        patched.setattr(transport, "datetime", FarBehind)
        assert SINCE in studio("why", "churn").out
    kubectl(led, "delete", "lease", NAME, "-n", NAMESPACE)
    assert "No operator runs: its Lease" in studio("why", "churn").out
    (asked,) = studio("reconcile", "churn", "-o", "json", expect=5).data
    assert asked["state"] == "NoOperator"
    # A space that no operator has seen names no Lease, but its domain and its owner do.
    led.apply(led.space("features"))
    assert f"its Lease {LEASE} is gone" in studio("why", "features").out


def test_nobody_waits_for_a_resource_that_no_operator_has_seen(led: Team) -> None:
    leave(led)
    hours = [{"days": "Mon-Sun", "from": "00:00", "to": "24:00"}]
    led.apply(led.space("features", schedule={"timezone": "UTC", "windows": hours}))
    for verb in ("reconcile", "snooze"):
        how = ["--for", "3h"] if verb == "snooze" else []
        (asked,) = Studio(led)(verb, "features", *how, "-o", "json", expect=5).data
        assert (asked["state"], SINCE in asked["message"]) == ("NoOperator", True), verb
