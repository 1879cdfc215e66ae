"""What the plug-in makes of a cluster's refusals: each says what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from studio_operator.kube.resources import Key
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.kube import cluster
from studio_operator.plugin.kube.cluster import NoAnswerError, connect
from studio_operator.plugin.options import Connection

from tests.e2e.team import Team


def reach(team: Team, user: str = "") -> cluster.Cluster:
    access = team.product.stack.access
    kubeconfig = access.user_kubeconfig(user) if user else access.kubeconfig
    return connect(Connection(str(kubeconfig), namespace=team.namespace))


def test_a_kind_that_is_not_installed(new_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = "/apis/studio-operator.dev/v0/namespaces/team/spaces"
    monkeypatch.setattr(cluster, "collection_path", lambda *_: elsewhere)
    with pytest.raises(NotFoundError, match="lacks the CustomResourceDefinitions"):
        reach(new_team).list_all("Space")


def test_rights_that_are_missing(new_team: Team) -> None:
    stranger = reach(new_team, "stranger")
    with pytest.raises(RefusedError, match="you may not list spaces"):
        stranger.list_all("Space")
    with pytest.raises(RefusedError, match="you may not patch spaces in namespace"):
        stranger.annotate(Key("Space", new_team.namespace, "churn"), {"a": "b"})


def test_a_name_that_nobody_may_guess_at(new_team: Team) -> None:
    with pytest.raises(NotFoundError, match="There is none at all"):
        reach(new_team).get("Space", "churn")
    with pytest.raises(NotFoundError, match="There is none at all"):
        reach(new_team).annotate(Key("Space", new_team.namespace, "churn"), {"a": "b"})


def test_a_selector_that_the_server_refuses(new_team: Team) -> None:
    with pytest.raises(PluginError, match="refuses to list spaces"):
        reach(new_team).list_all("Space", labels="not a selector")


def test_lists_are_read_page_by_page(new_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PAGE_SIZE", 2)
    for number in range(5):
        new_team.apply(new_team.profile(f"person-{number}", domainRef={"name": "nowhere"}))
    found = reach(new_team).list_all("UserProfile")
    assert [one["metadata"]["name"] for one in found] == [f"person-{n}" for n in range(5)]


def test_a_watch_goes_on_where_the_list_ended(new_team: Team) -> None:
    team = new_team
    team.apply(team.profile("before", domainRef={"name": "nowhere"}))
    changes = reach(team).follow("UserProfile", team.namespace, seconds=60)
    assert [one.resource["metadata"]["name"] for one in next(changes)] == ["before"]
    team.apply(team.profile("after", domainRef={"name": "nowhere"}))
    seen = next(batch for batch in changes if batch)
    assert seen[0].resource["metadata"]["name"] == "after"


def test_following_ends_with_the_time(new_team: Team) -> None:
    began = time.monotonic()
    assert not any(reach(new_team).follow("Space", new_team.namespace, seconds=1))
    assert time.monotonic() - began < 30


def test_a_server_that_stops_answering_is_waited_for(
    new_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    changes = reach(new_team).follow(
        "UserProfile", new_team.namespace, seconds=60, pause=pauses.append
    )
    assert next(changes) == []
    with monkeypatch.context() as patch:
        patch.setattr(cluster.Cluster, "_watch", _no_answer)
        assert next(changes) == []
    assert pauses == [1]
    new_team.apply(new_team.profile("after", domainRef={"name": "nowhere"}))
    seen = next(batch for batch in changes if batch)
    assert seen[0].resource["metadata"]["name"] == "after"


def _no_answer(*_: object) -> Iterator[cluster.WatchedChange]:
    raise NoAnswerError("connection refused")
    yield
