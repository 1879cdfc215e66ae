"""The operator's account in a cluster: the ServiceAccount and the roles that the chart renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.access import Access
from sandbox.tools import get_tool
from tests.chart.helm import RELEASE, Helm, Manifest, container_of

NAMESPACE = "studio-operator-system"
KINDS = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}


@dataclass(frozen=True)
class Account:
    """Who the operator is, what it may do, and how the chart calls it.

    ``arguments`` are what follows `run`, ``settings`` the environment variables.
    """

    user: str
    kubeconfig: Path
    manifests: Sequence[Manifest]
    arguments: Sequence[str]
    settings: Mapping[str, str]


def install_account(
    access: Access, folder: Path, *, namespace: str = NAMESPACE, **values: Any
) -> Account:
    """Install what the chart says of the account, and nothing else of it, into a new namespace."""
    helm = Helm(get_tool("helm"), folder / "helm")
    rendered = helm.template({**values, "crds": {"install": False}}, namespace=namespace)
    ours = [one for one in rendered if one["kind"] in KINDS]
    access.create_namespace(namespace)
    access.kubectl("apply", "-f", "-", text_input=yaml.safe_dump_all(ours))
    container = container_of(rendered)
    _, *arguments = container["args"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    # In a Pod the namespace is told by a file.
    settings = variables | {"STUDIO_OPERATOR_LEASE_NAMESPACE": namespace}
    return Account(
        user=f"system:serviceaccount:{namespace}:{RELEASE}",
        kubeconfig=access.service_account_kubeconfig(namespace, RELEASE),
        manifests=ours,
        arguments=arguments,
        settings=settings,
    )
