"""What people see and type: tables, short names, selectors, explanations."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_operator.kinds.crd import resource_schema
from studio_operator.kinds.registry import KINDS
from studio_operator.kinds.space.kind import SPACE

from sandbox.access import Access, KubectlError
from tests.cluster.crds.resources import Resources
from tests.unit.api.schema_cases import ROLE

SHARED_ROLE = f"{ROLE}-shared"
EXPLAINED_WITHIN_SECONDS = 20.0
GRANTED_WITHIN_SECONDS = 20.0
READY = {
    "type": "Ready",
    "status": "True",
    "lastTransitionTime": "2026-01-02T03:04:05Z",
    "reason": "AsDeclared",
    "message": "AWS-matches-the-spec",
}
NOT_READY = {**READY, "status": "False", "reason": "PendingRestart"}
# By kind: name, spec and status of what is in the namespace.
PRESENT: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "StudioTenant": {
        "kubectl-churn": (
            {"namespaces": {"names": ["churn"]}, "enforcement": "Block"},
            {"namespaceCount": 1, "conditions": [READY]},
        ),
        "kubectl-forecast": ({"namespaces": {"names": ["forecast"]}}, {"conditions": [NOT_READY]}),
    },
    "StudioDomain": {
        "research": (
            {
                "vpcId": "vpc-1",
                "subnetIds": ["subnet-1"],
                "defaultUserSettings": {"executionRole": ROLE},
            },
            {
                "phase": "InService",
                "conditions": [READY],
                "domainId": "d-a1b2c3",
                "authMode": "IAM",
                "network": "VpcOnly",
                "domainName": "research",
                "region": "eu-central-1",
                "homeEfsFileSystemId": "fs-0a1b2c3d",
                "sharedSpaces": {"executionRole": SHARED_ROLE},
            },
        ),
        "taken-over": ({"domainId": "d-d4e5f6"}, {"phase": "Pending"}),
    },
    "UserProfile": {
        "alice": (
            {"domainRef": {"name": "research"}},
            {
                "phase": "InService",
                "conditions": [READY],
                "userProfileName": "alice",
                "domainId": "d-a1b2c3",
                "executionRole": ROLE,
            },
        ),
        "bob": ({"domainRef": {"name": "other"}}, {"phase": "Pending"}),
    },
    "Space": {
        "churn": (
            {
                "domainRef": {"name": "research"},
                "ownerRef": {"name": "alice"},
                "app": "JupyterLab",
                "instanceType": "ml.m5.large",
                "storage": {"sizeGiB": 50},
            },
            {
                "phase": "Resizing",
                "conditions": [READY],
                "sharing": "Private",
                "app": "JupyterLab",
                "instanceType": "ml.t3.medium",
                "storageGiB": 20,
                "effective": {
                    "state": "Running",
                    "by": "Spec",
                    "trigger": "Running ml.m5.large",
                    "stopsAt": "2026-11-22T18:00:00Z",
                },
            },
        ),
        "features": (
            {
                "domainRef": {"name": "other"},
                "ownerRef": {"name": "bob"},
                "app": "CodeEditor",
                "sharing": "Shared",
            },
            {"phase": "Stopped", "conditions": [NOT_READY]},
        ),
    },
}
# By kind: the table's head, its wide end, and a row without the age.
TABLES = {
    "StudioTenant": (
        "NAME ENFORCEMENT NAMESPACES READY AGE",
        "MESSAGE",
        "kubectl-churn Block 1 True <age> AWS-matches-the-spec",
    ),
    "StudioDomain": (
        "NAME ID AUTH NETWORK STATUS READY AGE",
        "AWS-NAME REGION EXECUTION-ROLE SHARED-ROLE HOME-EFS MESSAGE",
        "research d-a1b2c3 IAM VpcOnly InService True <age> "
        f"research eu-central-1 {ROLE} {SHARED_ROLE} fs-0a1b2c3d AWS-matches-the-spec",
    ),
    "UserProfile": (
        "NAME DOMAIN STATUS READY AGE",
        "AWS-NAME DOMAIN-ID EXECUTION-ROLE MESSAGE",
        f"alice research InService True <age> alice d-a1b2c3 {ROLE} AWS-matches-the-spec",
    ),
    "Space": (
        "NAME DOMAIN OWNER SHARING APP INSTANCE STORAGE STATUS READY AGE",
        "DESIRED COST/H STOPS-AT MESSAGE",
        "churn research alice Private JupyterLab ml.t3.medium 20 Resizing True <age> "
        "Running 2026-11-22T18:00:00Z AWS-matches-the-spec",
    ),
}
SELECTORS = [
    ("spaces", "spec.domainRef.name=research", "churn"),
    ("spaces", "spec.ownerRef.name=bob", "features"),
    ("spaces", "status.phase=Stopped", "features"),
    ("spaces", "spec.ownerRef.name=alice,status.phase=Resizing", "churn"),
    ("userprofiles", "spec.domainRef.name=research", "alice"),
    ("userprofiles", "status.phase=Pending", "bob"),
    ("studiodomains", "spec.domainId=d-d4e5f6", "taken-over"),
    ("studiodomains", "status.domainId=d-a1b2c3", "research"),
    ("studiodomains", "status.phase=Pending", "taken-over"),
]
FIELDS = [
    "spaces",
    "spaces.spec",
    "spaces.spec.storage.sizeGiB",
    "spaces.status.phase",
    "userprofiles.spec.userSettings.executionRole",
    "studiodomains.spec.network",
]


@pytest.fixture(scope="module")
def team(control_plane: Access, resources: Resources) -> str:
    """A namespace with two resources of each kind."""
    for kind, contents in PRESENT.items():
        for name, (spec, status) in contents.items():
            resources.create(kind, {"spec": spec, "status": status}, name=name)
    return resources.namespace


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_table_shows_what_aws_shows(control_plane: Access, team: str, kind: Any) -> None:
    head, wide_head, row = TABLES[kind.name]
    narrow = control_plane.kubectl("get", kind.plural, "-n", team).splitlines()
    wide = control_plane.kubectl("get", kind.plural, "-n", team, "-o", "wide").splitlines()
    assert narrow[0].split() == head.split()
    assert wide[0].split() == f"{head} {wide_head}".split()
    cells = next(line.split() for line in wide if line.split()[0] == row.split()[0])
    age = head.split().index("AGE")
    assert re.fullmatch(r"\d+m?s", cells[age])
    assert [*cells[:age], "<age>", *cells[age + 1 :]] == row.split()


def is_ours(found: str) -> bool:
    """Whether a name is of these tests: what is in no namespace, others may have as well."""
    kind, _, name = found.partition("/")
    return not kind.startswith("studiotenant") or name in PRESENT["StudioTenant"]


@pytest.mark.parametrize(("plural", "selector", "name"), SELECTORS)
def test_a_field_selector_finds_the_one(
    control_plane: Access, team: str, plural: str, selector: str, name: str
) -> None:
    found = control_plane.kubectl(
        *("get", plural, "-n", team, "--field-selector", selector),
        *("-o", "jsonpath={.items[*].metadata.name}"),
    )
    assert found == name


def test_every_selectable_field_is_tried() -> None:
    tried = {
        (plural, term.split("=")[0]) for plural, terms, _ in SELECTORS for term in terms.split(",")
    }
    declared = {
        (kind.plural, path.removeprefix(".")) for kind in KINDS for path in kind.selectable_fields
    }
    assert tried == declared


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_short_name_does(control_plane: Access, team: str, kind: Any) -> None:
    found = control_plane.kubectl("get", kind.short_name, "-n", team, "-o", "name").split()
    names = [one for one in found if is_ours(one)]
    group = f"{kind.name.lower()}.studio-operator.dev"
    assert names == [f"{group}/{name}" for name in sorted(PRESENT[kind.name])]


def test_the_category_shows_all_that_is_in_a_namespace_and_no_more(
    control_plane: Access, team: str, tmp_path: Path
) -> None:
    # kubectl keeps what a server offers for hours, by the server's address: ours are used again.
    fresh = f"--cache-dir={tmp_path}"
    found = control_plane.kubectl("get", "studio", "-n", team, "-o", "name", fresh).split()
    assert sorted(found) == sorted(
        f"{kind.name.lower()}.studio-operator.dev/{name}"
        for kind in KINDS
        if kind.is_namespaced
        for name in PRESENT[kind.name]
    )
    # What is in no namespace is asked for by name, also together with the category.
    both = control_plane.kubectl("get", "studio,studiotenants", "-A", "-o", "name", fresh).split()
    assert {"studiotenant.studio-operator.dev/kubectl-churn", *found} <= set(both)


def test_the_category_is_enough_for_rights_in_one_namespace(
    control_plane: Access, team: str, tmp_path: Path
) -> None:
    control_plane.kubectl(
        "create", "role", "studio", "-n", team, "--verb=list", "--resource=*.studio-operator.dev"
    )
    control_plane.kubectl(
        "create", "rolebinding", "studio", "-n", team, "--role=studio", "--user=scientist"
    )
    scientist = control_plane.user_kubeconfig("scientist")
    deadline = time.monotonic() + GRANTED_WITHIN_SECONDS
    while True:  # a right that was just granted is refused for a moment
        try:
            found = control_plane.kubectl(
                "get", "studio", "-n", team, "-o", "name",
                f"--kubeconfig={scientist}", f"--cache-dir={tmp_path}",
            )  # fmt: skip
            break
        except KubectlError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)
    assert f"space.studio-operator.dev/{next(iter(PRESENT['Space']))}" in found.split()


def test_deleting_all_of_the_category_in_a_namespace_spares_the_whole_cluster(
    control_plane: Access, team: str, tmp_path: Path
) -> None:
    gone = control_plane.kubectl(
        "delete", "studio", "--all", "-n", team, "--dry-run=server", "-o", "name",
        f"--cache-dir={tmp_path}",
    )  # fmt: skip
    assert gone
    assert "studiotenant" not in gone


@pytest.mark.parametrize("field", FIELDS)
def test_explain_prints_our_description(control_plane: Access, field: str) -> None:
    plural, *path = field.split(".")
    schema = resource_schema(next(kind for kind in KINDS if kind.plural == plural))
    for member in path:
        schema = schema["properties"][member]
    assert schema["description"] in " ".join(explain(control_plane, field).split())


def explain(control_plane: Access, field: str) -> str:
    """What `kubectl explain` prints; the server publishes a new CRD's schema after a moment."""
    deadline = time.monotonic() + EXPLAINED_WITHIN_SECONDS
    while True:
        try:
            return control_plane.kubectl("explain", field)
        except KubectlError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)


WAITS = [
    ("condition=Ready", "space/churn"),
    ("condition=Ready=False", "space/features"),
    ("jsonpath={.status.phase}=Stopped", "space/features"),
    ("jsonpath={.status.instanceType}=ml.t3.medium", "space/churn"),
    ("condition=Ready", "studiodomain/research"),
    ("jsonpath={.status.domainId}", "sdom/research"),
]


@pytest.mark.parametrize(("what", "resource"), WAITS)
def test_wait_ends_when_the_status_says_so(
    control_plane: Access, team: str, what: str, resource: str
) -> None:
    told = control_plane.kubectl("wait", f"--for={what}", resource, "-n", team, "--timeout=10s")
    assert told.endswith("condition met\n")


def test_wait_does_not_end_before(control_plane: Access, team: str) -> None:
    with pytest.raises(KubectlError, match="timed out"):
        control_plane.kubectl(
            *("wait", "--for=condition=Ready", "space/features", "-n", team, "--timeout=0.3s")
        )


def described(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every field below a schema that holds a value or a list of values, by its path."""
    for name, member in schema.get("properties", {}).items():
        if "properties" in member:
            yield from described(member, f"{path}.{name}")
        else:
            yield f"{path}.{name}", member
        yield from described(member.get("items", {}), f"{path}.{name}")


SPACE_FIELDS = dict(
    described(resource_schema(SPACE)["properties"]["spec"], "spaces.spec"),
)


@pytest.mark.parametrize("field", SPACE_FIELDS)
def test_explain_shows_values_or_an_example(field: str) -> None:
    schema = SPACE_FIELDS[field]
    if "enum" not in schema:  # kubectl lists these by itself
        hint = "true or false" if schema["type"] == "boolean" else "example"
        assert hint in schema["description"]


def test_explain_lists_the_values_of_an_enumeration(control_plane: Access) -> None:
    told = explain(control_plane, "spaces.spec.resizePolicy")
    values = SPACE_FIELDS["spaces.spec.resizePolicy"]["enum"]
    assert "ENUM:" in told
    assert [value for value in values if value not in told] == []


@pytest.mark.parametrize("field", SPACE_FIELDS)
def test_explain_tells_the_unit_of_a_number(field: str) -> None:
    if SPACE_FIELDS[field]["type"] in {"integer", "number"}:
        assert re.search(r"\b(GiB|minutes|seconds|hours)\b", SPACE_FIELDS[field]["description"])


def test_a_misspelt_field_is_refused(control_plane: Access, team: str) -> None:
    with pytest.raises(KubectlError) as refusal:
        control_plane.kubectl(
            *("apply", "-n", team, "-f", "-"),
            text_input="""
                apiVersion: studio-operator.dev/v1alpha1
                kind: Space
                metadata: {name: misspelt}
                spec:
                  domainRef: {name: research}
                  ownerRef: {name: alice}
                  app: JupyterLab
                  instancetype: ml.t3.medium
            """,
        )
    assert 'unknown field "spec.instancetype"' in str(refusal.value)
