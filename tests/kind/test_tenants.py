"""Teams share a cluster and an operator that serves their namespaces and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox.access import KubectlError
from tests.e2e.team import Tenant
from tests.kind.conftest import MakeTenant
from tests.kind.kubectl import Kubectl
from tests.kind.release import NAME, NAMESPACE, Release

ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{NAME}"
# A look at all of AWS takes a second here, and nothing else happens in the meantime.
UNSERVED_LOOKS = 2


@dataclass(frozen=True)
class Teams:
    """Two that are served, and one that is not."""

    ours: Tenant
    theirs: Tenant
    outside: Tenant


@pytest.fixture
def teams(release: Release, make_tenant: MakeTenant) -> Iterator[Teams]:
    """Teams with nothing in their namespaces; the operator goes before the namespaces do."""
    teams = Teams(make_tenant(), make_tenant(), make_tenant())
    release.ensure(watchNamespaces=[teams.ours.namespace, teams.theirs.namespace])
    yield teams
    release.uninstall()


def test_tenants_are_kept_apart(teams: Teams, kubectl: Kubectl) -> None:
    ours, theirs, outside = teams.ours, teams.theirs, teams.outside
    outside.apply(outside.domain())
    ours.settle_in()
    reference = {"name": "research", "namespace": ours.namespace}
    theirs.apply(theirs.profile("bob", domainRef=reference))
    theirs.apply(theirs.space("fraud", domainRef=reference, ownerRef={"name": "bob"}))
    for kind, name in (("UserProfile", "bob"), ("Space", "fraud")):
        refused = theirs.wait_reason(kind, name, "NamespaceNotAllowed")
        assert refused.has("Stalled")
        assert theirs.namespace in refused.message

    ours.edit("StudioDomain", "research", allowedNamespaces=[theirs.namespace])
    theirs.wait_ready("Space", "fraud")
    assert ours.instance_type("fraud") == "ml.t3.medium"

    ours.wait_looks(UNSERVED_LOOKS)
    unserved = outside.get("StudioDomain", "research")
    assert unserved is not None
    assert unserved.status == {}
    check_rights(teams, kubectl)


def check_rights(teams: Teams, kubectl: Kubectl) -> None:
    """See that the operator may work in the namespaces it serves, and nowhere else."""
    served = (teams.ours.namespace, teams.theirs.namespace)
    for verb, resource in (("list", "spaces"), ("patch", "spaces"), ("watch", "studiodomains")):
        for namespace in served:
            assert may(kubectl, verb, resource, "--namespace", namespace)
        assert not may(kubectl, verb, resource, "--namespace", teams.outside.namespace)
        assert not may(kubectl, verb, resource, "--all-namespaces")
    assert not may(kubectl, "delete", "spaces", "--namespace", served[0])
    assert cluster_wide_bindings(kubectl) == []


def may(kubectl: Kubectl, verb: str, resource: str, *place: str) -> bool:
    """Whether the operator's ServiceAccount is allowed to."""
    try:
        answer = kubectl("auth", "can-i", verb, resource, "--as", ACCOUNT, *place)
    except KubectlError as refusal:
        if "ended with 1:\nno" not in str(refusal):  # kubectl's way to say no
            raise
        return False
    return answer.startswith("yes")


def cluster_wide_bindings(kubectl: Kubectl) -> list[str]:
    """Return the ClusterRoleBindings that name the operator's ServiceAccount."""
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    return [
        binding["metadata"]["name"]
        for binding in kubectl.get("clusterrolebindings")
        if any(subject.items() <= one.items() for one in binding.get("subjects", ()))
    ]
