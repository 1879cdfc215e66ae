"""What the chart renders is what a real API server takes, for whatever values it is given."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from studio_operator.cli.run import run
from studio_operator.engine.prices import load_prices

from sandbox.access import Access, KubectlError
from tests.chart.cases import CASES, WITHOUT_CRDS
from tests.chart.helm import CHART, ROOT, Helm, Manifest, Values, container_of, of_kind, only
from tests.chart.monitoring import monitoring_crds

CRD = "CustomResourceDefinition"
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@pytest.fixture(scope="session")
def cluster(control_plane: Access) -> Access:
    """A cluster with the CRDs of the Prometheus operator, too."""
    files = [word for path in monitoring_crds() for word in ("-f", str(path))]
    names = control_plane.kubectl("apply", "--server-side", "-o", "name", *files).split()
    control_plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
    return control_plane


@pytest.fixture(scope="module")
def place(cluster: Access) -> str:
    """A namespace that admits only Pods of the restricted standard."""
    name = f"chart-{uuid.uuid4().hex[:10]}"
    cluster.create_namespace(name)
    cluster.kubectl("label", "namespace", name, RESTRICTED)
    return name


@pytest.fixture
def admit(cluster: Access, place: str) -> Callable[[Sequence[Manifest]], str]:
    """Asks the API server whether it would take these."""

    def ask(manifests: Sequence[Manifest]) -> str:
        return cluster.kubectl(
            *("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"),
            text_input=yaml.safe_dump_all([_placed(one, place) for one in manifests]),
        )

    return ask


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    """The manifest in a namespace that exists, if it has one."""
    placed = copy.deepcopy(manifest)
    if "namespace" in placed["metadata"]:
        placed["metadata"]["namespace"] = namespace
    return placed


def pod_of(deployment: Manifest) -> Manifest:
    """A Pod as the Deployment would make it: of those alone it is asked whether they are safe."""
    template = copy.deepcopy(deployment["spec"]["template"])
    name = {"name": "operator", "namespace": deployment["metadata"]["namespace"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": template["metadata"] | name,
        "spec": template["spec"],
    }


@pytest.mark.parametrize("case", CASES)
def test_the_api_server_takes_all_of_it(
    case: str, helm: Helm, admit: Callable[[Sequence[Manifest]], str]
) -> None:
    # The CRDs are the same in all cases, and large.
    manifests = helm.template({**(WITHOUT_CRDS if CASES[case] else {}), **CASES[case]})
    pod = pod_of(only(manifests, "Deployment"))
    answer = admit([*manifests, pod])
    assert answer.count("(server dry run)") == len(manifests) + 1


@pytest.mark.parametrize(
    ("part", "refusal"),
    [
        ("securityContext", "must not set securityContext|runAsNonRoot|seccompProfile"),
        ("containers", "allowPrivilegeEscalation != false"),
    ],
)
def test_a_pod_that_is_less_careful_would_be_refused(
    part: str, refusal: str, helm: Helm, admit: Callable[[Sequence[Manifest]], str]
) -> None:
    pod = pod_of(only(helm.template(WITHOUT_CRDS), "Deployment"))
    (container,) = pod["spec"]["containers"]
    del (pod["spec"] if part == "securityContext" else container)["securityContext"]
    with pytest.raises(KubectlError, match=refusal):
        admit([pod])


def test_an_unknown_field_would_be_refused(
    helm: Helm, admit: Callable[[Sequence[Manifest]], str]
) -> None:
    deployment = only(helm.template(WITHOUT_CRDS), "Deployment")
    deployment["spec"]["unheardOf"] = True
    with pytest.raises(KubectlError, match="unheardOf"):
        admit([deployment])


@pytest.mark.parametrize("case", CASES)
def test_no_two_resources_have_one_name(case: str, helm: Helm) -> None:
    names = [
        (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"])
        for one in helm.template({**WITHOUT_CRDS, **CASES[case]})
    ]
    assert sorted(set(names), key=str) == sorted(names, key=str)


def test_lint_has_no_complaint(helm: Helm) -> None:
    assert "0 chart(s) failed" in helm.run("lint", "--strict", CHART)


def test_the_packaged_chart_renders_the_same(helm: Helm, tmp_path: Path) -> None:
    helm.run("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.iterdir()
    assert helm.template(chart=package) == helm.template()


def test_it_can_be_a_part_of_another_chart(helm: Helm, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text(
        "apiVersion: v2\nname: platform\nversion: 1.0.0\n"
        f"dependencies: [{{name: studio-operator, version: 0.x, repository: 'file://{CHART}'}}]\n"
    )
    helm.run("dependency", "build", tmp_path)
    values = {"global": {"team": "x"}, "studio-operator": {"replicaCount": 3}}
    deployment = only(helm.template(values, chart=tmp_path), "Deployment")
    assert deployment["spec"]["replicas"] == 3


def test_crds_are_those_of_the_repository_and_are_kept(helm: Helm) -> None:
    rendered = {one["metadata"]["name"]: one for one in of_kind(helm.template(), CRD)}
    wanted = [yaml.safe_load(path.read_text()) for path in (ROOT / "crds").glob("*.yaml")]
    assert {name: one["spec"] for name, one in rendered.items()} == {
        one["metadata"]["name"]: one["spec"] for one in wanted
    }
    for one in rendered.values():
        assert one["metadata"]["annotations"] == {
            "helm.sh/resource-policy": "keep",
            "argocd.argoproj.io/sync-options": "Prune=false",
        }


@pytest.mark.parametrize(
    ("values", "told", "untold"),
    [
        ({}, "serves all namespaces", "crds.install=false"),
        ({"watchNamespaces": ["a", "b"]}, "serves the namespaces a, b", "all namespaces."),
        ({"aws": {"region": "eu-west-1"}}, "kubectl explain space.spec", "No aws.region"),
        ({}, "No aws.region is set", "crds.install=false"),
        (WITHOUT_CRDS, "This release left the CRDs alone", "serves the namespaces"),
    ],
)
def test_the_notes_tell_what_to_do_next(values: Values, told: str, untold: str, helm: Helm) -> None:
    words = ("install", "trial", CHART, "--dry-run=client", "--values", "-")
    _, _, notes = helm.run(*words, text=json.dumps(values)).partition("NOTES:")
    assert "kubectl rollout status deployment/trial-studio-operator -n default" in notes
    assert told in notes
    assert untold not in notes


def test_two_releases_of_one_name_in_two_namespaces_do_not_meet(helm: Helm) -> None:
    first, second = (
        {(one["kind"], one["metadata"]["name"]) for one in _without_namespace(rendered)}
        for rendered in (
            helm.template(WITHOUT_CRDS, namespace="one"),
            helm.template(WITHOUT_CRDS, namespace="two"),
        )
    )
    assert first
    assert first & second == set()


def test_a_list_of_namespaces_leaves_no_right_in_the_whole_cluster(helm: Helm) -> None:
    manifests = helm.template({**CASES["one namespace"], **WITHOUT_CRDS})
    assert {one["kind"] for one in _without_namespace(manifests)} == {
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
    assert "--namespace=ml-team" in container_of(manifests)["args"]
    roles = {one["metadata"]["namespace"] for one in of_kind(manifests, "Role")}
    assert roles == {"ml-team", "kube-system", "studio-operator-system"}


def test_a_cluster_id_takes_the_place_of_kube_systems_uid(helm: Helm) -> None:
    manifests = helm.template({**CASES["a cluster that is built anew from Git"], **WITHOUT_CRDS})
    variables = {one["name"]: one.get("value") for one in container_of(manifests)["env"]}
    assert variables["STUDIO_OPERATOR_CLUSTER_ID"] == "team-a.prod_1"
    roles = {one["metadata"]["namespace"] for one in of_kind(manifests, "Role")}
    assert roles == {"studio-operator-system"}


def test_prices_reach_the_operator_in_the_form_that_it_reads(helm: Helm, tmp_path: Path) -> None:
    manifests = helm.template(CASES["prices of one's own"])
    (shown,) = of_kind(manifests, "ConfigMap")
    container = container_of(manifests)
    (mount,) = container["volumeMounts"]
    environment = {one["name"]: one.get("value", "") for one in container["env"]}
    file = Path(environment["STUDIO_OPERATOR_PRICES_FILE"])
    assert str(file.parent) == mount["mountPath"]
    (tmp_path / file.name).write_text(shown["data"][file.name], encoding="utf-8")
    prices = load_prices(str(tmp_path / file.name))
    assert prices.instance_hour("eu-central-1", "ml.t3.medium") == Decimal("0.058")


def test_the_operator_is_called_with_options_that_it_has(helm: Helm) -> None:
    values = {"watchNamespaces": ["a", "b"], "log": {"format": "text", "verbose": True}}
    words = container_of(helm.template(values))["args"]
    chosen = parse(words)
    assert chosen["namespaces"] == ("a", "b")
    assert (chosen["log_format"], chosen["verbose"]) == ("text", True)
    assert chosen["leader_election"] == "on"


def _without_namespace(manifests: Sequence[Manifest]) -> list[Manifest]:
    return [one for one in manifests if "namespace" not in one["metadata"]]


def parse(words: Sequence[str]) -> dict[str, Any]:
    """The operator's own reading of its command line, without the command itself."""
    command, *options = words
    assert command == run.name
    return run.make_context("run", options).params
