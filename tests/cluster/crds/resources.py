"""Custom resources on the real API server, created and changed as users do."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from kubernetes.client import ApiException, CustomObjectsApi
from studio_operator.api.common import GROUP, VERSION
from studio_operator.kinds.registry import KINDS

from tests.unit.api.schema_cases import merge

PLURALS = {kind.name: kind.plural for kind in KINDS}
OF_THE_CLUSTER = {kind.name for kind in KINDS if not kind.is_namespaced}


class Refusal(Exception):  # noqa: N818 - the API server's answer, not a fault of ours
    """The API server refused a resource; the text is what a user reads."""


@dataclass(frozen=True)
class Resources:
    """The custom resources of one namespace, and of none.

    All calls raise Refusal when the server refuses.
    """

    api: CustomObjectsApi
    namespace: str
    of_the_cluster: list[tuple[str, str]] = field(default_factory=list)

    def clear(self) -> None:
        """Delete what is in no namespace."""
        for kind, name in self.of_the_cluster:
            self.api.delete_cluster_custom_object(GROUP, VERSION, PLURALS[kind], name)

    def try_create(self, kind: str, content: dict[str, Any]) -> None:
        """Ask whether the server would take a new resource; nothing stays."""
        self._post(kind, content, dry_run="All")

    def create(self, kind: str, content: dict[str, Any], name: str | None = None) -> str:
        """Create a resource, under a fresh name unless one is given; with its status; the name."""
        name = name or f"case-{uuid.uuid4().hex[:10]}"
        self._post(kind, merge(content, {"metadata": {"name": name}}))
        if kind in OF_THE_CLUSTER:
            self.of_the_cluster.append((kind, name))
        if "status" in content:
            self._patch(kind, name, {"status": content["status"]}, status=True)
        return name

    def try_change(self, kind: str, name: str, patch: dict[str, Any]) -> None:
        """Ask whether the server would take a merge patch; of status if it holds only status."""
        self._patch(kind, name, patch, status=patch.keys() == {"status"}, dry_run="All")

    def _post(self, kind: str, content: dict[str, Any], **options: str) -> None:
        frame = {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, "metadata": {"name": "example"}}
        body = merge(frame, content)
        if kind in OF_THE_CLUSTER:
            self._call(
                self.api.create_cluster_custom_object,
                *(GROUP, VERSION, PLURALS[kind], body),
                **options,
            )
            return
        self._call(
            self.api.create_namespaced_custom_object,
            *(GROUP, VERSION, self.namespace, PLURALS[kind], body),
            **options,
        )

    def _patch(
        self, kind: str, name: str, patch: dict[str, Any], *, status: bool, **options: str
    ) -> None:
        if kind in OF_THE_CLUSTER:
            change = (
                self.api.patch_cluster_custom_object_status
                if status
                else self.api.patch_cluster_custom_object
            )
            self._call(change, *(GROUP, VERSION, PLURALS[kind], name), patch, **options)
            return
        call = (
            self.api.patch_namespaced_custom_object_status
            if status
            else self.api.patch_namespaced_custom_object
        )
        place = (GROUP, VERSION, self.namespace, PLURALS[kind], name)
        self._call(call, *place, patch, **options)

    def _call(self, call: Any, *arguments: Any, **options: str) -> None:
        try:
            call(*arguments, field_validation="Strict", **options)
        except ApiException as error:
            raise Refusal(json.loads(error.body or "{}")["message"]) from error
