"""The throw-away control plane is a real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from kubernetes.client import ApiException, CoreV1Api, VersionApi

from sandbox.access import Access
from sandbox.assets import kubernetes_version
from sandbox.audit import read_audit_log
from sandbox.control_plane import ControlPlane
from sandbox.processes import ProcessError

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}


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
        pids = [process.pid for process in started.processes]
        assert [Path(f"/proc/{pid}").exists() for pid in pids] == [True, True]
    assert [Path(f"/proc/{pid}").exists() for pid in pids] == [False, False]
    assert not (tmp_path / "etcd").exists()
    with pytest.raises(ProcessError, match="not running"):
        _ = started.access


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
