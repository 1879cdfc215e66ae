"""Nobody but the operator writes status, and it writes nothing that is declared.

Each is tried on a real API server that has the chart, by an account that RBAC allows everything:
what is refused is refused by the policies.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import yaml

from sandbox.access import Access, KubectlError
from tests.chart.cluster import SPACE, Cluster
from tests.chart.helm import CHART, RELEASE, Helm, Values, of_kind, only

OPERATOR = f"system:serviceaccount:studio-operator-system:{RELEASE}"
ATTACKER, BACK_UP, RESCUE = "mallory", "system:serviceaccount:velero:velero", "rescuers"
GARBAGE_COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller"
FINALIZER = "studio-operator.dev/finalizer"
OTHERS_FINALIZER = "example.org/keep"
VALUES = {"admission": {"statusUsers": [BACK_UP], "statusGroups": [RESCUE]}}
ARN = "arn:aws:sagemaker:eu-central-1:111122223333:space/d-victim/churn"
FORGED = {"status": {"arn": ARN, "createdAt": "2026-01-01T00:00:00Z"}}
DENIED = "denied request"


@pytest.fixture(scope="module")
def admin(helm: Helm, bare_access: Access) -> Iterator[Access]:
    """A cluster with the chart, where everybody may do everything with our kinds."""
    cluster = Cluster(helm, bare_access)
    cluster.run("install", RELEASE, CHART, *_set(VALUES))
    cluster.wait_for_crds()
    bare_access.kubectl("apply", "-f", "-", text_input=EVERYBODY)
    yield bare_access
    bare_access.kubectl("delete", "-f", "-", text_input=EVERYBODY)
    cluster.clear()


EVERYBODY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything-of-ours}
rules: [{apiGroups: [studio-operator.dev], resources: ["*"], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: everything-of-ours}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: everything-of-ours}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}]
"""


@pytest.fixture
def space(admin: Access) -> Iterator[Access]:
    """That cluster with one space, of which the operator has said nothing yet."""
    admin.kubectl("apply", "--server-side", "-f", SPACE)
    wait_for_policies(admin)
    yield admin
    admin.kubectl("patch", "-f", SPACE, "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    admin.kubectl("delete", "-f", SPACE, "--ignore-not-found")


def wait_for_policies(admin: Access) -> None:
    """Wait until the API server has taken up both."""
    deadline = time.monotonic() + 30
    while not (
        refusal(admin, ATTACKER, *status_patch(FORGED), "--dry-run=server")
        and refusal(admin, OPERATOR, *patch({"spec": {"displayName": "x"}}), "--dry-run=server")
    ):
        assert time.monotonic() < deadline, "the policies have no effect"
        time.sleep(0.1)


def patch(body: object) -> tuple[str, ...]:
    return ("patch", "-f", str(SPACE), "--type=merge", "-p", json.dumps(body))


def status_patch(body: object) -> tuple[str, ...]:
    return (*patch(body), "--subresource=status")


def refusal(
    access: Access, user: str, *words: str, groups: Sequence[str] = (), text: str | None = None
) -> str:
    """Why the API server refuses it to the user; empty when it does it."""
    member_of = (f"--as-group={group}" for group in ("system:authenticated", *groups))
    try:
        access.kubectl(*words, f"--as={user}", *member_of, text_input=text)
    except KubectlError as error:
        return str(error)
    return ""


def read(access: Access) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(access.kubectl("get", "-f", SPACE, "-o", "json"))
    return found


# --- as an attacker, who may write Spaces and their status in a namespace ---


def test_an_attacker_patches_no_status(space: Access) -> None:
    said = refusal(space, ATTACKER, *status_patch(FORGED))
    assert DENIED in said
    assert "Only the operator writes status" in said
    assert f"name {ATTACKER} in admission.statusUsers" in said
    assert "status" not in read(space)


def test_an_attacker_replaces_no_status(space: Access) -> None:
    forged = json.dumps(read(space) | FORGED)
    words = ("replace", "-f", "-", "--subresource=status")
    assert DENIED in refusal(space, ATTACKER, *words, text=forged)
    assert refusal(space, ATTACKER, "replace", "-f", "-", text=forged) == ""
    assert "status" not in read(space)


def test_an_attacker_applies_no_status(space: Access) -> None:
    forged = yaml.safe_load(SPACE.read_text()) | FORGED
    words = ("apply", "--server-side", "--subresource=status", "-f", "-")
    assert DENIED in refusal(space, ATTACKER, *words, text=json.dumps(forged))
    assert refusal(space, ATTACKER, *words[:2], *words[3:], text=json.dumps(forged)) == ""
    assert "status" not in read(space)


def test_an_attacker_creates_nothing_with_a_status(space: Access) -> None:
    forged = yaml.safe_load(SPACE.read_text()) | FORGED
    space.kubectl("delete", "-f", SPACE)
    assert refusal(space, ATTACKER, "create", "-f", "-", text=json.dumps(forged)) == ""
    assert "status" not in read(space)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("StudioDomain", {"domainId": "d-abcdefgh1234"}),
        ("UserProfile", {"domainRef": {"name": "research"}}),
    ],
)
def test_an_attacker_writes_no_status_of_another_kind(
    kind: str, spec: dict[str, Any], space: Access
) -> None:
    made = {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": "forged", "namespace": "ml-team"},
        "spec": spec,
    }
    space.kubectl("apply", "-f", "-", text_input=json.dumps(made))
    words = ("patch", kind, "forged", "-n", "ml-team", "--type=merge", "--subresource=status")
    said = refusal(space, ATTACKER, *words, "-p", json.dumps(FORGED))
    space.kubectl("delete", kind, "forged", "-n", "ml-team")
    assert DENIED in said


def test_everybody_else_still_edits_what_is_declared(space: Access) -> None:
    annotation = {"metadata": {"annotations": {"studio-operator.dev/requested-at": "now"}}}
    assert refusal(space, ATTACKER, *patch(annotation)) == ""
    assert refusal(space, ATTACKER, *patch({"spec": {"displayName": "new"}})) == ""


# --- as those who need it ---


@pytest.mark.parametrize(
    ("user", "groups"), [(OPERATOR, ()), (BACK_UP, ()), ("anna", (RESCUE,))], ids=str
)
def test_the_operator_back_up_tools_and_rescuers_write_status(
    user: str, groups: tuple[str, ...], space: Access
) -> None:
    assert refusal(space, user, *status_patch(FORGED), groups=groups) == ""
    assert read(space)["status"]["arn"] == ARN


def test_a_finalizer_that_replace_drops_is_put_back_by_the_operator(space: Access) -> None:
    ours = {"metadata": {"finalizers": [FINALIZER]}}
    assert refusal(space, OPERATOR, *patch(ours)) == ""
    assert refusal(space, ATTACKER, "replace", "-f", str(SPACE)) == ""
    assert "finalizers" not in read(space)["metadata"]
    assert refusal(space, OPERATOR, *patch(ours)) == ""
    assert read(space)["metadata"]["finalizers"] == [FINALIZER]


def test_the_garbage_collector_and_the_namespace_controller_work(space: Access) -> None:
    space.kubectl(*patch({"metadata": {"finalizers": ["foregroundDeletion"]}}))
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}
    for metadata in ({"ownerReferences": [owner]}, {"ownerReferences": None}, {"finalizers": None}):
        assert refusal(space, GARBAGE_COLLECTOR, *patch({"metadata": metadata})) == ""
    every = "/apis/studio-operator.dev/v1alpha1/namespaces/ml-team/spaces"
    assert refusal(space, NAMESPACE_CONTROLLER, "delete", "--raw", every) == ""
    assert space.kubectl("get", "-f", SPACE, "--ignore-not-found") == ""
    space.kubectl("apply", "--server-side", "-f", SPACE)


# --- as the operator's account in wrong hands, with every right that RBAC has ---


@pytest.mark.parametrize(
    "body",
    [
        {"spec": {"instanceType": "ml.p4d.24xlarge"}},
        {"metadata": {"annotations": {"studio-operator.dev/recreate": "x"}}},
        {"metadata": {"labels": {"team": "x"}}},
        {
            "metadata": {
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}
                ]
            }
        },
        {"metadata": {"finalizers": [FINALIZER]}},
    ],
    ids=["spec", "annotation", "label", "owner", "somebody's finalizer"],
)
def test_the_operators_account_changes_nothing_that_others_wrote(
    body: dict[str, Any], space: Access
) -> None:
    space.kubectl(*patch({"metadata": {"finalizers": [OTHERS_FINALIZER]}}))
    before = read(space)
    assert "The operator's account changes no" in refusal(space, OPERATOR, *patch(body))
    assert read(space) == before


def test_the_operators_account_makes_and_deletes_nothing(space: Access) -> None:
    neither = "neither creates nor deletes"
    assert neither in refusal(space, OPERATOR, "delete", "-f", str(SPACE), "--wait=false")
    other = SPACE.read_text().replace("name: churn-notebooks", "name: other", 1)
    assert neither in refusal(space, OPERATOR, "create", "-f", "-", text=other)


# --- values ---


def test_two_releases_for_two_namespaces_leave_each_other_alone(helm: Helm) -> None:
    first, second = (
        helm.template({"watchNamespaces": [name], "crds": {"install": False}}, namespace=name)
        for name in ("team-a", "team-b")
    )
    names = [
        {one["metadata"]["name"] for one in of_kind(some, "ValidatingAdmissionPolicy")}
        for some in (first, second)
    ]
    assert names[0] & names[1] == set()
    for binding in of_kind(second, "ValidatingAdmissionPolicyBinding"):
        (chosen,) = binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"]
        assert chosen == {
            "key": "kubernetes.io/metadata.name",
            "operator": "In",
            "values": ["team-b"],
        }


def test_the_policies_name_the_account_that_the_operator_runs_with(helm: Helm) -> None:
    account = {"create": False, "name": "made-by-terraform"}
    rendered = helm.template({"serviceAccount": account}, namespace="elsewhere")
    (policy,) = (
        one
        for one in of_kind(rendered, "ValidatingAdmissionPolicy")
        if one["metadata"]["name"].startswith("declared.")
    )
    pod = only(rendered, "Deployment")["spec"]["template"]["spec"]
    user = f"system:serviceaccount:elsewhere:{pod['serviceAccountName']}"
    (condition,) = policy["spec"]["matchConditions"]
    assert condition["expression"] == f'request.userInfo.username == "{user}"'


def test_who_may_make_no_policies_installs_without(helm: Helm) -> None:
    values = {"admission": {"protectStatus": False}, "crds": {"install": False}}
    kinds = {one["kind"] for one in helm.template(values)}
    assert not [kind for kind in kinds if "Policy" in kind and kind != "NetworkPolicy"]


def _set(values: Values) -> tuple[str, ...]:
    return tuple(
        word
        for group, members in values.items()
        for name, value in members.items()
        for word in ("--set-json", f"{group}.{name}={json.dumps(value)}")
    )
