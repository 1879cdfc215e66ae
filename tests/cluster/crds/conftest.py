"""A namespace of the real API server for each module's resources."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from kubernetes.client import CustomObjectsApi

from sandbox.access import Access
from tests.cluster.crds.resources import Resources


@pytest.fixture(scope="module")
def resources(control_plane: Access) -> Iterator[Resources]:
    """The custom resources of a namespace that a whole module shares."""
    namespace = f"test-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(namespace)
    with control_plane.api_client() as client:
        resources = Resources(CustomObjectsApi(client), namespace)
        yield resources
        resources.clear()  # what is in no namespace, others would see
