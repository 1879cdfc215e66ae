"""The commands of the page Install are run, block by block, against a real API server.

What needs AWS, a registry or running Pods is only noted down.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import botocore.session
import pytest
import yaml

from tests.chart.cluster import NAMES, Cluster
from tests.chart.helm import CHART, RELEASE, ROOT, Helm, only
from tests.chart.monitoring import monitoring_crds
from tests.docs.pages import Block, page, read_page

PAGES = (page("how-to/install.md"), read_page(CHART / "README.md"))
BLOCKS = [one for each in PAGES for one in each.blocks if one.language == "sh"]
DECLARED = [one for each in PAGES for one in each.blocks if one.language == "yaml"]
# The first block of the page says which account and cluster all others mean.
EXPORTS = "\n".join(line for line in BLOCKS[0].text.splitlines() if line.startswith("export "))
NOT_HERE = ("docker", "aws", "eksctl")
LIMIT_SECONDS = 120


@pytest.fixture
def programs(tmp_path: Path, cluster: Cluster) -> Path:
    """A folder with the programs of the page; it is all that a block has besides the system's."""
    folder = tmp_path / "programs"
    folder.mkdir()
    note = f'echo "$(basename "$0") $*" >> {tmp_path / "notes"}'
    scripts = dict.fromkeys(NOT_HERE, note)
    scripts["helm"] = f'exec {cluster.helm.program} "$@"'
    kubectl = f'exec {cluster.access.kubectl_path} "$@"'
    scripts["kubectl"] = f'[ "$1" = rollout ] && {{ {note}; exit; }}\n{kubectl}'
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def prepare(block: Block, cluster: Cluster) -> None:
    """What the page has told the reader to do before."""
    if "--take-ownership" in block.text:
        cluster.access.apply_folder(ROOT / "crds")
    verbs = {words[1] for words in map(str.split, block.text.splitlines()) if words[:1] == ["helm"]}
    if verbs & {"upgrade", "rollback", "uninstall"}:
        cluster.run("install", RELEASE, CHART)
    if "rollback" in verbs:
        cluster.run("upgrade", RELEASE, CHART)
    if "metrics." in block.text:
        files = [word for path in monitoring_crds() for word in ("-f", path)]
        cluster.access.kubectl("apply", "--server-side", *files)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_its_commands_work(block: Block, cluster: Cluster, programs: Path) -> None:
    prepare(block, cluster)
    ended = subprocess.run(
        ["bash", "-e"],
        input=f"{EXPORTS}\n{block.text}",
        cwd=ROOT,
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(cluster.helm.home),
            "KUBECONFIG": str(cluster.access.kubeconfig),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert ended.returncode == 0, ended.stderr
    notes = programs.parent / "notes"
    for line in notes.read_text().splitlines() if notes.exists() else ():
        if line.startswith("aws "):
            check_aws_command(shlex.split(line))
    if "delete crd" in block.text:
        assert cluster.crds() == {}
    elif "uninstall" in block.text:
        assert cluster.crds().keys() == NAMES


@pytest.mark.parametrize("block", DECLARED, ids=str)
def test_what_gitops_tools_are_given_renders(block: Block, helm: Helm) -> None:
    spec = yaml.safe_load(block.text)["spec"]
    if "source" in spec:
        path, values = spec["source"]["path"], spec["source"]["helm"]["valuesObject"]
    else:
        path, values = spec["chart"]["spec"]["chart"], spec["values"]
    chart = (ROOT / path).resolve()
    assert chart == CHART
    role = only(helm.template(values, chart=chart), "ServiceAccount")["metadata"]["annotations"]
    assert role == {"eks.amazonaws.com/role-arn": values["aws"]["roleArn"]}


def check_aws_command(words: list[str]) -> None:
    """The operation exists and has these parameters, and none that it needs is missing."""
    _, service, operation, *rest = words
    given = {_camel_case(word) for word in rest if word.startswith("--")}
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(_camel_case(operation)).input_shape
    assert shape is not None
    assert given <= set(shape.members)
    assert set(shape.required_members) <= given


def _camel_case(word: str) -> str:
    return "".join(part.capitalize() for part in word.strip("-").split("-"))


def test_there_are_blocks() -> None:
    assert "helm install" in BLOCKS[0].text
    assert len(BLOCKS) > 10
