"""A resource that is in no namespace, against a real API server, by the clients of the product.

Run in a copy of the project that has the made-up kind, in a cluster that has its CRD.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

from kubernetes.client import ApiClient, Configuration, CustomObjectsApi
from kubernetes.config import load_kube_config
from studio_operator.api.common import API_VERSION, FINALIZER, GROUP, VERSION
from studio_operator.engine.declared.entries import Entry
from studio_operator.kube.client import KubeClient
from studio_operator.kube.events import build_event
from studio_operator.kube.resources import Key
from studio_operator.plan.types import Note
from studio_operator.plugin.kube.cluster import Cluster

KEY = Key("Roster", "", "on-call")
SPEC = {"domainRef": {"name": "research", "namespace": "ml-team"}, "people": ["alice"]}


def configuration() -> Configuration:
    made = Configuration()
    load_kube_config(  # type: ignore[no-untyped-call]
        os.environ["KUBECONFIG"], client_configuration=made
    )
    return made


def test_the_operator_lists_holds_writes_and_tells_of_it() -> None:
    body = {"apiVersion": API_VERSION, "kind": "Roster", "metadata": {"name": KEY.name}}
    objects = CustomObjectsApi(ApiClient(configuration()))
    objects.create_cluster_custom_object(GROUP, VERSION, "rosters", {**body, "spec": SPEC})

    async def scenario(client: KubeClient) -> None:
        def read(raw: dict[str, Any]) -> Entry:
            return Entry.from_raw({**raw, "kind": "Roster"})

        listed = await client.list_resources("Roster", None, read)
        (entry,) = listed.items
        assert entry.key == KEY
        held = await client.set_finalizers(KEY, entry.uid, str(entry.version), [FINALIZER])
        version = held["metadata"]["resourceVersion"]
        assert await client.read_finalizers(KEY) == (FINALIZER,)
        written = await client.patch_status(KEY, version, {"phase": "InService"})
        assert written["status"] == {"phase": "InService"}
        note = Note("InService", "BecomeReady", "1 name in turn")
        event = build_event(KEY, entry.uid, note, instance="test", now=datetime.now(UTC))
        await client.create_event(KEY.namespace_of_events, event)

    client = KubeClient(configuration(), threads=2, timeout_seconds=20.0, page_size=10)
    asyncio.run(asyncio.wait_for(scenario(client), 60))

    person = Cluster(configuration(), "ml-team")
    found = person.get("Roster", KEY.name)
    assert found["status"] == {"phase": "InService"}
    assert [one["metadata"]["name"] for one in person.list_all("Roster")] == [KEY.name]
    annotated = person.annotate(KEY, {"note": "x"})["metadata"]
    assert annotated["annotations"] == {"note": "x"}
    (told,) = person.events(KEY.namespace_of_events, regarding_uid=found["metadata"]["uid"])
    assert told["regarding"]["name"] == KEY.name

    version = annotated["resourceVersion"]
    asyncio.run(client.set_finalizers(KEY, annotated["uid"], version, []))
    objects.delete_cluster_custom_object(GROUP, VERSION, "rosters", KEY.name)
    assert person.find("Roster", KEY.name) is None
