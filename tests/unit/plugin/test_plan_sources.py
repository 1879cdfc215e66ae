"""Where a plan's resources come from: files, folders, kustomizations, revisions of Git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.planning import sources
from studio_operator.plugin.planning.objects import DuplicateError, by_key

SPACE = """
apiVersion: studio-operator.dev/v1alpha1
kind: Space
metadata: {{name: {name}}}
spec: {{app: JupyterLab}}
"""


def names(documents: list[object]) -> set[str]:
    return {key.name for key in by_key(documents, "default")}


def test_a_folder_is_read_with_its_inner_folders_and_without_hidden_ones(tmp_path: Path) -> None:
    for place in ("one.yaml", "inner/two.yml", ".git/three.yaml", "four.txt", "five.json"):
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(SPACE.format(name=path.stem), encoding="utf-8")
    (tmp_path / "five.json").write_text(
        '{"apiVersion": "studio-operator.dev/v1alpha1", "kind": "Space", "metadata":'
        ' {"name": "five"}}',
        encoding="utf-8",
    )
    assert names(sources.read_documents([str(tmp_path)])) == {"one", "two", "five"}


def test_without_kubectl_a_kustomization_is_a_folder_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    (tmp_path / "kustomization.yaml").write_text("resources: [one.yaml]", encoding="utf-8")
    (tmp_path / "one.yaml").write_text(SPACE.format(name="one"), encoding="utf-8")
    assert names(sources.read_documents([str(tmp_path)])) == {"one"}


def test_with_kubectl_a_kustomization_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    kubectl = tools / "kubectl"
    kubectl.write_text(
        '#!/bin/sh\n[ "$1" = kustomize ] && cat "$2/rendered.txt"\n', encoding="utf-8"
    )
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    folder = tmp_path / "studio"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text("resources: [one.yaml]", encoding="utf-8")
    (folder / "one.yaml").write_text(SPACE.format(name="one"), encoding="utf-8")
    (folder / "rendered.txt").write_text(SPACE.format(name="rendered"), encoding="utf-8")
    assert names(sources.read_documents([str(folder)])) == {"rendered"}


def test_what_is_no_yaml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("spec: {{ .Values.spec }}: x: y", encoding="utf-8")
    with pytest.raises(PluginError, match=r"template\.yaml is no YAML"):
        sources.read_documents([str(file)])


def test_a_path_that_is_not_there_is_named() -> None:
    with pytest.raises(PluginError, match="nowhere is no file"):
        sources.read_documents(["nowhere"])


def test_lists_are_looked_into_and_other_kinds_left_out() -> None:
    listed = {
        "kind": "List",
        "items": [
            {
                "apiVersion": "studio-operator.dev/v1alpha1",
                "kind": "Space",
                "metadata": {"name": "one"},
            },
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}},
        ],
    }
    assert names([listed, None, "text"]) == {"one"}


def test_a_resource_that_is_there_twice_is_refused() -> None:
    one = {
        "apiVersion": "studio-operator.dev/v1alpha1",
        "kind": "Space",
        "metadata": {"name": "one"},
    }
    with pytest.raises(DuplicateError, match="Space default/one is there twice"):
        by_key([one, one], "default")


# --- Git -----------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """main has `one`; the branch `change` adds `two`; main goes on with `three`."""
    root = tmp_path / "repository"
    root.mkdir()

    def commit(name: str) -> None:
        path = root / "studio" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SPACE.format(name=name), encoding="utf-8")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", name)

    git(root, "init", "-q", "-b", "main")
    commit("one")
    git(root, "checkout", "-q", "-b", "change")
    commit("two")
    git(root, "checkout", "-q", "main")
    commit("three")
    git(root, "checkout", "-q", "change")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True)


def test_a_revision_is_read_without_touching_the_working_tree(repository: Path) -> None:
    assert names(sources.read_revision("main", "studio", repository)) == {"one", "three"}
    assert (repository / "studio" / "two.yaml").exists()


def test_what_is_kept_from_releases_is_read_too(repository: Path) -> None:
    (repository / ".gitattributes").write_text("studio export-ignore", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "attributes")
    assert names(sources.read_revision("HEAD", "studio", repository)) == {"one", "two"}
    ended = subprocess.run(
        ["git", "-C", str(repository), "status", "--short"], check=True, capture_output=True
    )
    assert ended.stdout == b""


def test_the_whole_repository_and_paths_that_did_not_exist(repository: Path) -> None:
    assert names(sources.read_revision("HEAD", "", repository)) == {"one", "two"}
    assert sources.read_revision("HEAD", "elsewhere", repository) == []


def test_what_others_did_since_is_not_this_changes_doing(repository: Path) -> None:
    ancestor = sources.common_ancestor("main", "HEAD", repository)
    assert names(sources.read_revision(ancestor, "studio", repository)) == {"one"}


def test_a_missing_history_says_how_to_fetch_it(repository: Path) -> None:
    with pytest.raises(PluginError, match="fetch-depth: 0"):
        sources.common_ancestor("origin/main", "HEAD", repository)


def test_a_revision_that_does_not_exist_is_named(repository: Path) -> None:
    with pytest.raises(PluginError, match="nonsense"):
        sources.read_revision("nonsense", "", repository)


def test_git_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PluginError, match="git is not installed"):
        sources.top_folder()
