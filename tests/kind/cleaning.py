"""Takes away what the suite puts on a cluster, and what an interrupted run has left."""

from __future__ import annotations

from kubernetes.client import ApiClient
from studio_operator.api.common import GROUP

from tests.e2e.cluster import PLURALS, Cluster
from tests.kind.kubectl import Kubectl
from tests.kind.programs import SuiteError
from tests.kind.release import SUITE_LABEL, Release

CRDS = [f"{plural}.{GROUP}" for plural in PLURALS.values()]


def clean(kubectl: Kubectl, client: ApiClient, release: Release, *, wait: bool) -> None:
    """Remove the release, our resources, the suite's namespaces, and the CRDs.

    The namespaces take some seconds to go, for which one may ``wait`` or not.

    Raises SuiteError when somebody else uses our kinds here: the suite would take them away.
    """
    ours = {one["metadata"]["name"] for one in kubectl.get("namespaces", "-l", SUITE_LABEL)}
    used = _namespaces_in_use(kubectl)
    if used - ours:
        raise SuiteError(
            f"the namespaces {sorted(used - ours)} of this cluster hold resources of {GROUP}, and "
            "the suite would delete their kinds: give it another cluster"
        )
    release.uninstall()
    for namespace in used:
        Cluster(client, namespace).clear()
    if ours:
        kubectl(
            "delete", "namespace", *sorted(ours), "--ignore-not-found", f"--wait={wait}".lower()
        )
    kubectl("delete", "crd", *CRDS, "--ignore-not-found")


def _namespaces_in_use(kubectl: Kubectl) -> set[str]:
    """Return the namespaces that hold resources of our kinds."""
    known = [one["metadata"]["name"] for one in kubectl.get("crd")]
    kinds = ",".join(name for name in CRDS if name in known)
    found = kubectl.get(kinds, "--all-namespaces") if kinds else []
    return {one["metadata"]["namespace"] for one in found}
