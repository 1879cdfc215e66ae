"""Takes away what the suite puts on a cluster, and what an interrupted run has left."""

from __future__ import annotations

from kubernetes.client import ApiClient
from studio_operator.api.common import GROUP

from tests.e2e.cluster import PLURALS, Cluster
from tests.kind.kubectl import Kubectl
from tests.kind.release import NAMESPACE, SUITE_LABEL, Release

CRDS = [f"{plural}.{GROUP}" for plural in PLURALS.values()]


class ClusterInUseError(RuntimeError):
    """Somebody else uses the operator here, and the suite would take it away."""


def clean(kubectl: Kubectl, client: ApiClient, release: Release, *, wait: bool) -> None:
    """Remove the release, our resources, the suite's namespaces, and the CRDs.

    The namespaces take some seconds to go, for which one may ``wait`` or not. Raises
    ClusterInUseError when any of this is not the suite's, whose namespaces have a label.
    """
    labelled = kubectl.get("namespaces", "--selector", SUITE_LABEL)
    ours = {one["metadata"]["name"] for one in labelled}
    holding = _namespaces_that_hold_resources(kubectl)
    if foreign := (holding | _namespaces_of_the_operator(kubectl)) - ours:
        raise ClusterInUseError(
            f"this cluster has resources of {GROUP}, or the operator, in {sorted(foreign)}, and "
            "the suite would delete them: give it another cluster"
        )
    release.uninstall()
    for namespace in holding:
        Cluster(client, namespace).clear()
    for namespace in sorted(ours):
        kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")
    _let_crds_go(kubectl)
    kubectl("delete", "crd", *CRDS, "--ignore-not-found")
    if wait and ours:
        names = (f"namespace/{name}" for name in sorted(ours))
        kubectl("wait", "--for=delete", *names, "--timeout=90s")


def _let_crds_go(kubectl: Kubectl) -> None:
    """Take away the policy against deletions, and annotate: it holds for a moment longer."""
    policy = "crd-deletion.studio-operator.dev"
    kinds = "validatingadmissionpolicybinding,validatingadmissionpolicy"
    kubectl("delete", kinds, policy, "--ignore-not-found")
    for one in kubectl.get("crd"):
        if (name := one["metadata"]["name"]) in CRDS:
            kubectl("annotate", "crd", name, "studio-operator.dev/allow-deletion=true")


def _namespaces_that_hold_resources(kubectl: Kubectl) -> set[str]:
    known = [one["metadata"]["name"] for one in kubectl.get("crd")]
    kinds = ",".join(name for name in CRDS if name in known)
    found = kubectl.get(kinds, "--all-namespaces") if kinds else []
    return {one["metadata"]["namespace"] for one in found}


def _namespaces_of_the_operator(kubectl: Kubectl) -> set[str]:
    name = kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output", "name")
    return {NAMESPACE} if name else set()
