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
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS

from sandbox.access import Access, KubectlError
from tests.docs.pages import DOCS, ROOT, page, section

WITHIN_SECONDS = 30
REFERENCES = {"domainRef": {"name": "research"}, "ownerRef": {"name": "alice"}, "app": "JupyterLab"}
ROLES = "arn:aws:iam::123456789012:role"


def resources() -> list[dict[str, Any]]:
    """What the page shows: a Role, a policy and its binding."""
    sections = ("Who is who", "A policy for a tenant")
    text = "".join(section(page("security.md"), one) for one in sections)
    blocks = [one for one in page("security.md").blocks if one.language == "yaml"]
    assert all(block.text in text for block in blocks)
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


def _resource(kind: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    required = {
        "Space": REFERENCES,
        "UserProfile": {"domainRef": REFERENCES["domainRef"]},
        "StudioDomain": {},
    }
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": "tried", "namespace": namespace},
        "spec": {**required[kind], **spec},
    }


def _refusal(access: Access, namespace: str, kind: str, spec: dict[str, Any]) -> str | None:
    """What the API server says against it, or None."""
    text = json.dumps(_resource(kind, namespace, spec))
    try:
        access.kubectl("apply", "--dry-run=server", "-f", "-", text_input=text)
    except KubectlError as refusal:
        return str(refusal)
    return None


ARN = "arn:aws:sagemaker:eu-central-1"
OWN, OTHERS = f"{ARN}:123456789012", f"{ARN}:210987654321"
SCRIPT = f"{OTHERS}:studio-lifecycle-config/ml-team-install"
IMAGE, VERSION = f"{OTHERS}:image/ml-team-tools", f"{OTHERS}:image-version/ml-team-tools/1"
LARGE = "ml.p4d.24xlarge"
EFS, LUSTRE = (
    {"efs": {"fileSystemId": "fs-0123456789abcdef0"}},
    {"fsxLustre": {"fileSystemId": "fs-0123456789abcdef0"}},
)
NAMESPACE_DOMAIN = {"domainId": "d-abcdefgh1234"}


def of_app(app: str, **members: Any) -> dict[str, Any]:
    """Settings of a UserProfile's app."""
    return {"userSettings": {app: members}}


def by_default(app: str, **members: Any) -> dict[str, Any]:
    return of_app(app, defaultResourceSpec=members)


# Each way around that an attacker may think of, by what the policy says to it.
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("Space", {"instanceType": LARGE}, "instance types must be"),
    (
        "Space",
        {"instanceType": "ml.t3.medium", "fallbackInstanceTypes": ["ml.t3.large", LARGE]},
        "instance types must be",
    ),
    ("Space", {"storage": {"sizeGiB": 16384}}, "100 GiB at most"),
    ("Space", {"storage": {"sizeGiB": 5, "fileSystems": [EFS]}}, "file systems must be"),
    ("Space", {"storage": {"sizeGiB": 5, "fileSystems": [LUSTRE]}}, "file systems must be"),
    ("Space", {"image": {"imageArn": IMAGE}}, "images must be"),
    ("Space", {"image": {"imageArn": f"{OWN}:image/other"}}, "images must be"),
    (
        "Space",
        {"image": {"imageArn": f"{OWN}:image/ml-team-tools", "versionArn": VERSION}},
        "images must be",
    ),
    ("Space", {"lifecycleConfigArn": SCRIPT}, "lifecycle configurations must be"),
    ("Space", {"deletionPolicy": "Delete"}, "deletionPolicy Delete is not"),
    ("Space", {"adopt": True}, "adopt is for the platform team"),
    ("Space", {"backup": {"s3Uri": "s3://elsewhere/ml-team"}}, "backup.s3Uri must be"),
    ("Space", {"backup": {"s3Uri": "s3://studio-backups/ml-team-b"}}, "backup.s3Uri must be"),
    ("Space", {"remoteAccess": "Enabled"}, "remoteAccess is not"),
    ("Space", {"tags": {"team": "finance"}}, "the tag team must be"),
    ("UserProfile", {"adopt": True}, "adopt is for the platform team"),
    ("UserProfile", {"deletionPolicy": "Delete"}, "deletionPolicy Delete is not"),
    ("UserProfile", {"tags": {"team": "finance"}}, "the tag team must be"),
    *(
        ("UserProfile", {"userSettings": {"executionRole": role}}, "executionRole must be")
        for role in (
            f"{ROLES}/administrator",
            f"{ROLES}/studio-execution-ml-team-x/administrator",
            "arn:aws:iam::210987654321:role/studio-execution-ml-team-x",
        )
    ),
    (
        "UserProfile",
        {"userSettings": {"securityGroups": ["sg-0fedcba9876543210"]}},
        "security groups must be",
    ),
    (
        "UserProfile",
        {"userSettings": {"posixUser": {"uid": 10001, "gid": 1001}}},
        "posixUser is for the platform team",
    ),
    *(
        ("UserProfile", {"userSettings": {"fileSystems": [one]}}, "file systems must be")
        for one in (
            {"efs": {**EFS["efs"], "path": "/"}},
            {"fsxLustre": {**LUSTRE["fsxLustre"], "path": "/"}},
        )
    ),
    (
        "UserProfile",
        {"userSettings": {"spaceStorage": {"defaultGiB": 5, "maximumGiB": 16384}}},
        "100 GiB at most",
    ),
    *(
        (
            "UserProfile",
            by_default(app, **members),
            word,
        )
        for app in ("jupyterLab", "codeEditor")
        for members, word in (
            ({"instanceType": LARGE}, "instance types must be"),
            ({"imageArn": IMAGE}, "images must be"),
            (
                {"imageArn": f"{OWN}:image/ml-team-tools", "versionArn": VERSION},
                "images must be",
            ),
            ({"lifecycleConfigArn": SCRIPT}, "lifecycle configurations must be"),
        )
    ),
    *(
        ("UserProfile", of_app(app, lifecycleConfigArns=[SCRIPT]), "lifecycle configurations must")
        for app in ("jupyterLab", "codeEditor")
    ),
    ("StudioDomain", NAMESPACE_DOMAIN, "StudioDomains are for the platform team"),
]
# What reaches nothing that is not the tenant's own, and why.
HARMLESS = {
    # How its own app behaves, when, and what people see of it.
    *("spec.state", "spec.sharing", "spec.app", "spec.displayName", "spec.spaceName"),
    *("spec.schedule", "spec.idleShutdown", "spec.maxRunTime", "spec.startTimeout"),
    *("spec.resizePolicy", "spec.resizeWindow", "spec.drift", "spec.stopPolicy", "spec.rollback"),
    # The domain says who may come in; the owner is of this namespace.
    *("spec.domainRef", "spec.ownerRef"),
    # SageMaker's own images, and versions of an image that is bounded by its ARN.
    *("spec.image.distribution", "spec.image.versionAlias"),
    *(
        f"spec.userSettings.{app}.{member}"
        for app in ("jupyterLab", "codeEditor")
        for member in ("defaultResourceSpec.versionAlias", "idle", "codeRepositories")
    ),
    # Offered for people to clone, and run by none.
    *("spec.codeRepositories", "spec.userSettings.jupyterServer.codeRepositories"),
    # Who the person is, as the page says; where Studio opens.
    *("spec.userProfileName", "spec.singleSignOn"),
    *("spec.userSettings.defaultLandingUri", "spec.userSettings.studioWebPortal"),
    # What is copied is the space's own.
    *("spec.backup.before",),
}


@pytest.mark.parametrize(("kind", "spec", "word"), REFUSED)
@pytest.mark.usefixtures("limits")
def test_the_policy_refuses(
    kind: str, spec: dict[str, Any], word: str, control_plane: Access, namespace: str
) -> None:
    assert word in str(_refusal(control_plane, namespace, kind, spec))


@pytest.mark.parametrize("kind", ["Space", "UserProfile"])
def test_each_field_is_bounded_or_known_to_reach_nothing(kind: str) -> None:
    tried = {path for one, spec, _ in REFUSED if one == kind for path in _leaves(spec, "spec")}
    left = {
        path
        for path in _fields(kind)
        if path not in tried
        and not any(path == one or path.startswith(f"{one}.") for one in HARMLESS)
    }
    assert left == set()


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and path != "spec.tags":
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path


def _fields(kind: str) -> Iterator[str]:
    """The fields of a kind's spec, as the CRD has them."""
    schema = resource_schema(next(one for one in KINDS if one.name == kind))
    yield from _fields_of(schema["properties"]["spec"], "spec")


def _fields_of(schema: Any, path: str) -> Iterator[str]:
    inner = schema.get("items", schema)
    if members := inner.get("properties"):
        for name, one in members.items():
            yield from _fields_of(one, f"{path}.{name}")
    else:
        yield path


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Space", {}),
        ("Space", {"instanceType": "ml.t3.medium", "deletionPolicy": "Retain", "adopt": False}),
        ("Space", {"backup": {"s3Uri": "s3://studio-backups/ml-team"}, "remoteAccess": "Disabled"}),
        (
            "Space",
            {
                "instanceType": "ml.t3.medium",
                "fallbackInstanceTypes": ["ml.m5.large"],
                "storage": {
                    "sizeGiB": 100,
                    "fileSystems": [{"efs": {"fileSystemId": "fs-0a1b2c3d4e5f60718"}}],
                },
                "image": {"imageArn": f"{OWN}:image/ml-team-tools"},
                "lifecycleConfigArn": f"{OWN}:studio-lifecycle-config/ml-team-install",
                "tags": {"team": "ml-team", "cost-centre": "4711"},
            },
        ),
        ("UserProfile", {}),
        (
            "UserProfile",
            {
                "userSettings": {
                    "executionRole": f"{ROLES}/studio-execution-ml-team-alice",
                    "securityGroups": ["sg-0a1b2c3d4e5f60718"],
                    "jupyterLab": {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}},
                }
            },
        ),
    ],
)
@pytest.mark.usefixtures("limits")
def test_the_policy_admits(
    kind: str, spec: dict[str, Any], control_plane: Access, namespace: str
) -> None:
    assert _refusal(control_plane, namespace, kind, spec) is None


@pytest.mark.usefixtures("limits")
def test_what_exists_already_is_in_nobodys_way(control_plane: Access, namespace: str) -> None:
    """The platform team's StudioDomain gets the operator's finalizer, and no new spec."""
    domain = _resource("StudioDomain", namespace, NAMESPACE_DOMAIN)
    platform = ("--as=petra", "--as-group=platform-team", "--as-group=system:masters")
    control_plane.kubectl("create", "-f", "-", *platform, text_input=json.dumps(domain))
    patch = ("patch", "studiodomain", "tried", "-n", namespace, "--type=merge", "-p")
    held = {"metadata": {"finalizers": ["studio-operator.dev/finalizer"]}}
    control_plane.kubectl(*patch, json.dumps(held))
    with pytest.raises(KubectlError, match="StudioDomains are for the platform team"):
        control_plane.kubectl(*patch, json.dumps({"spec": {"allowedNamespaces": ["*"]}}))
    control_plane.kubectl(*patch, json.dumps({"metadata": {"finalizers": None}}))
    control_plane.kubectl("delete", "studiodomain", "tried", "-n", namespace)


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


@pytest.mark.parametrize(("file", "fewest"), [("image", 11), ("sbom", 11), ("plugin", 2)])
def test_every_package_of_what_is_released_is_pinned_by_a_hash(file: str, fewest: int) -> None:
    text = (ROOT / f"constraints-{file}.txt").read_text(encoding="utf-8")
    pinned = text.replace("\\\n", "").splitlines()
    packages = [line for line in pinned if line and not line.strip().startswith("#")]
    assert len(packages) >= fewest
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
