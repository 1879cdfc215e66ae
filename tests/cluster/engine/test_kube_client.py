"""The Kubernetes client, against a real API server."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from studio_operator.api.common import FINALIZER
from studio_operator.kube.client import ApiError, KubeClient
from studio_operator.kube.resources import Key

from sandbox.access import Access

Run = Callable[[Callable[[KubeClient], Coroutine[Any, Any, None]]], None]


def apply_profile(access: Access, namespace: str, name: str = "alice") -> dict[str, Any]:
    profile = {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": "UserProfile",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"domainRef": {"name": "research"}},
    }
    answer = access.kubectl("apply", "-o", "json", "-f", "-", text_input=json.dumps(profile))
    created: dict[str, Any] = json.loads(answer)
    return created


def test_status_is_exactly_what_was_applied_last(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    version = apply_profile(control_plane, namespace)["metadata"]["resourceVersion"]
    key = Key("UserProfile", namespace, "alice")

    async def scenario(client: KubeClient) -> None:
        first = await client.patch_status(key, version, {"phase": "Pending", "domainId": "d-1"})
        assert first["status"] == {"phase": "Pending", "domainId": "d-1"}
        newer = first["metadata"]["resourceVersion"]
        second = await client.patch_status(key, newer, {"phase": "InService"})
        assert second["status"] == {"phase": "InService"}
        managers = {entry["manager"] for entry in second["metadata"]["managedFields"]}
        assert "studio-operator" in managers

    run_with_client(scenario)


def test_status_is_never_written_to_a_resource_that_was_recreated_or_changed(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    planned_from = apply_profile(control_plane, namespace)["metadata"]["resourceVersion"]
    control_plane.kubectl("delete", "userprofile", "alice", "--namespace", namespace)
    apply_profile(control_plane, namespace)
    key = Key("UserProfile", namespace, "alice")

    async def scenario(client: KubeClient) -> None:
        with pytest.raises(ApiError) as caught:
            await client.patch_status(key, planned_from, {"phase": "InService"})
        assert caught.value.is_conflict

    run_with_client(scenario)


def test_a_resource_that_is_gone_is_not_created_by_its_status(
    namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        key = Key("UserProfile", namespace, "nobody")
        with pytest.raises(ApiError) as caught:
            await client.patch_status(key, "1", {})
        assert caught.value.is_gone

    run_with_client(scenario)


def test_finalizers_are_set_on_the_version_that_was_read_only(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    created = apply_profile(control_plane, namespace)["metadata"]
    key = Key("UserProfile", namespace, "alice")

    async def scenario(client: KubeClient) -> None:
        uid, version = created["uid"], created["resourceVersion"]
        after = await client.set_finalizers(key, uid, version, [FINALIZER])
        assert after["metadata"]["finalizers"] == [FINALIZER]
        with pytest.raises(ApiError) as caught:
            await client.set_finalizers(key, uid, version, [])
        assert caught.value.is_conflict
        await client.set_finalizers(key, uid, after["metadata"]["resourceVersion"], [])

    run_with_client(scenario)


def test_lists_are_complete_over_several_pages(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    names = {f"person-{number}" for number in range(7)}
    for name in names:
        apply_profile(control_plane, namespace, name)

    async def scenario(client: KubeClient) -> None:
        whole = await client.list_resources("UserProfile", namespace)
        assert {item["metadata"]["name"] for item in whole.items} == names
        assert all("managedFields" not in item["metadata"] for item in whole.items)
        assert whole.items[0]["spec"] == {"domainRef": {"name": "research"}}
        metadata = await client.list_metadata("UserProfile", namespace)
        assert {item["metadata"]["name"] for item in metadata.items} == names
        assert all("spec" not in item for item in metadata.items)
        assert int(metadata.resource_version) >= int(whole.resource_version)

    run_with_client(scenario)


def test_lists_of_nothing_are_empty(namespace: str, run_with_client: Run) -> None:
    async def scenario(client: KubeClient) -> None:
        assert (await client.list_resources("Space", namespace)).items == []
        assert (await client.list_metadata("Space", namespace)).items == []

    run_with_client(scenario)


def test_the_cluster_id_is_the_uid_of_kube_system(
    control_plane: Access, run_with_client: Run
) -> None:
    uid = control_plane.kubectl("get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}")

    async def scenario(client: KubeClient) -> None:
        assert await client.cluster_id() == uid

    run_with_client(scenario)
