"""The page on deleted CRDs: its commands are run, with and without an operator at the time."""

from __future__ import annotations

import pytest
import yaml

from sandbox.access import KubectlError
from sandbox.stack import CRDS
from tests.chart.cluster import ALLOWED
from tests.docs.installed import Site
from tests.docs.pages import page, section
from tests.e2e.waiting import wait_until

SPACES = "spaces.studio-operator.dev"


def steps() -> list[str]:
    """The blocks of the way back, in order."""
    text = section(page("how-to/crd-deleted.md"), "The way back")
    blocks = [one.text for one in page("how-to/crd-deleted.md").blocks if one.language == "sh"]
    return [block for block in blocks if block.strip() in text]


def delete_the_crd(site: Site) -> None:
    """The accident, in spite of the policy."""
    site.kubectl("annotate", "crd", SPACES, f"{ALLOWED}=true")
    site.kubectl("delete", "crd", SPACES, "--wait=false")


def follow_the_page(site: Site) -> None:
    """Run each step; the process goes and comes with the Deployment's replicas."""
    blocks = steps()
    assert len(blocks) == 5
    for block in blocks:
        site.shell(block)
        if "kubectl scale" in block:
            site.stop_operator()
        if "helm upgrade" in block:
            assert site.replicas() > 0
            site.run_operator()


def is_there(site: Site) -> bool:
    return bool(site.kubectl("get", "crd", SPACES, "--ignore-not-found", "-o", "name"))


def test_without_an_operator_it_hangs_and_no_app_is_stopped(site: Site) -> None:
    created, started = site.calls("CreateSpace"), site.calls("CreateApp")
    site.kill_operator()
    delete_the_crd(site)
    with pytest.raises(KubectlError, match="timed out"):
        site.kubectl("wait", "--for=delete", f"crd/{SPACES}", "--timeout=3s")
    follow_the_page(site)
    assert site.phases() == {"InService"}
    assert site.calls("DeleteApp") == 0
    assert (site.calls("CreateSpace"), site.calls("CreateApp")) == (created, started)


def test_with_an_operator_the_spaces_come_back_and_run_again(site: Site) -> None:
    created = site.calls("CreateSpace")
    delete_the_crd(site)
    wait_until(lambda: None if is_there(site) else True, "the CRD is gone", seconds=60)
    assert site.calls("DeleteApp") > 0
    assert site.calls("DeleteSpace") == 0
    follow_the_page(site)
    assert site.phases() == {"InService"}
    assert site.calls("CreateSpace") == created


def test_the_page_names_every_deletion_policy() -> None:
    text = section(page("how-to/crd-deleted.md"), "What it does")
    crd = yaml.safe_load((CRDS / "spaces.yaml").read_text(encoding="utf-8"))
    (version,) = crd["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert [one for one in spec["deletionPolicy"]["enum"] if f"`{one}`" not in text] == []
