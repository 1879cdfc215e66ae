"""What a platform team puts into Argo CD: settings, order, notifications, an ApplicationSet."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.assets import get_assets
from tests.gitops.folders import CUSTOMIZATIONS, GITOPS
from tests.gitops.recorded import load
from tests.gitops.tools import ArgoCD, EngineError

Raw = dict[str, Any]
ARGOCD = GITOPS / "argocd"
STALLED = "CreateSpace was refused: the quota is 0."
PENDING = "waiting for the app to be stopped"


def build(folder: Path) -> list[Raw]:
    """What Kustomize makes of a folder."""
    built = subprocess.run(
        [get_assets().kubectl, "kustomize", folder, "--load-restrictor=LoadRestrictionsNone"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return list(yaml.safe_load_all(built.stdout))


def test_helm_values_hold_the_same_as_the_patch() -> None:
    values = load(ARGOCD / "helm-values.yaml")
    assert values["configs"]["cm"] == load(ARGOCD / "argocd-cm.yaml")["data"]


def test_the_component_keeps_what_else_is_in_the_config_maps(tmp_path: Path) -> None:
    component = Path("..") / ARGOCD.relative_to("/")
    names = ("argocd-cm", "argocd-notifications-cm")
    for name in names:
        metadata = {"name": name, "namespace": "argocd"}
        config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        content = yaml.safe_dump(config_map | {"data": {"url": "https://argocd.example.com"}})
        (tmp_path / f"{name}.yaml").write_text(content)
    up = Path(*[".."] * (len(tmp_path.resolve().parts) - 2))
    overlay = {
        "resources": [f"{name}.yaml" for name in names],
        "components": [str(up / component)],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    for built in build(tmp_path):
        ours = load(ARGOCD / f"{built['metadata']['name']}.yaml")["data"]
        assert built["data"] == ours | {"url": "https://argocd.example.com"}


def test_resources_get_waves_and_protection() -> None:
    built = build(ARGOCD / "example" / "teams" / "ml-team")
    prefix = "argocd.argoproj.io"
    seen = {
        (one["kind"], one["metadata"].get("annotations", {}).get(f"{prefix}/sync-wave"))
        for one in built
    }
    assert seen == {
        ("Namespace", None),
        ("StudioDomain", "0"),
        ("UserProfile", "1"),
        ("Space", "2"),
    }
    for one in built:
        options = one["metadata"].get("annotations", {}).get(f"{prefix}/sync-options", "")
        is_guarded = "Prune=confirm,Delete=confirm" in options
        assert is_guarded is (one["kind"] in {"StudioDomain", "Space"})


@pytest.mark.parametrize("file", ["applicationset.yaml", "project.yaml"])
def test_argo_cd_knows_every_field_of_the_examples(engine: ArgoCD, file: str) -> None:
    resource = load(ARGOCD / "example" / file)
    assert engine.ask("check", object=resource) == {}
    with pytest.raises(EngineError, match="unknown field"):
        engine.ask("check", object=resource | {"spec": resource["spec"] | {"nonsense": 1}})


def test_a_domain_links_to_studio_once_it_has_a_url(engine: ArgoCD) -> None:
    domain = load(CUSTOMIZATIONS / "StudioDomain" / "testdata" / "healthy_in_service.yaml")
    url = domain["status"]["url"]
    assert engine.ask("links", object=domain) == [{"title": "Open in Studio", "url": url}]
    new = load(CUSTOMIZATIONS / "StudioDomain" / "testdata" / "progressing_no_status.yaml")
    assert engine.ask("links", object=new) == []


def resource(kind: str, name: str, status: str, message: str = "") -> Raw:
    """An entry in the status of an Application."""
    health = {"status": status, "message": message}
    place = {"group": "studio-operator.dev", "kind": kind, "namespace": "ml-team", "name": name}
    return place | {"health": health}


def notifications(engine: ArgoCD, *resources: Raw) -> dict[str, Raw]:
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "studio-ml-team", "namespace": "argocd"},
        "status": {"resources": list(resources)} if resources else {},
    }
    return {one["trigger"]: one for one in engine.ask("notify", object=application)}


def test_a_stalled_resource_is_notified_with_its_reason(engine: ArgoCD) -> None:
    fine = resource("Space", "fine", "Healthy")
    sent = notifications(engine, fine, resource("Space", "churn", "Degraded", STALLED))
    assert set(sent) == {"on-studio-stalled"}
    assert f"- Space ml-team/churn: {STALLED}" in sent["on-studio-stalled"]["message"]
    assert "fine" not in sent["on-studio-stalled"]["message"]
    assert sent["on-studio-stalled"]["oncePer"] == f"Space/churn: {STALLED}"


def test_a_change_that_waits_for_a_stop_is_notified(engine: ArgoCD) -> None:
    sent = notifications(engine, resource("Space", "churn", "Progressing", PENDING))
    assert set(sent) == {"on-studio-pending-restart"}
    assert f"- ml-team/churn: {PENDING}" in sent["on-studio-pending-restart"]["message"]


@pytest.mark.parametrize(
    "resources",
    [
        (),
        (resource("Space", "churn", "Healthy"), resource("Space", "two", "Progressing", "waits")),
        ({"group": "apps", "kind": "Deployment", "name": "web", "health": {"status": "Degraded"}},),
        ({"group": "studio-operator.dev", "kind": "Space", "name": "without-health"},),
    ],
    ids=["empty", "well", "of-others", "health-not-persisted"],
)
def test_nothing_else_is_notified(engine: ArgoCD, resources: tuple[Raw, ...]) -> None:
    assert notifications(engine, *resources) == {}


def test_the_words_that_a_trigger_looks_for_are_the_operators() -> None:
    path = CUSTOMIZATIONS / "Space" / "testdata" / "progressing_pending_restart.yaml"
    [message] = [
        one["message"] for one in load(path)["status"]["conditions"] if one["type"] == "Ready"
    ]
    assert message.startswith("waiting for the app to be stopped")
