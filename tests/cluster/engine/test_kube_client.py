"""The Kubernetes client, against a real API server."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from studio_operator.api.common import FINALIZER
from studio_operator.kube.client import KubeClient
from studio_operator.kube.events import build_event
from studio_operator.kube.transport import ApiError
from studio_operator.plan.types import Note

from sandbox.access import Access
from tests.cluster.engine.resources import Run, alice, apply_profile, delete_profile, read_profile


def test_status_is_exactly_what_was_applied_last(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    version = apply_profile(control_plane, namespace)["metadata"]["resourceVersion"]
    key = alice(namespace)

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
    delete_profile(control_plane, namespace)
    apply_profile(control_plane, namespace)

    async def scenario(client: KubeClient) -> None:
        with pytest.raises(ApiError) as caught:
            await client.patch_status(alice(namespace), planned_from, {"phase": "InService"})
        assert caught.value.is_conflict

    run_with_client(scenario)


def test_a_resource_that_is_gone_is_not_created_by_its_status(
    namespace: str, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        with pytest.raises(ApiError) as caught:
            await client.patch_status(alice(namespace, "nobody"), "1", {})
        assert caught.value.is_gone

    run_with_client(scenario)


def test_finalizers_are_set_on_the_version_that_was_read_only(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    created = apply_profile(control_plane, namespace)["metadata"]
    key = alice(namespace)

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
        whole = await client.list_resources("UserProfile", namespace, dict)
        assert {item["metadata"]["name"] for item in whole.items} == names
        assert {item["kind"] for item in whole.items} == {"UserProfile"}
        assert whole.items[0]["spec"] == {"domainRef": {"name": "research"}}
        metadata = await client.list_metadata("UserProfile", namespace, dict)
        assert {item["metadata"]["name"] for item in metadata.items} == names
        assert all("spec" not in item for item in metadata.items)
        assert int(metadata.resource_version) >= int(whole.resource_version)

    run_with_client(scenario)


def test_the_finalizers_of_one_resource_are_read(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    for name in ("alice", "alice-2"):
        apply_profile(control_plane, namespace, name)

    async def scenario(client: KubeClient) -> None:
        key = alice(namespace)
        assert await client.read_finalizers(key) == ()
        raw = read_profile(control_plane, namespace)["metadata"]
        several = ["example.com/one", FINALIZER]
        version = raw["resourceVersion"]
        after = await client.set_finalizers(key, raw["uid"], version, several)
        assert await client.read_finalizers(key) == tuple(several)
        assert await client.read_finalizers(alice(namespace, "alice-2")) == ()
        assert await client.read_finalizers(alice(namespace, "nobody")) == ()
        await client.set_finalizers(key, raw["uid"], after["metadata"]["resourceVersion"], [])

    run_with_client(scenario)


def test_the_uid_of_kube_system_is_read(control_plane: Access, run_with_client: Run) -> None:
    uid = control_plane.kubectl("get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}")

    async def scenario(client: KubeClient) -> None:
        assert await client.kube_system_uid() == uid

    run_with_client(scenario)


def test_an_event_stands_with_its_resource_as_kubectl_describe_shows_it(
    control_plane: Access, namespace: str, run_with_client: Run
) -> None:
    uid = apply_profile(control_plane, namespace)["metadata"]["uid"]
    note = Note("Creating", "CreateUserProfile", "Création " * 500)

    async def scenario(client: KubeClient) -> None:
        now = datetime.now(UTC)
        event = build_event(alice(namespace), uid, note, instance="pod-0", now=now)
        await client.create_event(namespace, event)

    run_with_client(scenario)
    described = control_plane.kubectl("describe", "userprofile", "alice", "-n", namespace)
    assert "Creating" in described.partition("Events:")[2]
    listed = control_plane.kubectl("get", "events.events.k8s.io", "-n", namespace, "-o", "json")
    (event,) = json.loads(listed)["items"]
    assert event["action"] == "CreateUserProfile"
    assert event["reportingController"] == "studio-operator.dev/controller"
    assert event["regarding"]["uid"] == uid
    assert len(event["note"].encode()) <= 1024


def test_a_server_that_does_not_answer_is_an_error_that_may_pass(
    control_plane: Access, run_with_client: Run
) -> None:
    async def scenario(client: KubeClient) -> None:
        client._transport._api.configuration.host = "https://127.0.0.1:1"
        with pytest.raises(ApiError) as caught:
            await client.kube_system_uid()
        assert caught.value.is_transient
        assert "127.0.0.1:1" in str(caught.value)

    run_with_client(scenario)
