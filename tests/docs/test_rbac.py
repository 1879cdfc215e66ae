"""The page Operate names the rights that the chart grants, and the page IAM whom AWS trusts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from studio_operator.api.common import GROUP

from sandbox.tools import get_tool
from tests.chart.helm import RELEASE, Helm, Manifest, only
from tests.docs.pages import page, section, tables
from tests.e2e.account import NAMESPACE
from tests.e2e.rights import Right, granted

USER = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """What the chart installs."""
    helm = Helm(get_tool("helm"), tmp_path_factory.mktemp("helm"))
    return helm.template({"crds": {"install": False}}, namespace=NAMESPACE)


def test_the_table_has_the_rights_that_the_chart_grants(manifests: list[Manifest]) -> None:
    (table,) = tables(section(page("how-to/operate.md"), "Permissions in Kubernetes"))
    listed = {
        (verb, name)
        for verbs, resources, *_ in table
        for verb in verbs.split(", ")
        for name in re.findall(r"`(.+?)`", resources)
    }
    rights = granted(manifests, USER)
    assert listed == {(right.verb, _name(right)) for right in rights}


def _name(right: Right) -> str:
    """The resource as kubectl takes it, without our own group."""
    return f"{right.resource}.{right.group}" if right.group not in {"", GROUP} else right.resource


def trusts() -> list[dict[str, Any]]:
    """The trust policies of the page, in order."""
    blocks = [one for one in page("how-to/iam.md").blocks if one.language == "json"]
    return [json.loads(block.text)["Statement"][0] for block in blocks]


def test_the_trust_for_irsa_names_the_chart_s_service_account(manifests: list[Manifest]) -> None:
    by_token = trusts()[0]
    assert by_token["Action"] == "sts:AssumeRoleWithWebIdentity"
    account = only(manifests, "ServiceAccount")["metadata"]
    (subject,) = [
        value
        for key, value in by_token["Condition"]["StringEquals"].items()
        if key.endswith(":sub")
    ]
    assert subject == f"system:serviceaccount:{account['namespace']}:{account['name']}"


def test_the_trust_for_pod_identity_names_the_service() -> None:
    by_agent = trusts()[1]
    assert by_agent["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert set(by_agent["Action"]) == {"sts:AssumeRole", "sts:TagSession"}
