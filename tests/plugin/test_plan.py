"""`kubectl studio plan` against a real cluster, and what the operator then does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from studio_operator.plugin.main import group

from tests.e2e.cluster import Raw
from tests.e2e.team import Team
from tests.plugin.conftest import PROGRAM, Answer, Studio

FOUND = 6


def write(folder: Path, *documents: Raw) -> None:
    for document in documents:
        name = f"{document['kind']}-{document['metadata']['name']}.yaml".lower()
        (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")


def plan(studio: Studio, *words: str, expect: int = 0) -> Any:
    """The plan as data."""
    return studio("plan", *words, "-o", "json", expect=expect).data


def actions(data: Any) -> dict[str, list[str]]:
    return {
        one["name"]: [effect["action"] for effect in one["effects"]]
        for one in data["resources"]
        if one["effects"]
    }


def test_what_is_planned_is_what_the_operator_does(
    team: Team, studio: Studio, tmp_path: Path
) -> None:
    team.run_space()
    write(tmp_path, team.domain(), team.profile(), team.space())
    assert studio("plan", "-f", str(tmp_path)).out.startswith("No change in AWS.")
    edits: list[Raw] = [
        {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 40}, "tags": {"team": "churn"}},
        {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 40}},  # the tag is removed
        {"instanceType": "ml.m5.large", "storage": {"sizeGiB": 40}, "state": "Stopped"},
        {"instanceType": "ml.t3.large", "storage": {"sizeGiB": 40}, "state": "Stopped"},
    ]
    seen = []
    for edit in edits:
        changed = team.space(**edit)
        write(tmp_path, changed)
        planned = plan(studio, "-f", str(tmp_path))
        calls = next(one["calls"] for one in planned["resources"] if one["name"] == "churn")
        before = team.last_call()
        team.apply(changed)
        team.wait_for("Space", "churn", lambda it: it.is_ready and it.is_at_rest, "is as declared")
        team.wait_looks(1)
        assert team.changes(since=before) == calls, edit
        seen.append(actions(planned)["churn"])
        assert studio("plan", "-f", str(tmp_path)).out.startswith("No change in AWS.")
    assert seen == [["restart", "update"], ["update"], ["stop"], ["update"]]


def test_a_restart_names_whom_it_interrupts(team: Team, studio: Studio, tmp_path: Path) -> None:
    team.run_space()
    write(tmp_path, team.space(instanceType="ml.m5.large"))
    (churn,) = plan(studio, "-f", str(tmp_path))["resources"]
    assert churn["people"] == "alice"
    assert churn["effects"][0]["from"].startswith("ml.t3.medium")


def test_an_app_that_a_person_stopped_is_known_to_be_stopped(
    team: Team, studio: Studio, tmp_path: Path
) -> None:
    team.run_space(state=None)
    write(tmp_path, team.space(state=None, storage={"sizeGiB": 40}))
    team.wait_phase("churn", "Stopped")
    assert actions(plan(studio, "-f", str(tmp_path))) == {"churn": ["update"]}

    recording = tmp_path / "live.yaml"
    recorded = [team.get(*key) for key in (("StudioDomain", "research"), ("UserProfile", "alice"))]
    recorded.append(team.get("Space", "churn"))
    listed = {"kind": "List", "apiVersion": "v1", "items": [one.raw for one in recorded if one]}
    recording.write_text(yaml.safe_dump(listed), encoding="utf-8")
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder, team.space(state=None, instanceType="ml.m5.large"))
    words = ("-f", str(folder), "--recorded", str(recording))
    assert actions(plan(studio, *words)) == {"churn": ["update"]}
    assert actions(plan(studio, "-f", str(folder), "--offline")) == {"churn": ["create"]}


@pytest.mark.parametrize(
    ("change", "fail_on", "code"),
    [
        ({"instanceType": "ml.m5.large"}, ["restart"], FOUND),
        ({"instanceType": "ml.m5.large"}, ["delete", "refusal"], 0),
        ({"instanceType": "ml.m5.large"}, [], 0),
        ({"storage": {"sizeGiB": 5}}, [], FOUND),
        ({"storage": {"sizeGiB": 5}}, ["delete"], FOUND),
        ({"storage": {"sizeGiB": 5}}, ["refusal"], FOUND),
        ({"tags": {"a": "b"}}, ["restart", "delete", "refusal"], 0),
    ],
)
def test_exit_codes_tell_what_is_in_the_plan(
    tmp_path: Path, change: dict[str, Any], fail_on: list[str], code: int
) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE)
    repository.commit("before")
    repository.write("space", **{**SPACE, **change})
    words = [word for name in fail_on for word in ("--fail-on", name)]
    repository.plan("--from", "HEAD", *words, expect=code)


SPACE = {
    "domainRef": {"name": "research"},
    "ownerRef": {"name": "alice"},
    "app": "JupyterLab",
    "instanceType": "ml.t3.medium",
    "storage": {"sizeGiB": 20},
}


class Repository:
    """A Git repository with resources in its folder studio/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "studio").mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(["git", "-C", str(self.root), *identity, *words], check=True)

    def write(self, name: str, **spec: Any) -> None:
        document = {
            "apiVersion": "studio-operator.dev/v1alpha1",
            "kind": "Space",
            "metadata": {"name": name, "namespace": "ml-team"},
            "spec": spec,
        }
        write(self.root / "studio", document)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def plan(self, *words: str, expect: int = 0) -> Answer:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            ended = CliRunner().invoke(group, ["plan", *words])
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        answer = Answer(ended.exit_code, ended.stdout, ended.stderr)
        assert answer.code == expect, answer
        return answer


def test_two_revisions_are_compared_where_they_parted(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("mine", **SPACE)
    repository.commit("before")
    repository.git("checkout", "-q", "-b", "change")
    repository.write("mine", **SPACE | {"instanceType": "ml.m5.large"})
    repository.commit("mine is larger")
    repository.git("checkout", "-q", "main")
    repository.write("others", **SPACE)
    repository.commit("somebody else's")
    told = repository.plan("--from", "main", "--to", "change", "--path", "studio", "-o", "json")
    assert actions(json.loads(told.out)) == {"mine": ["restart"]}


def test_a_space_that_leaves_the_files_is_deleted_as_its_policy_says(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("precious", **SPACE | {"deletionPolicy": "Delete"})
    repository.commit("before")
    (repository.root / "studio" / "space-precious.yaml").unlink()
    told = repository.plan("--from", "HEAD", "--fail-on", "delete", expect=FOUND)
    assert "DATA LOSS" in told.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give either files by -f or a Git revision by --from"),
        (["-f", "x", "--from", "main"], "give either files"),
        (["-f", "x", "--to", "main"], "--to and --path go with --from"),
        (["--from", "main", "--live", "--offline"], "exclude each other"),
        (["--from", "main", "--region", "Frankfurt"], "is no AWS region such as"),
    ],
)
def test_wrong_usage_is_explained(tmp_path: Path, words: list[str], said: str) -> None:
    assert said in Repository(tmp_path).plan(*words, expect=2).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-f", "nowhere", "--offline"], "there is no file and no folder nowhere"),
        (["--from", "HEAD", "--path", "nowhere"], "there is no file and no folder nowhere"),
        (["-f", "empty", "--offline"], "empty: no resource of studio-operator.dev in it"),
        (["-f", "studio", "--recorded", "empty/notes.yaml"], "notes.yaml is no recording"),
        (["-f", "typo.yaml", "--offline"], "has no kind 'Spaces'"),
    ],
)
def test_what_can_not_be_planned_is_no_plan(tmp_path: Path, words: list[str], said: str) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE)
    repository.commit("before")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.yaml").write_text("# nothing yet", encoding="utf-8")
    typo = {"apiVersion": "studio-operator.dev/v1alpha1", "kind": "Spaces"}
    (tmp_path / "typo.yaml").write_text(yaml.safe_dump(typo), encoding="utf-8")
    told = repository.plan(*words, expect=1)
    assert said in told.err
    assert told.out == ""


def test_a_cluster_without_resources_is_a_recording_too(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE)
    empty = {"apiVersion": "v1", "kind": "List", "items": []}
    (tmp_path / "live.yaml").write_text(yaml.safe_dump(empty), encoding="utf-8")
    assert "blocked" in repository.plan("-f", "studio", "--recorded", "live.yaml").out


@pytest.mark.parametrize(
    "command",
    [
        "cat studio/*.yaml | {plan} -f - --offline",
        "cat studio/*.yaml | {plan} -f /dev/stdin --offline",
        "{plan} -f <(cat studio/*.yaml) --offline",
        "{plan} --offline -f - < studio/space-space.yaml",
        "{plan} -f studio --recorded <(echo '{{kind: List, items: []}}')",
    ],
)
def test_what_a_shell_pipes_in_is_planned(tmp_path: Path, command: str) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE)
    script = command.format(plan=f"{PROGRAM} plan")
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Space ml-team/space" in ended.stdout


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    assert "can be read once" in repository.plan("-f", "-", "--recorded", "-", expect=2).err


def test_a_recording_without_status_is_refused(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE)
    told = repository.plan("-f", "studio", "--recorded", "studio", expect=1)
    assert "kubectl get studio -A -o yaml" in told.err


def test_further_prices_are_counted_with(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.write("space", **SPACE | {"state": "Running"})
    prices = {"regions": {"eu-central-1": {"instanceHour": {"ml.t3.medium": "0.06"}}}}
    (tmp_path / "prices.yaml").write_text(yaml.safe_dump(prices), encoding="utf-8")
    words = ("-f", "studio", "--offline", "--region", "eu-central-1", "--prices", "prices.yaml")
    assert "+0.06" in repository.plan(*words).out
    (tmp_path / "prices.yaml").write_text("regions: {x: {instanceHour: {a: b}}}", encoding="utf-8")
    assert "regions.x.instanceHour.a" in repository.plan(*words, expect=1).err
