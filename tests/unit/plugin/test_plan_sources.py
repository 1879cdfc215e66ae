"""Where a plan's resources come from: files, folders, kustomizations, revisions of Git."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from studio_operator.plugin.errors import PluginError
from studio_operator.plugin.planning import sources
from studio_operator.plugin.planning.objects import (
    DuplicateError,
    UnknownKindError,
    by_key,
    refuse_unknown_kinds,
)
from studio_operator.plugin.planning.report import Action

from tests.unit.plugin.plan_stage import only, plan

SPACE = """
apiVersion: studio-operator.dev/v1alpha1
kind: Space
metadata: {{name: {name}}}
spec: {{app: JupyterLab}}
"""


def names(documents: list[Any] | None) -> set[str]:
    return {key.name for key in by_key(documents or (), "default")}


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
    with pytest.raises(PluginError, match="there is no file and no folder nowhere"):
        sources.read_documents(["nowhere"])


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    """What a shell makes of <(kustomize build .): a FIFO, here or below /dev/fd."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(SPACE.format(name="piped"),))
    writer.start()
    try:
        assert names(sources.read_documents([str(pipe)])) == {"piped"}
    finally:
        writer.join()


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PluginError, match=r"picture\.yaml is no text in UTF-8"):
        sources.read_documents([str(file)])


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_text(SPACE.format(name="one"), encoding="utf-8-sig")
    assert names(sources.read_documents([str(file)])) == {"one"}


@pytest.mark.parametrize(
    "document",
    [
        {"metadata": "churn"},
        {"metadata": {"name": None}},
        {"metadata": {"name": "churn", "annotations": ["a"]}, "spec": ["a"]},
        {},
    ],
)
def test_what_has_another_form_is_refused_and_breaks_nothing(document: dict[str, Any]) -> None:
    whole = {"apiVersion": "studio-operator.dev/v1alpha1", "kind": "Space", **document}
    report = plan({}, by_key([whole], "default"))
    assert {one.action for one in only(report).effects} == {Action.REFUSE}


def test_a_typing_error_in_the_kind_is_not_passed_over() -> None:
    listed = [
        {"apiVersion": "v1", "kind": "Spaces"},
        {"apiVersion": "studio-operator.dev/v1alpha1", "kind": "Spaces", "metadata": {"name": "x"}},
    ]
    with pytest.raises(UnknownKindError, match=r"no kind 'Spaces' \(x\)\. Use one of .*Space"):
        refuse_unknown_kinds(listed)


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
    assert sources.read_revision("HEAD", "elsewhere", repository) is None


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


# --- as the author of a change that the plan must not show, or show more of than it may ---


@pytest.mark.parametrize("place", ["studio/.hidden.yaml", "studio/.hidden/space.yaml"])
def test_hidden_files_of_a_revision_count_since_argo_cd_and_flux_apply_them(
    place: str, repository: Path
) -> None:
    path = repository / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(SPACE.format(name="hidden"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "hidden")
    assert "hidden" in names(sources.read_revision("HEAD", "studio", repository))


@pytest.mark.parametrize("path", ["studio", "studio/link.yaml", ""])
def test_a_link_shows_no_file_of_the_machine(path: str, repository: Path, tmp_path: Path) -> None:
    secret = tmp_path / "credentials.yaml"
    secret.write_text("password: {hunter2", encoding="utf-8")
    (repository / "studio" / "link.yaml").symlink_to(secret)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "link")
    with pytest.raises(PluginError, match=r"^studio/link\.yaml leads out of the repo") as raised:
        sources.read_revision("HEAD", path, repository)
    assert "hunter2" not in raised.value.message


def test_a_link_to_a_file_of_the_same_revision_is_read(repository: Path) -> None:
    (repository / "studio" / "link.yaml").symlink_to("../shared.yml")
    (repository / "shared.yml").write_text(SPACE.format(name="shared"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "link")
    assert "shared" in names(sources.read_revision("HEAD", "studio", repository))


def aliases(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        inner = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{inner}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        aliases(9),
        "spec: &a\n  x: *a",
        f"spec: {'[' * 3000}{']' * 3000}",
        f"spec: {'[' * 150}{']' * 150}",
        "spec: !!binary aGVsbG8=",
        "spec: !!set {a, b}",
        "spec: .nan",
    ],
    ids=["aliases", "cycle", "too deep to parse", "deep", "binary", "set", "not a number"],
)
def test_what_is_no_json_is_refused_in_words_and_at_once(text: str) -> None:
    with pytest.raises(PluginError, match=r"^a\.yaml is no YAML: "):
        sources.parse(text, "a.yaml")


def test_yaml_is_read_as_kubernetes_tools_read_it() -> None:
    text = "a: 2026-11-28T09:00:00Z\nb: !reference [x, y]\nc: !x 3\n1: &x {y: z}\n2: *x"
    (document,) = sources.parse(text, "a.yaml")
    assert document == {
        "a": "2026-11-28T09:00:00Z",
        "b": ["x", "y"],
        "c": "3",
        "1": {"y": "z"},
        "2": {"y": "z"},
    }


def test_a_kind_that_is_no_text_is_named() -> None:
    document = {"apiVersion": "studio-operator.dev/v1alpha1", "kind": ["Space"]}
    with pytest.raises(UnknownKindError, match="no kind"):
        refuse_unknown_kinds([document])
