"""A cluster to install into. CRDs belong to no namespace, so no other tests share it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes.client import ApiException, ApiextensionsV1Api, CustomObjectsApi
from studio_operator.api.common import GROUP, VERSION
from studio_operator.kinds.registry import KINDS

from sandbox.access import Access
from tests.chart.helm import ROOT, Helm

PLACE = ("--namespace", "studio-operator-system", "--create-namespace")
NAMES = {f"{kind.plural}.{GROUP}" for kind in KINDS}
ESTABLISHED = ("--for=condition=Established", "--timeout=30s", "crd", *sorted(NAMES))
SPACE = ROOT / "examples" / "gitops" / "churn-notebooks.yaml"
NEW_FIELD = "mood"
PROTECTION = "crd-deletion.studio-operator.dev"
ALLOWED = "studio-operator.dev/allow-deletion"


@dataclass(frozen=True)
class Cluster:
    """A cluster for these tests alone, for CRDs belong to no namespace."""

    helm: Helm
    access: Access

    def run(self, verb: str, *words: str | Path) -> str:
        """A command of Helm about our namespace."""
        place = PLACE if verb == "install" else PLACE[:2]
        return self.helm.run(verb, *words, *place, kubeconfig=self.access.kubeconfig)

    def wait_for_crds(self) -> None:
        """Wait until they can be used."""
        self.access.kubectl("wait", *ESTABLISHED)

    def declare_space(self) -> dict[str, Any]:
        """Declare a space."""
        self.access.kubectl("apply", "--server-side", "-f", SPACE)
        return self.space()

    def space(self) -> dict[str, Any]:
        """That space."""
        found: dict[str, Any] = json.loads(self.access.kubectl("get", "-o", "json", "-f", SPACE))
        return found

    def crds(self) -> dict[str, dict[str, Any]]:
        """Our CRDs by name."""
        found = json.loads(self.access.kubectl("get", "crd", "-o", "json"))["items"]
        return {one["metadata"]["name"]: one for one in found if one["metadata"]["name"] in NAMES}

    def knows_new_field(self) -> bool:
        """Whether the cluster's CRD of spaces has the field that our later chart adds."""
        (version,) = self.crds()["spaces.studio-operator.dev"]["spec"]["versions"]
        schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
        return NEW_FIELD in schema["properties"]

    def clear(self) -> None:
        """Take away every release, what is declared, and our CRDs."""
        releases = self.helm.run(
            "list", "--all-namespaces", "--output", "json", kubeconfig=self.access.kubeconfig
        )
        for one in json.loads(releases):
            place = ("--namespace", one["namespace"])
            self.helm.run("uninstall", one["name"], *place, kubeconfig=self.access.kubeconfig)
        self._clear_what_stays()
        with self.access.api_client() as client:
            declared, definitions = CustomObjectsApi(client), ApiextensionsV1Api(client)
            for name, crd in self.crds().items():
                for one in _everything(declared, crd["spec"]["names"]["plural"]):
                    _delete(declared, crd["spec"]["names"]["plural"], one["metadata"])
                _drop(definitions, name)

    def _clear_what_stays(self) -> None:
        """Take away what outlives a release beside the CRDs, and let those be deleted."""
        kinds = "validatingadmissionpolicybinding,validatingadmissionpolicy"
        self.access.kubectl("delete", kinds, PROTECTION, "--ignore-not-found")
        of_charts = ("--all-namespaces", "-l", "app.kubernetes.io/managed-by=Helm", "-o", "json")
        for one in json.loads(self.access.kubectl("get", "role,rolebinding", *of_charts))["items"]:
            metadata = one["metadata"]
            place = ("-n", metadata["namespace"])
            self.access.kubectl("delete", one["kind"], metadata["name"], *place)
        for name in self.crds():
            # The policy holds for a moment after it is gone.
            self.access.kubectl("annotate", "crd", name, f"{ALLOWED}=true", "--overwrite")


def _everything(declared: CustomObjectsApi, plural: str) -> list[dict[str, Any]]:
    answer: Any = declared.list_cluster_custom_object(GROUP, VERSION, plural)
    return list(answer["items"])


def _delete(declared: CustomObjectsApi, plural: str, metadata: dict[str, Any]) -> None:
    place = (metadata["namespace"], plural, metadata["name"])
    declared.delete_namespaced_custom_object(GROUP, VERSION, *place)


def _drop(definitions: ApiextensionsV1Api, name: str) -> None:
    """Delete a CRD at once.

    The API server would go about it for minutes where the CRD has just changed. Nothing is declared
    by it any more, so there is nothing that it would have to do.
    """
    definitions.delete_custom_resource_definition(name)
    try:
        definitions.patch_custom_resource_definition(name, {"metadata": {"finalizers": None}})
    except ApiException as error:
        if error.status != 404:  # it was faster
            raise
