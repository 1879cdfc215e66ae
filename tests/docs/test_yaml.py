"""What the documentation shows as YAML is what the API server takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import pytest
import yaml
from studio_operator.api.common import API_VERSION, GROUP

from sandbox.access import Access, KubectlError
from tests.docs.pages import ROOT, Block, all_blocks

# What a block that shows only some fields of a spec is completed with, by the page it is on.
MINIMAL: dict[str, tuple[str, dict[str, Any]]] = {
    "space": (
        "Space",
        {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": "JupyterLab"},
    ),
    "userprofile": ("UserProfile", {"domainRef": {"name": "research"}}),
    "studiodomain": ("StudioDomain", {"domainId": "d-a1b2c3d4e5f6"}),
}
# Kinds that the tests' API server does not have, by their groups, and what checks them instead.
ELSEWHERE = {
    "argoproj.io": "the CRDs of Argo CD; its tests read our examples with its own code",
    "kustomize.config.k8s.io": "no resource of a cluster: kubectl builds it",
    "kustomize.toolkit.fluxcd.io": "the CRDs of Flux",
    "source.toolkit.fluxcd.io": "the CRDs of Flux",
    "notification.toolkit.fluxcd.io": "the CRDs of Flux",
    "helm.toolkit.fluxcd.io": "the CRDs of Flux",
    "monitoring.coreos.com": "the CRDs of the Prometheus operator; the chart's tests render them",
    "kind.x-k8s.io": "no resource of a cluster: kind reads it",
    "eksctl.io": "no resource of a cluster: eksctl reads it",
}
VALUES = json.loads(
    (ROOT / "charts/studio-operator/values.schema.json").read_text(encoding="utf-8")
)


def documents(block: Block) -> Iterator[dict[str, Any]]:
    """The resources of a block that the API server knows; part of a spec is made a resource."""
    for document in yaml.safe_load_all(block.text):
        if document.keys() == {"spec"}:
            kind, spec = MINIMAL[PurePath(block.page).stem]
            yield {
                "apiVersion": API_VERSION,
                "kind": kind,
                "metadata": {"name": "fragment"},
                "spec": {**spec, **document["spec"]},
            }
        elif "kind" in document and _group(document) not in ELSEWHERE:
            yield document


def _group(document: Mapping[str, Any]) -> str:
    return str(document["apiVersion"]).rpartition("/")[0]


APPLIED = [block for block in all_blocks("yaml") if list(documents(block))]


def test_blocks_of_our_kinds_are_found() -> None:
    pages = {block.page for block in APPLIED}
    assert {"docs/kinds/space.md", "docs/kinds/userprofile.md", "docs/how-to/adopt.md"} <= pages
    assert {"docs/start.md", "docs/security.md", "docs/coming-from/ack.md"} <= pages


@pytest.mark.parametrize("block", APPLIED, ids=str)
def test_the_api_server_admits_it(block: Block, control_plane: Access) -> None:
    stream = [_moved(document) for document in documents(block)]
    text = yaml.safe_dump_all(stream, sort_keys=False)
    control_plane.kubectl("apply", "--dry-run=server", "-f", "-", text_input=text)


def test_a_field_that_does_not_exist_would_be_noticed(control_plane: Access) -> None:
    ours = (document for block in APPLIED for document in documents(block))
    document = _moved(next(one for one in ours if _group(one) == GROUP))
    document["spec"]["unheardOf"] = True
    with pytest.raises(KubectlError, match="unheardOf"):
        control_plane.kubectl(
            "apply", "--dry-run=server", "-f", "-", text_input=yaml.safe_dump(document)
        )


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=str)
def test_every_block_is_a_resource_or_something_else_that_is_known(block: Block) -> None:
    for document in yaml.safe_load_all(block.text):
        assert _kind_of_file(document) is not None


def _kind_of_file(document: Mapping[Any, Any]) -> str | None:
    """What the file is that a block shows; YAML reads the key `on` as True."""
    if {"apiVersion", "kind"} <= document.keys():
        return "resource"
    if document.keys() == {"spec"}:
        return "part of a spec"
    if {True, "jobs"} <= document.keys():
        return "GitHub workflow"
    if all(isinstance(value, dict) and "script" in value for value in document.values()):
        return "GitLab jobs"
    if document.keys() <= VALUES["properties"].keys():
        return "values of the chart"
    return None


def test_a_file_of_no_known_kind_would_be_noticed() -> None:
    assert _kind_of_file({"unheardOf": True}) is None


def _moved(document: dict[str, Any]) -> dict[str, Any]:
    """The resource in a namespace that exists, if it is in one at all."""
    in_one = "namespace" in document["metadata"] or _group(document) == GROUP
    place = {"namespace": "default"} if in_one else {}
    return {**document, "metadata": {**document["metadata"], **place}}
