"""A made-up kind that is in no namespace, against a real API server."""

from __future__ import annotations

from pathlib import Path

from sandbox.access import Access
from tests.unit.adding_a_kind.test_adding_a_kind import add, check_in, project_copy


def test_the_product_s_clients_work_on_a_resource_in_no_namespace(
    control_plane: Access, tmp_path: Path
) -> None:
    with project_copy(tmp_path) as root:
        add("roster", root)
        crd = root / "crds" / "rosters.yaml"
        control_plane.kubectl("apply", "-f", crd)
        try:
            control_plane.kubectl("wait", "--for=condition=Established", "-f", crd)
            check_in(root, "roster_in_a_cluster", KUBECONFIG=str(control_plane.kubeconfig))
        finally:  # others share the cluster
            control_plane.kubectl("delete", "--wait=false", "-f", crd)
