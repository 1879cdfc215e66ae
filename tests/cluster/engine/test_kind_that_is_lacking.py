"""A kind that is newer than the cluster's CRDs, or than the operator's role."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from studio_operator.engine.declared.resync import ReadableNowError, Resync
from studio_operator.engine.declared.store import Store
from studio_operator.engine.feed import Feed
from studio_operator.kinds.registry import KINDS
from studio_operator.kube.client import KubeClient
from studio_operator.kube.resources import Key
from studio_operator.kube.transport import ApiError
from studio_operator.plugin.main import group

from sandbox.access import Access
from sandbox.control_plane import ControlPlane, free_ports
from sandbox.processes import ManagedProcess, ProcessError, http_probe
from sandbox.stack import local_environment
from tests.cluster.engine.resources import alice, apply_profile, connected, delete_profile
from tests.unit.api.schema_cases import ROLE

ROOT = Path(__file__).resolve().parents[3]
CHURN = Key("StudioTenant", "", "churn")
LACKED = [kind for kind in KINDS if kind.needs_whole_cluster]
OLDER = [kind for kind in KINDS if not kind.needs_whole_cluster]
WARNING = "studiotenants.studio-operator.dev can't be listed"
PATIENCE = 60.0
SETTINGS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "STUDIO_OPERATOR_RESYNC_INTERVAL": "1",
    "STUDIO_OPERATOR_LEASE_NAMESPACE": "team",
}
REQUIRED = {"STUDIO_OPERATOR_TENANCY_REQUIRED": "true"}


@pytest.fixture(scope="module")
def older_control_plane() -> Iterator[Access]:
    with ControlPlane() as plane:
        install(plane.access, *(kind.plural for kind in OLDER))
        plane.access.create_namespace("team")
        yield plane.access


@pytest.fixture
def cluster(older_control_plane: Access) -> Iterator[Access]:
    """An API server with the CRDs of before."""
    yield older_control_plane
    files = [ROOT / "crds" / f"{kind.plural}.yaml" for kind in LACKED]
    older_control_plane.kubectl("delete", "userprofiles", "--all", "-n", "team")
    older_control_plane.kubectl("delete", "--ignore-not-found", *(f"-f={one}" for one in files))


@pytest.fixture
def user() -> str:
    """Whom no role names yet."""
    return f"operator-{uuid.uuid4().hex[:8]}"


Start = Callable[..., ManagedProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts operators that serve all namespaces; they are ready when it returns."""
    with ExitStack() as stack:

        def start_one(
            kubeconfig: Path, *arguments: str, settings: Mapping[str, str] | None = None
        ) -> ManagedProcess:
            health, metrics = free_ports(2)
            ports = ["--health-port", str(health), "--metrics-port", str(metrics)]
            process = ManagedProcess(
                "operator",
                [sys.executable, "-m", "studio_operator", "run", *ports, *arguments],
                log=tmp_path / f"operator-{health}.log",
                environment=local_environment(
                    {**SETTINGS, **(settings or {}), "KUBECONFIG": str(kubeconfig)}
                ),
                probe=http_probe(f"http://127.0.0.1:{health}/readyz"),
                ready_within_seconds=PATIENCE,
            )
            stack.enter_context(process)
            return process

        yield start_one


def install(cluster: Access, *plurals: str) -> None:
    for plural in plurals:
        crd = ROOT / "crds" / f"{plural}.yaml"
        cluster.kubectl("apply", "--server-side", "-f", crd)
        cluster.kubectl("wait", "--for=condition=Established", "-f", crd)


def grant(cluster: Access, user: str, *plurals: str) -> None:
    """Let a user do with some kinds what the operator's role lets it do, and no more."""
    rules = [
        {
            "apiGroups": ["studio-operator.dev"],
            "resources": list(plurals),
            "verbs": ["list", "watch", "patch"],
        },
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]
    metadata = {"name": user}
    group = "rbac.authorization.k8s.io"
    role = {"kind": "ClusterRole", "metadata": metadata, "rules": rules}
    binding = {
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": user},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }
    for one in (role, binding):
        manifest = json.dumps({"apiVersion": f"{group}/v1", **one})
        cluster.kubectl("apply", "-f", "-", text_input=manifest)


TENANT = {
    "apiVersion": "studio-operator.dev/v1alpha1",
    "kind": CHURN.kind,
    "metadata": {"name": CHURN.name},
    "spec": {"namespaces": {"names": ["team"]}},
}


def declare_tenant(cluster: Access) -> None:
    cluster.kubectl("apply", "-f", "-", text_input=json.dumps(TENANT))


def says(process: ManagedProcess, words: str) -> int:
    """How often the log has these words."""
    return process.log_tail(1_000).count(words)


def holder(cluster: Access) -> str:
    """Who leads, by the Lease."""
    path = "jsonpath={.spec.holderIdentity}"
    return cluster.kubectl("get", "lease", "studio-operator", "-n", "team", "-o", path)


# --- the process --------------------------------------------------------------------------------


def test_an_operator_goes_on_without_the_crd_and_begins_anew_when_it_is_there(
    cluster: Access, start: Start
) -> None:
    operator = start(cluster.kubeconfig, "--leader-election", "on")
    assert says(operator, WARNING) == 1
    assert says(operator, "kubectl apply --server-side -f crds/") == 1
    time.sleep(3)  # several checks
    assert operator.is_running, operator.log_tail()
    assert says(operator, WARNING) == 1
    assert says(operator, "could not be listed") == 0
    assert holder(cluster)

    install(cluster, *(kind.plural for kind in LACKED))
    assert operator.wait(PATIENCE) == 1
    assert says(operator, "studiotenants.studio-operator.dev can be listed now") == 1
    assert says(operator, "Traceback") == 0
    assert not holder(cluster), "it has given its lease back"
    again = start(cluster.kubeconfig)
    assert says(again, WARNING) == 0


def test_an_operator_goes_on_without_the_right_and_begins_anew_when_it_has_it(
    cluster: Access, start: Start, user: str
) -> None:
    install(cluster, *(kind.plural for kind in LACKED))
    grant(cluster, user, *(kind.plural for kind in OLDER))
    kubeconfig = cluster.user_kubeconfig(user)
    asyncio.run(until_listed(cluster, user, "Space"))
    operator = start(kubeconfig)
    assert says(operator, WARNING) == 1
    assert says(operator, "list and watch on studiotenants") == 1

    grant(cluster, user, *(kind.plural for kind in KINDS))
    assert operator.wait(PATIENCE) == 1
    assert says(operator, "studiotenants.studio-operator.dev can be listed now") == 1
    again = start(kubeconfig)
    assert says(again, WARNING) == 0


def test_an_operator_that_needs_tenants_starts_neither_without_the_crd_nor_without_the_right(
    cluster: Access, start: Start, user: str
) -> None:
    with pytest.raises(ProcessError, match="lacks the CustomResourceDefinitions"):
        start(cluster.kubeconfig, settings=REQUIRED)
    install(cluster, *(kind.plural for kind in LACKED))
    grant(cluster, user, *(kind.plural for kind in OLDER))
    asyncio.run(until_listed(cluster, user, "Space"))
    with pytest.raises(ProcessError, match=r"studiotenants.* is forbidden"):
        start(cluster.user_kubeconfig(user), settings=REQUIRED)


# --- the checks of a process that runs ------------------------------------------------------------


class Checked:
    """A store and its resync, without any watch."""

    def __init__(self, client: KubeClient, *, needs_all: bool = False) -> None:
        self.store = Store("eu-central-1")
        feed = Feed(self.store, lambda _key: None)
        self.resync = Resync(
            client, self.store, feed, [], interval=60, lag=0.01, needs_all=needs_all
        )


async def until_listed(
    cluster: Access, user: str, kind: str, *, namespace: str | None = None, refused: bool = False
) -> None:
    """Wait until a right that was granted, or taken, counts."""
    async with connected(cluster, cluster.user_kubeconfig(user)) as client:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await client.list_metadata(kind, namespace, dict)
                except ApiError:
                    if refused:
                        return
                else:
                    if not refused:
                        return
                await asyncio.sleep(0.1)


def test_tenants_that_are_known_stay_when_the_right_is_taken_and_all_else_is_checked(
    cluster: Access, user: str
) -> None:
    install(cluster, *(kind.plural for kind in LACKED))
    declare_tenant(cluster)
    apply_profile(cluster, "team")
    grant(cluster, user, *(kind.plural for kind in KINDS))

    async def scenario() -> None:
        await until_listed(cluster, user, CHURN.kind)
        async with connected(cluster, cluster.user_kubeconfig(user)) as client:
            both = [Checked(client), Checked(client, needs_all=True)]
            for checked in both:
                await checked.resync.fill()
                assert checked.resync.unread == frozenset()
            grant(cluster, user, *(kind.plural for kind in OLDER))
            await until_listed(cluster, user, CHURN.kind, refused=True)
            delete_profile(cluster, "team")
            await both[0].resync._check()
            with pytest.raises(ApiError):  # it looks at the profile, and needs the tenants for it
                await both[1].resync._check()
            for checked in both:
                assert CHURN in checked.store.governing
            assert both[0].store.get(alice("team")) is None

    asyncio.run(scenario())


def test_tenants_are_gone_with_their_crd_unless_they_are_needed(cluster: Access) -> None:
    install(cluster, *(kind.plural for kind in LACKED))
    declare_tenant(cluster)

    async def scenario() -> None:
        async with connected(cluster) as client:
            free, bound = Checked(client), Checked(client, needs_all=True)
            for checked in (free, bound):
                await checked.resync.fill()
                assert CHURN in checked.store.governing
            cluster.kubectl("delete", "-f", ROOT / "crds" / "studiotenants.yaml")
            apply_profile(cluster, "team")  # so that a list is newer than the tenant
            await free.resync._check()
            assert CHURN not in free.store.governing
            with pytest.raises(ApiError):
                await bound.resync._check()
            assert CHURN in bound.store.governing

    asyncio.run(scenario())


def test_a_kind_that_was_lacking_is_noticed_by_a_fill_too(cluster: Access) -> None:
    """As by the one that a standby makes when it takes over."""

    async def scenario() -> None:
        async with connected(cluster) as client:
            checked = Checked(client)
            await checked.resync.fill()
            assert checked.resync.unread == {CHURN.kind}
            await checked.resync._check()
            await checked.resync.fill()
            assert checked.resync.is_filled
            install(cluster, *(kind.plural for kind in LACKED))
            for look in (checked.resync.fill, checked.resync._check):
                with pytest.raises(ReadableNowError, match="can be listed now"):
                    await look()

    asyncio.run(scenario())


# --- kubectl studio -------------------------------------------------------------------------------

PROFILE = {
    "apiVersion": "studio-operator.dev/v1alpha1",
    "kind": "UserProfile",
    "metadata": {"name": "alice", "namespace": "team"},
    "spec": {"domainRef": {"name": "research"}, "userSettings": {"executionRole": ROLE}},
}
MAY_NOT = "You may not list studiotenants"


def studio(kubeconfig: Path, *words: str) -> Result:
    return CliRunner().invoke(group, [*words, "-n", "team", "--kubeconfig", str(kubeconfig)])


def test_a_plan_is_made_where_the_crds_are_older_than_the_plug_in(
    cluster: Access, tmp_path: Path
) -> None:
    file = tmp_path / "alice.yaml"
    file.write_text(yaml.safe_dump(PROFILE))
    planned = studio(cluster.kubeconfig, "plan", "-f", str(file))
    assert planned.exit_code == 0, planned.output
    assert "alice" in planned.stdout
    assert "studiotenant" not in planned.output.lower()


def test_tenants_says_what_the_cluster_lacks_and_reports_by_a_file(
    cluster: Access, tmp_path: Path
) -> None:
    lacking = studio(cluster.kubeconfig, "tenants")
    assert lacking.exit_code == 3
    assert "does not know the kind StudioTenant" in lacking.stderr
    apply_profile(cluster, "team", userSettings={"executionRole": ROLE})
    file = tmp_path / "churn.yaml"
    file.write_text(yaml.safe_dump(TENANT))
    report = studio(cluster.kubeconfig, "tenants", "--report", "-f", str(file))
    assert report.exit_code == 0, report.output
    assert "spec.userSettings.executionRole is role/studio" in report.stdout


def test_a_person_hears_of_tenants_only_where_one_judges(
    cluster: Access, tmp_path: Path, user: str
) -> None:
    install(cluster, *(kind.plural for kind in LACKED))
    cluster.kubectl(
        "create", "role", user, "-n", "team", "--verb=list", "--resource=*.studio-operator.dev"
    )
    cluster.kubectl("create", "rolebinding", user, "-n", "team", f"--role={user}", f"--user={user}")
    asyncio.run(until_listed(cluster, user, "UserProfile", namespace="team"))
    apply_profile(cluster, "team")
    file = tmp_path / "alice.yaml"
    file.write_text(yaml.safe_dump(PROFILE))
    plan = (cluster.user_kubeconfig(user), "plan", "-f", str(file))
    unjudged = studio(*plan)
    condition = {
        "type": "PolicyViolation",
        "status": "True",
        "reason": "PolicyViolation",
        "message": "spec.userSettings.executionRole is not allowed.",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    cluster.kubectl(
        "patch", "userprofile", "alice", "-n", "team", "--subresource=status", "--type=merge",
        "-p", json.dumps({"status": {"conditions": [condition]}}),
    )  # fmt: skip
    judged = studio(*plan)
    assert (unjudged.exit_code, judged.exit_code) == (0, 0), unjudged.output + judged.output
    assert MAY_NOT not in unjudged.output
    assert judged.stderr.count(MAY_NOT) == 1
