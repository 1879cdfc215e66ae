"""What the page Security tells admins to apply does what it says."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from studio_operator.api.common import API_VERSION, GROUP

from sandbox.access import Access, KubectlError
from tests.docs.pages import DOCS, ROOT, page, section

WITHIN_SECONDS = 30
REFERENCES = {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": "JupyterLab"}
ROLES = "arn:aws:iam::123456789012:role"


def resources() -> list[dict[str, Any]]:
    """What the page shows: a Role, a policy and its binding."""
    text = section(page("security.md"), "Who is who")
    blocks = [block for block in page("security.md").blocks if block.text in text]
    return [document for block in blocks for document in yaml.safe_load_all(block.text)]


@pytest.fixture(scope="module")
def namespace(control_plane: Access) -> str:
    name = f"docs-{uuid.uuid4().hex[:10]}"
    control_plane.create_namespace(name)
    return name


@pytest.fixture(scope="module")
def limits(control_plane: Access, namespace: str) -> Iterator[None]:
    """The policy and its binding, for a namespace of the test; they are gone after it."""
    text = yaml.safe_dump_all(resources()[1:])
    named = text.replace("studio-team-limits", namespace).replace(": ml-team", f": {namespace}")
    control_plane.kubectl("apply", "-f", "-", text_input=named)
    deadline = time.monotonic() + WITHIN_SECONDS
    while _refusal(control_plane, namespace, "Space", {"adopt": True}) is None:
        assert time.monotonic() < deadline, "the API server does not enforce the policy"
        time.sleep(0.1)
    yield
    control_plane.kubectl("delete", "-f", "-", text_input=named)


def _refusal(access: Access, namespace: str, kind: str, spec: dict[str, Any]) -> str | None:
    """What the API server says against it, or None."""
    required = REFERENCES if kind == "Space" else {"domainRef": REFERENCES["domainRef"]}
    resource = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "tried", "namespace": namespace},
        "spec": {**required, **spec},
    }
    try:
        access.kubectl("apply", "--dry-run=server", "-f", "-", text_input=json.dumps(resource))
    except KubectlError as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize(
    ("kind", "spec", "word"),
    [
        ("Space", {"instanceType": "ml.p4d.24xlarge"}, "instanceType must be"),
        ("Space", {"deletionPolicy": "Delete"}, "deletionPolicy Delete is not"),
        ("Space", {"adopt": True}, "adopt is for the platform team"),
        ("Space", {"backup": {"s3Uri": "s3://elsewhere/ml-team"}}, "backup.s3Uri must be"),
        ("Space", {"remoteAccess": "Enabled"}, "remoteAccess is not"),
        ("UserProfile", {"adopt": True}, "adopt is for the platform team"),
        ("UserProfile", {"deletionPolicy": "Delete"}, "deletionPolicy Delete is not"),
        (
            "UserProfile",
            {"userSettings": {"executionRole": f"{ROLES}/administrator"}},
            "executionRole must be",
        ),
    ],
)
@pytest.mark.usefixtures("limits")
def test_the_policy_refuses(
    kind: str, spec: dict[str, Any], word: str, control_plane: Access, namespace: str
) -> None:
    assert word in str(_refusal(control_plane, namespace, kind, spec))


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Space", {}),
        ("Space", {"instanceType": "ml.t3.medium", "deletionPolicy": "Retain", "adopt": False}),
        ("Space", {"backup": {"s3Uri": "s3://studio-backups/ml-team"}, "remoteAccess": "Disabled"}),
        ("UserProfile", {}),
        ("UserProfile", {"userSettings": {"executionRole": f"{ROLES}/studio-ml-team-alice"}}),
    ],
)
@pytest.mark.usefixtures("limits")
def test_the_policy_admits(
    kind: str, spec: dict[str, Any], control_plane: Access, namespace: str
) -> None:
    assert _refusal(control_plane, namespace, kind, spec) is None


@pytest.mark.usefixtures("limits")
def test_the_policy_leaves_other_namespaces_alone(control_plane: Access) -> None:
    assert _refusal(control_plane, "default", "Space", {"adopt": True}) is None


@pytest.fixture(scope="module")
def member(control_plane: Access, namespace: str) -> str:
    """A user with the page's Role."""
    role = resources()[0]
    name = role["metadata"]["name"]
    role["metadata"]["namespace"] = namespace
    control_plane.kubectl("apply", "-f", "-", text_input=yaml.safe_dump(role))
    control_plane.kubectl(
        *("create", "rolebinding", name, "-n", namespace, f"--role={name}", f"--user={namespace}")
    )
    return namespace


@pytest.mark.parametrize(
    ("verb", "plural", "allowed"),
    [
        ("create", "spaces", True),
        ("delete", "spaces", True),
        ("get", "userprofiles", True),
        ("create", "userprofiles", False),
        ("patch", "studiodomains", False),
    ],
)
def test_a_member_of_a_team_may_write_spaces_only(
    verb: str, plural: str, allowed: bool, control_plane: Access, namespace: str, member: str
) -> None:
    words = ("auth", "can-i", verb, f"{plural}.{GROUP}", "--as", member, "-n", namespace)
    try:
        answer = control_plane.kubectl(*words).strip()
    except KubectlError as refusal:
        answer = (
            "no" if "ended with 1:" in str(refusal) else str(refusal)
        )  # kubectl's way to say no
    assert answer == ("yes" if allowed else "no")


def test_the_operator_may_not_sign_anybody_in() -> None:
    policies = sorted((DOCS / "how-to").glob("iam-policy*.json"))
    assert policies
    assert [path for path in policies if "Presigned" in path.read_text(encoding="utf-8")] == []


def test_every_package_of_the_image_is_pinned_by_a_hash() -> None:
    text = (ROOT / "constraints-image.txt").read_text(encoding="utf-8")
    pinned = text.replace("\\\n", "").splitlines()
    packages = [line for line in pinned if line and not line.strip().startswith("#")]
    assert len(packages) > 10
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
