"""The operator's account in a cluster: the ServiceAccount and the roles that the chart renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.access import ADMIN_GROUP, Access
from sandbox.tools import get_tool
from tests.chart.helm import RELEASE, Helm, Manifest, container_of

NAMESPACE = "studio-operator-system"
RIGHTS = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
POLICIES = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
# Where a test installs an account of its own beside the one that all tests share.
FOR_ALL_NAMESPACES, FOR_A_LIST = "system-for-all", "system-for-a-list"
# Tests that take a status away, or forge one, do so as the administrator. Accounts that are
# installed beside each other let each other write.
STATUS_WRITERS = {
    "statusUsers": [
        f"system:serviceaccount:{one}:{RELEASE}"
        for one in (NAMESPACE, FOR_ALL_NAMESPACES, FOR_A_LIST)
    ],
    "statusGroups": [ADMIN_GROUP],
}


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
    """Install what the chart says of the account, and nothing else of it, into a new namespace.

    That are its rights, and the policies on what it and others write.
    """
    helm = Helm(get_tool("helm"), folder / "helm")
    given = {"admission": STATUS_WRITERS, **values, "crds": {"install": False}}
    rendered = helm.template(given, namespace=namespace)
    ours = [one for one in rendered if one["kind"] in RIGHTS | POLICIES]
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
