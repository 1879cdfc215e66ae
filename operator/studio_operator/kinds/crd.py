"""The CustomResourceDefinition of a kind, made from its models."""

from __future__ import annotations

from typing import Any

from studio_operator.api.common import GROUP, VERSION, cel
from studio_operator.api.schema import Schema, structural_schema
from studio_operator.kinds.managed_kind import Column, ManagedKind


def custom_resource_definition(kind: ManagedKind) -> dict[str, Any]:
    """The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {
                # kubectl asks for a category in one namespace: nothing of the whole cluster may be
                # shown there, let alone deleted by `kubectl delete studio --all`.
                **({"categories": ["studio"]} if kind.is_namespaced else {}),
                "kind": kind.name,
                "listKind": f"{kind.name}List",
                "plural": kind.plural,
                "shortNames": [kind.short_name],
                "singular": kind.name.lower(),
            },
            "scope": "Namespaced" if kind.is_namespaced else "Cluster",
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": [_column(column) for column in kind.columns],
                    "selectableFields": [{"jsonPath": path} for path in kind.selectable_fields],
                    "schema": {"openAPIV3Schema": resource_schema(kind)},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def resource_schema(kind: ManagedKind) -> Schema:
    """The schema of a whole resource of the kind."""
    schema = structural_schema(kind.model)
    members = schema["properties"]
    members["spec"] |= cel(*kind.spec_rules)
    return {
        "description": schema["description"],
        "type": "object",
        **cel(*kind.root_rules),
        "required": schema["required"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            **members,
        },
    }


def _column(column: Column) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.json_path,
        "description": column.description,
    }
    return {**printed, "priority": 1} if column.wide else printed
