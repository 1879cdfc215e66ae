"""The files that the hosting platform reads: workflows, forms, owners, and pre-commit's hooks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from release.plugin import PLATFORMS, PYTHONS
from tests.unit.json_schemas import check

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = ROOT / ".github"
WORKFLOWS = sorted((PLATFORM / "workflows").glob("*.yml"))
FORMS = sorted(
    path for path in (PLATFORM / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"
)
HOOKS = ROOT / ".pre-commit-config.yaml"
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [PLATFORM / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.dependabot": [PLATFORM / "dependabot.yml"],
}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
# Registries are named by a variable of the repository, never in a file.
REGISTRY = re.compile(r"\b(ghcr|docker|quay|gcr|pkg|azurecr|amazonaws)\.(io|com|dev)\b|\.ecr\.")
# Rights that a job may have beside reading the code.
RIGHTS = {
    ("release.yml", "sign"): {"id-token", "attestations"},
    ("release.yml", "draft"): {"contents"},
}


def load(path: Path) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


JOBS = [(path, name, job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]
by_job = pytest.mark.parametrize(
    ("path", "name", "job"), JOBS, ids=[f"{path.stem}-{name}" for path, name, _ in JOBS]
)
by_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_have_the_form_that_the_platform_reads(schema: str) -> None:
    code, said = check(schema, *SCHEMAS[schema])
    assert code == 0, said


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_slip_would_be_noticed(schema: str, tmp_path: Path) -> None:
    document = load(SCHEMAS[schema][0])
    (tmp_path / "file.yml").write_text(yaml.safe_dump(document | {"unheardOf": {}}))
    assert check(schema, tmp_path / "file.yml")[0] == 1


@by_workflow
def test_actions_are_pinned_by_commit_with_the_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    ours = [one for one in used if one.startswith("./")]
    assert [one for one in ours if not (ROOT / one).is_file()] == []
    assert [one for one in used if one not in ours and not PINNED.fullmatch(one)] == []


def test_an_action_has_one_version_in_all_workflows() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: ([^./].+)", text))
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@by_workflow
def test_a_workflow_has_no_rights_of_its_own_and_runs_once_at_a_time(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert "group" in workflow["concurrency"]
    assert workflow["defaults"]["run"]["shell"] == "bash"  # ends at the first failure in a pipe


@by_job
def test_a_job_has_an_end_and_the_least_rights(path: Path, name: str, job: dict[str, Any]) -> None:
    assert "uses" in job or 0 < job["timeout-minutes"] <= 120
    writes = {right for right, level in job["permissions"].items() if level == "write"}
    assert writes == RIGHTS.get((path.name, name), set())
    reads = {right for right, level in job["permissions"].items() if level == "read"}
    assert reads <= {"contents"}


@by_job
def test_a_checkout_leaves_no_token_behind(path: Path, name: str, job: dict[str, Any]) -> None:
    checkouts = [one for one in job.get("steps", ()) if "actions/checkout" in one.get("uses", "")]
    assert [one for one in checkouts if one["with"]["persist-credentials"] is not False] == []


@by_job
def test_no_expression_is_pasted_into_a_script(path: Path, name: str, job: dict[str, Any]) -> None:
    """What an expression gives can be a branch's name; a script takes it as a variable."""
    scripts = [step["run"] for step in job.get("steps", ()) if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


@by_job
def test_what_a_job_runs_is_there(path: Path, name: str, job: dict[str, Any]) -> None:
    targets = make_targets()
    for script in scripts(job):
        for target in re.findall(r"^make ([\w-]+)", script, re.MULTILINE):
            assert target in targets
        for file in re.findall(r"(?:^|python )(\.ci/\w+|[\w/]+\.py)\b", script, re.MULTILINE):
            assert (ROOT / file).is_file()
    for step in job.get("steps", ()):
        paths = re.findall(r"'([\w/.-]+?)(?:/\*\*)?'", str(step.get("with", {}).get("key", "")))
        paths += [found for found in [step.get("with", {}).get("cache-dependency-path")] if found]
        assert [one for one in paths if not (ROOT / one).exists()] == []


def scripts(job: dict[str, Any]) -> Iterator[str]:
    yield from (step["run"] for step in job.get("steps", ()) if "run" in step)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_fast_checks_run_on_each_python_that_is_allowed() -> None:
    matrix = load(PLATFORM / "workflows" / "ci.yml")["jobs"]["fast"]["strategy"]["matrix"]["python"]
    listed = set(re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text()))
    assert listed <= set(matrix)


def test_the_plug_in_is_started_on_each_platform_by_the_oldest_python_and_the_newest() -> None:
    fast = load(PLATFORM / "workflows" / "ci.yml")["jobs"]["fast"]["strategy"]["matrix"]["python"]
    assert tuple(fast) == PYTHONS  # the one file has wheels for each
    matrix = load(PLATFORM / "workflows" / "release.yml")["jobs"]["plugin-starts"]["strategy"][
        "matrix"
    ]
    assert matrix["python"] == [PYTHONS[0], PYTHONS[-1]]
    names = [name.replace("/", "_") for name in PLATFORMS]
    assert sorted(matrix["platform"]) == sorted(names)
    assert sorted(one["platform"] for one in matrix["include"]) == sorted(names)


def test_all_of_ci_runs_on_a_clean_machine() -> None:
    jobs = load(PLATFORM / "workflows" / "ci.yml")["jobs"]
    assert ".ci/run" in list(scripts(jobs["all"]))


@pytest.mark.parametrize(
    "path",
    [
        *sorted(path for path in PLATFORM.rglob("*") if path.is_file()),
        HOOKS,
        ROOT / "RELEASE.md",
        ROOT / "SECURITY.md",
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_registry_is_named(path: Path) -> None:
    assert REGISTRY.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_asks_for_no_secret(path: Path) -> None:
    first = load(path)["body"][0]
    assert first["type"] == "markdown"
    assert "secret" in first["attributes"]["value"].lower()


def test_hooks_run_the_project_s_own_tools_and_download_nothing() -> None:
    (repository,) = load(HOOKS)["repos"]
    assert repository["repo"] == "local"
    targets = make_targets()
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        program, *words = hook["entry"].split()
        assert program in {"make", ".venv/bin/python"}
        if program == "make":
            assert set(words) <= targets


def test_the_hook_for_yaml_notices_a_file_that_can_t_be_read(tmp_path: Path) -> None:
    (repository,) = load(HOOKS)["repos"]
    entry = next(hook["entry"] for hook in repository["hooks"] if hook["id"] == "yaml")
    words = [sys.executable, *entry.split()[1:]]
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("a: 1\n---\nb: 2\n")
    bad.write_text("a: [1\n")
    assert subprocess.run([*words, good], check=False, cwd=ROOT).returncode == 0
    assert subprocess.run([*words, good, bad], check=False, cwd=ROOT).returncode == 1
