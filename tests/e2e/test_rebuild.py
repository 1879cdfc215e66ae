"""A cluster is lost, and the same YAML is applied to a new one, with the same AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from studio_operator.api.common import OWNER_TAG
from studio_operator.plugin.errors import NOT_FOUND, REFUSED
from studio_operator.plugin.main import group

from sandbox.stack import Operator, Stack, local_environment
from tests.e2e.cluster import Raw
from tests.e2e.product import OPERATOR_SETTINGS
from tests.e2e.team import Team, Tenant
from tests.e2e.waiting import wait_until

SPACES = tuple(f"space-{number:02}" for number in range(20))
STOPPED, RUNNING = SPACES[:10], SPACES[10:]
SEVERAL_AT_ONCE_SECONDS = 120.0


class Rebuilt:
    """A new API server and etcd beside the same simulated AWS."""

    def __init__(self, stack: Stack, team: Team) -> None:
        self.stack = stack
        stack._simulator = team.product.stack.simulator
        stack.access.create_namespace(team.namespace)
        self.tenant = Tenant(
            stack.access.api_client(), team.simulator, team.namespace, team.product.operator_logs
        )

    def start_operator(self, name: str = "operator-rebuilt", **settings: str) -> Operator:
        """An operator of the new cluster, with a Lease as the chart has it."""
        given = {f"STUDIO_OPERATOR_{key.upper()}": value for key, value in settings.items()}
        lease = {"STUDIO_OPERATOR_LEASE_NAMESPACE": "default"}
        return self.stack.start_operator(
            name,
            settings=OPERATOR_SETTINGS | lease | given,
            arguments=("--leader-election", "on"),
        )

    def run(self, *words: str, kubeconfig: Path | None = None, expect: int = 0) -> str:
        """`kubectl studio`, as the administrator of the new cluster; what it says."""
        environment = local_environment(self.stack.client_variables(kubeconfig))
        place = ("--kubeconfig", environment["KUBECONFIG"])
        ended = CliRunner().invoke(group, [*words, *place], env=environment)
        assert ended.exit_code == expect, ended.output
        return ended.output

    def kubeconfig_with(self, **others: Path) -> Path:
        """Its own kubeconfig, with the cluster of each other one as a context of that name."""
        merged = yaml.safe_load(self.stack.access.kubeconfig.read_text())
        for name, path in others.items():
            other = yaml.safe_load(path.read_text())
            merged["clusters"].append({**other["clusters"][0], "name": name})
            merged["users"].append({**other["users"][0], "name": name})
            context = {"cluster": name, "user": name}
            merged["contexts"].append({"name": name, "context": context})
        path = self.stack.folder / "merged.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(merged))
        return path


@contextmanager
def rebuilt(team: Team, folder: Path) -> Iterator[Rebuilt]:
    """The new cluster, while the old one's operator does not run."""
    with Stack(folder / "rebuilt") as stack:
        yield Rebuilt(stack, team)


def estate(team: Tenant) -> list[Raw]:
    """What is in Git."""
    spaces = [team.space(name) for name in SPACES]
    return [team.domain(), team.profile(), *spaces]


def apply(tenant: Tenant, resources: list[Raw]) -> None:
    for one in resources:
        tenant.apply(one)


def settle(team: Team) -> None:
    """Twenty spaces that are to run, ten of which people have stopped."""
    apply(team, estate(team))
    for name in SPACES:
        team.wait_ready("Space", name, seconds=SEVERAL_AT_ONCE_SECONDS)
    for name in STOPPED:
        team.simulator.stop_app(team.domain_id, name)
    for name in STOPPED:
        team.wait_reason("Space", name, "StoppedOutside", seconds=SEVERAL_AT_ONCE_SECONDS)


def assert_as_before(tenant: Tenant, since: int) -> None:
    """All are ready, and nothing but the ownership tag was changed."""
    for name in SPACES:
        found = tenant.wait_ready("Space", name, seconds=SEVERAL_AT_ONCE_SECONDS)
        assert found.phase == ("Stopped" if name in STOPPED else "InService")
    tenant.wait_looks()
    assert set(tenant.changes(since=since)) == {"AddTags"}
    assert [name for name in SPACES if tenant.aws_app(name)] == list(RUNNING)


def test_a_rebuilt_cluster_takes_its_estate_back_and_starts_nothing(
    new_team: Team, tmp_path: Path
) -> None:
    team = new_team
    with team.product.own_operator("operator-before", cluster_id="team-a.prod"):
        settle(team)
        before = team.last_call()
    with rebuilt(team, tmp_path) as new:
        new.start_operator(cluster_id="team-a.prod")
        apply(new.tenant, estate(new.tenant))
        assert_as_before(new.tenant, before)
        assert "when this resource first saw the space" in (
            new.tenant.wait_ready("Space", STOPPED[0]).message
        )
        new.tenant.edit("Space", STOPPED[0], instanceType="ml.m5.large")
        new.tenant.wait_phase(STOPPED[0], "InService")


def test_an_estate_whose_cluster_had_no_id_is_moved_first(new_team: Team, tmp_path: Path) -> None:
    team = new_team
    settle(team)
    before = team.last_call()
    domain_id = team.domain_id
    team.product.stop_operator()
    old = team.product.stack.access.kubectl(
        "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"
    )
    with rebuilt(team, tmp_path) as new:
        new.start_operator(cluster_id="team-a.prod", tag_interval="1", tag_lag="1")
        apply(new.tenant, estate(new.tenant))
        refused = new.tenant.wait_reason("StudioDomain", "research", "OwnershipConflict")
        assert f"kubectl studio reassign --from-cluster {old}" in refused.message
        move = ("reassign", "--from-cluster", old, "--region", team.region)
        shown = new.run(*move, "--domain-id", domain_id)
        assert f"team-a.prod/{team.namespace}/alice/" in shown
        assert "Nothing was changed: 22 tags would be." in shown
        assert "sagemaker:AddTags" in shown
        both = new.kubeconfig_with(
            old=team.product.stack.access.kubeconfig, again=new.stack.access.kubeconfig
        )
        lives = new.run(*move, "--yes", kubeconfig=both, expect=REFUSED)
        assert f"cluster {old} lives: context old answers" in lives
        own = new.stack.access.kubectl(
            "get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"
        )
        from_itself = ("reassign", "--from-cluster", own, "--region", team.region)
        told = new.run(*from_itself, kubeconfig=both, expect=NOT_FOUND)
        assert f"has nothing of cluster {own}" in told, "a second way to itself is no other cluster"
        assert team.changes(since=before) == []
        assert "22 passed" in new.run(*move, "--domain-id", domain_id, "--yes")
        assert_as_before(new.tenant, before)


def test_who_loses_the_tag_to_a_living_cluster_does_not_take_it_back(
    new_team: Team, tmp_path: Path
) -> None:
    team = new_team
    product = team.product
    with product.own_operator("operator-one", cluster_id="both", tag_interval="1", tag_lag="1"):
        team.settle_in()
        team.run_space()
        with rebuilt(team, tmp_path) as new:
            new.start_operator(cluster_id="both", tag_interval="1", tag_lag="1")
            apply(new.tenant, [team.domain(), team.profile(), team.space()])
            new.tenant.wait_ready("Space", "churn")
            for kind, name in (
                ("StudioDomain", "research"),
                ("UserProfile", "alice"),
                ("Space", "churn"),
            ):
                lost = team.wait_reason(kind, name, "OwnershipConflict")
                assert "two clusters run with clusterId both" in lost.message, kind
            before = team.last_call()
            team.wait_looks(4)
            assert team.changes(since=before) == []
            found = new.tenant.get("Space", "churn")
            assert found is not None
            uid = found.raw["metadata"]["uid"]
            assert (team.aws_space() or {})["tags"][OWNER_TAG].endswith(uid)


@pytest.mark.parametrize("kind", ["StudioDomain", "UserProfile", "Space"])
def test_a_changed_cluster_id_is_told_by_all_that_it_makes_anothers(
    new_team: Team, kind: str
) -> None:
    team = new_team
    with team.product.own_operator("operator-first-id", cluster_id="first"):
        team.settle_in()
        team.run_space()
    before = team.last_call()
    name = {"StudioDomain": "research", "UserProfile": "alice", "Space": "churn"}[kind]
    with team.product.own_operator("operator-second-id", cluster_id="second"):
        told = team.wait_reason(kind, name, "OwnershipConflict")
        assert "clusterId is second" in told.message
        assert "first" in told.message
        team.wait_looks()
        assert team.changes(since=before) == []
    with team.product.own_operator("operator-first-again", cluster_id="first"):
        team.wait_ready(kind, name)
        assert team.changes(since=before) == []
        wait_until(lambda: team.aws_app() is not None, "the app runs on")


def test_a_name_that_is_edited_while_status_is_lost_makes_nothing_new(new_team: Team) -> None:
    """The API server takes the edit, since status names nothing; it takes the edit back as well."""
    team = new_team
    names = {"StudioDomain": "research", "UserProfile": "alice", "Space": "churn"}
    fields = {"StudioDomain": "domainName", "UserProfile": "userProfileName", "Space": "spaceName"}
    in_aws = names | {"StudioDomain": team.domain()["spec"]["domainName"]}
    with team.product.own_operator("operator-before"):
        team.settle_in()
        team.run_space()
    before = team.last_call()
    for kind, name in names.items():
        team.lose_status(kind, name)
        team.edit(kind, name, **{fields[kind]: "other"})
    with team.product.own_operator("operator-after"):
        for kind, name in names.items():
            refused = team.wait_reason(kind, name, "ImmutableField")
            assert f"Set spec.{fields[kind]} to {in_aws[kind]}" in refused.message
            assert {"arn", "operation"}.isdisjoint(refused.status)
            team.edit(kind, name, **{fields[kind]: in_aws[kind]})
            team.wait_ready(kind, name)
        team.wait_looks()
        assert team.changes(since=before) == []
        assert team.aws_app() is not None
