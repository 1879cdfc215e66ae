"""The ClusterRole of the page Operate allows what the operator asks of Kubernetes, and no more."""

from __future__ import annotations

import uuid

import pytest
import yaml
from studio_operator.api.common import GROUP
from studio_operator.api.kinds import KINDS

from sandbox.access import Access, KubectlError
from tests.docs.pages import page, section

PLURALS = [kind.plural for kind in KINDS]
NEEDED = [
    *((verb, f"{plural}.{GROUP}") for plural in PLURALS for verb in ("list", "watch", "patch")),
    *(("patch", f"{plural}.{GROUP}/status") for plural in PLURALS),
    ("create", "events.events.k8s.io"),
    *((verb, "leases.coordination.k8s.io") for verb in ("get", "create", "update")),
    ("get", "namespaces/kube-system"),
]
REFUSED = [
    ("delete", f"spaces.{GROUP}"),
    ("create", f"spaces.{GROUP}"),
    ("get", "secrets"),
    ("get", "namespaces/default"),
    ("delete", "leases.coordination.k8s.io"),
]


@pytest.fixture(scope="module")
def user(control_plane: Access) -> str:
    """A user with the page's ClusterRole."""
    text = section(page("how-to/operate.md"), "Permissions in Kubernetes")
    role = yaml.safe_load(text.split("```")[1].removeprefix("yaml"))
    name = f"docs-{uuid.uuid4().hex[:10]}"
    role["metadata"]["name"] = name
    control_plane.kubectl("apply", "-f", "-", text_input=yaml.safe_dump(role))
    control_plane.kubectl(
        "create", "clusterrolebinding", name, "--clusterrole", name, "--user", name
    )
    return name


@pytest.mark.parametrize(("verb", "resource"), NEEDED)
def test_what_the_operator_does_is_allowed(
    verb: str, resource: str, user: str, control_plane: Access
) -> None:
    assert _may(control_plane, user, verb, resource)


@pytest.mark.parametrize(("verb", "resource"), REFUSED)
def test_what_it_never_does_is_not(
    verb: str, resource: str, user: str, control_plane: Access
) -> None:
    assert not _may(control_plane, user, verb, resource)


def _may(control_plane: Access, user: str, verb: str, resource: str) -> bool:
    words = ["auth", "can-i", verb, resource, "--as", user, "-n", "kube-system"]
    if resource.endswith("/status"):
        words[3:4] = [resource.removesuffix("/status"), "--subresource", "status"]
    try:
        return control_plane.kubectl(*words).startswith("yes")
    except KubectlError as refusal:
        if "ended with 1:" not in str(refusal):  # kubectl's way to say no
            raise
        return False
