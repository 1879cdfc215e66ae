"""What the documentation shows as YAML is what the API server takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import pytest
import yaml
from studio_operator.api.common import API_VERSION, GROUP

from sandbox.access import Access, KubectlError
from tests.docs.pages import Block, all_blocks

# What a block that shows only some fields of a spec is completed with, by the page it is on.
MINIMAL: dict[str, tuple[str, dict[str, Any]]] = {
    "space": (
        "Space",
        {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": "JupyterLab"},
    ),
    "userprofile": ("UserProfile", {"domainRef": {"name": "research"}}),
    "studiodomain": ("StudioDomain", {"domainId": "d-a1b2c3d4e5f6"}),
}


def our_documents(block: Block) -> Iterator[dict[str, Any]]:
    """The resources of our kinds in a block; part of a spec is made a resource."""
    for document in yaml.safe_load_all(block.text):
        if str(document.get("apiVersion", "")).startswith(GROUP):
            yield document
        elif document.keys() == {"spec"}:
            kind, spec = MINIMAL[PurePath(block.page).stem]
            yield {
                "apiVersion": API_VERSION,
                "kind": kind,
                "metadata": {"name": "fragment"},
                "spec": {**spec, **document["spec"]},
            }


OURS = [block for block in all_blocks("yaml") if list(our_documents(block))]


def test_blocks_of_our_kinds_are_found() -> None:
    pages = {block.page for block in OURS}
    assert {"docs/kinds/space.md", "docs/kinds/userprofile.md", "docs/how-to/adopt.md"} <= pages


@pytest.mark.parametrize("block", OURS, ids=str)
def test_the_api_server_admits_it(block: Block, control_plane: Access) -> None:
    stream = [_moved(document) for document in our_documents(block)]
    text = yaml.safe_dump_all(stream, sort_keys=False)
    control_plane.kubectl("apply", "--dry-run=server", "-f", "-", text_input=text)


def test_a_field_that_does_not_exist_would_be_noticed(control_plane: Access) -> None:
    document = _moved(next(our_documents(OURS[0])))
    document["spec"]["unheardOf"] = True
    with pytest.raises(KubectlError, match="unheardOf"):
        control_plane.kubectl(
            "apply", "--dry-run=server", "-f", "-", text_input=yaml.safe_dump(document)
        )


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=str)
def test_every_block_is_yaml_with_a_kind_or_part_of_a_spec(block: Block) -> None:
    for document in yaml.safe_load_all(block.text):
        assert {"apiVersion", "kind"} <= document.keys() or document.keys() == {"spec"}


def _moved(document: dict[str, Any]) -> dict[str, Any]:
    """The resource in a namespace that exists."""
    return {**document, "metadata": {**document["metadata"], "namespace": "default"}}
