"""The throw-away control plane is a real one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kubernetes.client import ApiException, CoreV1Api, V1ConfigMap, V1ObjectMeta, VersionApi

from sandbox.access import Access, KubectlError
from sandbox.assets import kubernetes_version
from sandbox.audit import read_audit_log
from sandbox.control_plane import ControlPlane
from sandbox.identity import ProcessIdentity, wait_until_gone
from sandbox.processes import ProcessError

ROOT = Path(__file__).resolve().parents[2]
CONFIG_MAP = V1ConfigMap(metadata=V1ObjectMeta(name="settings"))


def test_it_serves_the_pinned_kubernetes_version(control_plane: Access) -> None:
    with control_plane.api_client() as client:
        assert VersionApi(client).get_code().git_version == kubernetes_version() == "v1.36.3"


def test_the_administrators_kubeconfig_is_for_its_owner_only(control_plane: Access) -> None:
    assert control_plane.kubeconfig.stat().st_mode & 0o777 == 0o600


def test_a_user_without_a_binding_is_refused(control_plane: Access, namespace: str) -> None:
    with (
        control_plane.api_client(control_plane.user_kubeconfig("alice")) as client,
        pytest.raises(ApiException) as refusal,
    ):
        CoreV1Api(client).list_namespaced_config_map(namespace)
    assert refusal.value.status == 403
    assert 'User \\"alice\\" cannot list' in str(refusal.value.body)


def test_a_binding_of_its_group_admits_a_user(control_plane: Access, namespace: str) -> None:
    group = f"readers-of-{namespace}"
    allow_reading_config_maps(control_plane, namespace, f"--group={group}")
    with control_plane.api_client(control_plane.user_kubeconfig("bob", [group])) as client:
        assert CoreV1Api(client).list_namespaced_config_map(namespace).items == []


def test_a_service_accounts_token_carries_its_own_rights(
    control_plane: Access, namespace: str
) -> None:
    control_plane.kubectl("create", "serviceaccount", "robot", "--namespace", namespace)
    allow_reading_config_maps(control_plane, namespace, f"--serviceaccount={namespace}:robot")
    kubeconfig = control_plane.service_account_kubeconfig(namespace, "robot")
    with control_plane.api_client(kubeconfig) as client:
        core = CoreV1Api(client)
        assert core.list_namespaced_config_map(namespace).items == []
        with pytest.raises(ApiException) as refusal:
            core.create_namespaced_config_map(namespace, CONFIG_MAP)
    assert refusal.value.status == 403


def test_the_audit_log_records_a_write_and_who_made_it(
    control_plane: Access, namespace: str
) -> None:
    with control_plane.api_client() as client:
        CoreV1Api(client).create_namespaced_config_map(namespace, CONFIG_MAP)
        CoreV1Api(client).list_namespaced_config_map(namespace)
    assert control_plane.audit_log is not None
    events = [
        (event.verb, event.resource, event.name, event.user, event.code, event.is_write)
        for event in read_audit_log(control_plane.audit_log)
        if event.namespace == namespace and event.resource == "configmaps"
    ]
    assert events == [
        ("create", "configmaps", "settings", "admin", 201, True),
        ("list", "configmaps", "", "admin", 200, False),
    ]


def test_crds_of_a_folder_can_be_used_once_applied(control_plane: Access, tmp_path: Path) -> None:
    (tmp_path / "crd.yaml").write_text(WIDGET_CRD)
    control_plane.apply_folder(tmp_path)
    assert control_plane.kubectl("get", "widgets", "--all-namespaces") == ""


def test_a_folder_without_manifests_is_applied_as_nothing(
    control_plane: Access, tmp_path: Path
) -> None:
    control_plane.apply_folder(tmp_path)


def test_stopping_leaves_no_process_and_no_data(tmp_path: Path) -> None:
    with ControlPlane(folder=tmp_path) as started:
        identities = [ProcessIdentity.of(process.pid) for process in started.processes]
        assert len(identities) == 2
    assert [identity.is_alive for identity in identities] == [False, False]
    assert not (tmp_path / "etcd").exists()
    with pytest.raises(ProcessError, match="not running"):
        _ = started.access


def test_a_restarted_api_server_still_has_its_objects(tmp_path: Path) -> None:
    with ControlPlane(folder=tmp_path) as started:
        started.access.create_namespace("kept")
        started.apiserver.stop()
        with pytest.raises(KubectlError, match="refused"):
            started.access.kubectl("get", "namespace", "kept")
        started.apiserver.start()
        assert "kept" in started.access.kubectl("get", "namespace", "kept")


PARENT = """
import sys, time
from pathlib import Path
from sandbox.control_plane import ControlPlane
with ControlPlane(folder=Path(sys.argv[1])) as started:
    print(*(process.pid for process in started.processes), flush=True)
    time.sleep(60)
"""


def test_killing_its_parent_leaves_no_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        identities = [ProcessIdentity.of(pid) for pid in pids]
        parent.kill()
    assert len(identities) == 2
    assert wait_until_gone(identities, timeout_seconds=60)


def allow_reading_config_maps(access: Access, namespace: str, subject: str) -> None:
    create = ("--namespace", namespace, "create")
    access.kubectl(*create, "role", "reader", "--verb=get,list", "--resource=configmaps")
    access.kubectl(*create, "rolebinding", "reader", "--role=reader", subject)


WIDGET_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.sandbox.test}
spec:
  group: sandbox.test
  names: {kind: Widget, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
"""
