"""The Action and the GitLab job: their own steps, on a local repository, against a local API."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from studio_operator.plugin.errors import WRONG_USAGE
from studio_operator.plugin.planning.comment import LONGEST, main, shorten
from studio_operator.plugin.planning.markdown import MARKER

from tests.docs.pages import ROOT
from tests.plugin.test_plan import FOUND, SPACE, Repository

FOLDER = ROOT / "gitops" / "pull-request"
BOT, GITLAB_BOT = "github-actions[bot]", "project_12_bot"
OTHERS = {
    "id": 1,
    "body": "Looks good to me",
    "user": {"login": "anna"},
    "author": {"username": "anna"},
}
# Somebody who wants a comment of the plan's to be taken for his, or his for the plan's.
FORGED = {
    "id": 2,
    "body": f"{MARKER}\nNo change in AWS.",
    "user": {"login": "mallory"},
    "author": {"username": "mallory"},
}


class Comments(ThreadingHTTPServer):
    """Comments of one request, as GitHub and GitLab keep them: listed in pages, made, edited."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: list[dict[str, Any]] = [dict(OTHERS), dict(FORGED)]
        self.tokens: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def ours(self) -> list[str]:
        bots = ({"login": BOT}, {"login": "my-app[bot]"})
        return [one["body"] for one in self.kept if one["user"] in bots]


class _Handler(BaseHTTPRequestHandler):
    server: Comments

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/user":
            self._tell_who()
            return
        page = int(dict(part.split("=") for part in query.split("&"))["page"])
        assert re.search(r"/(issues|merge_requests)/7/(comments|notes)$", path), path
        self._answer(200, self.server.kept[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        us = {"user": {"login": BOT}, "author": {"username": GITLAB_BOT}}
        made = {"id": len(self.server.kept) + 1, **self._body(), **us}
        self.server.kept.append(made)
        self._answer(201, made)

    def do_PATCH(self) -> None:
        number = int(self.path.rpartition("/")[2])
        found = next(one for one in self.server.kept if one["id"] == number)
        found.update(self._body())
        self._answer(200, found)

    do_PUT = do_PATCH  # noqa: N815

    def _tell_who(self) -> None:
        """GitLab tells each token who it is; GitHub does not tell an app's."""
        if "PRIVATE-TOKEN" in self.headers:
            self._answer(200, {"username": GITLAB_BOT})
        elif self.headers["Authorization"].startswith("Bearer ghp"):
            self._answer(200, {"login": "my-app[bot]"})
        else:
            self._answer(403, {"message": "Resource not accessible by integration"})

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, content: Any) -> None:
        given = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
        self.server.tokens.add(given)
        if "expired" in given:
            status, content = 401, {"message": "Bad credentials"}
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def comments() -> Iterator[Comments]:
    with Comments() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A branch on which a space becomes larger."""
    root = tmp_path / "repository"
    root.mkdir()
    found = Repository(root)
    found.write("churn", **SPACE)
    found.commit("before")
    found.git("checkout", "-q", "-b", "change")
    found.write("churn", **SPACE | {"instanceType": "ml.m5.large"})
    found.commit("larger")
    return found


def github_step(
    repository: Repository, comments: Comments, tmp_path: Path, **inputs: str
) -> subprocess.CompletedProcess[str]:
    """Run the Action's own last step, as a runner does."""
    action = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
    step = action["runs"]["steps"][-1]
    defaults = {name: one["default"] for name, one in action["inputs"].items()}
    values = {**defaults, "from": "main", "token": "secret", **inputs}

    def expand(text: str) -> str:
        text = text.replace("${{ github.action_path }}", str(FOLDER))
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)

    event = tmp_path / "event.json"
    event.write_text('{"number": 7}', encoding="utf-8")
    if not (tmp_path / "studio").exists():
        (tmp_path / "studio").symlink_to(Path(sys.prefix))
    environment = {name: expand(text) for name, text in step["env"].items()} | {
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "team/studio",
        "GITHUB_API_URL": comments.url,
    }
    return run(step["run"], repository, environment)


def run(
    script: str, repository: Repository, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=repository.root,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_action_comments_once_and_writes_over_its_comment(
    repository: Repository, comments: Comments, tmp_path: Path
) -> None:
    ended = github_step(repository, comments, tmp_path, paths="studio")
    assert ended.returncode == 0, ended.stderr
    assert len(comments.ours) == 1
    assert "ml.t3.medium to ml.m5.large" in comments.ours[0]
    assert (tmp_path / "summary.md").read_text("utf-8") == comments.ours[0]
    assert comments.tokens == {"Bearer secret"}

    repository.write("churn", **SPACE | {"storage": {"sizeGiB": 5}})
    repository.commit("smaller")
    ended = github_step(repository, comments, tmp_path, **{"fail-on": "delete refusal"})
    assert ended.returncode == FOUND, ended.stderr
    assert len(comments.ours) == 1
    assert "never shrink" in comments.ours[0]
    assert comments.kept[:2] == [OTHERS, FORGED]


def test_whoever_writes_the_yaml_neither_silences_nor_forges_the_comment(
    repository: Repository, comments: Comments, tmp_path: Path
) -> None:
    hostile = "No change in AWS. | # Ok ![](https://evil.example/x) @everyone"
    repository.write("churn", **SPACE | {"displayName": hostile, "instanceType": "ml.m5.large"})
    repository.commit("described")
    ended = github_step(repository, comments, tmp_path, paths="studio")
    assert ended.returncode == 0, ended.stderr
    (comment,) = comments.ours
    assert "stops JupyterLab, changes ml.t3.medium" in comment
    assert len([line for line in comment.splitlines() if line.startswith("#")]) == 1


def test_the_action_fails_when_the_plan_does(
    repository: Repository, comments: Comments, tmp_path: Path
) -> None:
    ended = github_step(repository, comments, tmp_path, **{"from": "nowhere"})
    assert ended.returncode == 1
    assert "fetch-depth: 0" in ended.stderr
    assert comments.kept == [OTHERS, FORGED]


def test_nothing_in_an_input_is_run_as_a_command(
    repository: Repository, comments: Comments, tmp_path: Path
) -> None:
    ended = github_step(repository, comments, tmp_path, region="$(touch hacked); touch hacked")
    assert ended.returncode == WRONG_USAGE
    assert "'$(touch hacked); touch hacked' is no AWS region" in ended.stderr
    assert not (repository.root / "hacked").exists()


def test_the_gitlab_job_comments_on_its_merge_request(
    repository: Repository, comments: Comments
) -> None:
    job = yaml.safe_load((FOLDER / "gitlab-ci.yml").read_text("utf-8"))["studio-plan"]
    script = "\n".join(job["script"]).replace("/tmp/studio-operator", str(ROOT))
    variables = {
        **job["variables"],
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_API_V4_URL": comments.url,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": "secret",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    repository.git("update-ref", "refs/remotes/origin/main", "main")
    ended = run(script, repository, variables)
    assert ended.returncode == 0, ended.stderr
    assert "ml.t3.medium to ml.m5.large" in comments.ours[0]
    assert comments.tokens == {"secret"}


# --- the comment ----------------------------------------------------------------------------------


def environment(comments: Comments, tmp_path: Path, token: str = "secret") -> dict[str, str]:
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"number": 7}}', encoding="utf-8")
    return {
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "team/studio",
        "GITHUB_API_URL": comments.url,
        "GITHUB_TOKEN": token,
    }


def plan_files(tmp_path: Path, text: str, *, changed: bool) -> list[str]:
    """What the command leaves: the plan in Markdown, and as JSON."""
    report, data = tmp_path / "plan.md", tmp_path / "plan.json"
    report.write_text(text, encoding="utf-8")
    data.write_text(json.dumps({"changed": changed}), encoding="utf-8")
    return [str(report), str(data)]


def test_no_change_is_not_posted_but_replaces_what_was(
    comments: Comments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = plan_files(tmp_path, f"{MARKER}\n\nNo change in AWS.\n", changed=False)
    where = environment(comments, tmp_path)
    assert main(["github", *files], where) == 0
    assert comments.ours == []
    comments.kept += [OTHERS | {"id": number, "body": "chat"} for number in range(3, 150)]
    comments.kept.append({"id": 200, "body": f"{MARKER}\nold", "user": {"login": BOT}})
    assert main(["github", *files], where) == 0
    assert "No change in AWS." in comments.ours[0]
    assert "written over" in capsys.readouterr().err


def test_a_text_that_says_no_change_silences_nothing(comments: Comments, tmp_path: Path) -> None:
    files = plan_files(tmp_path, f"{MARKER}\n| delete | No change in AWS. |", changed=True)
    assert main(["github", *files], environment(comments, tmp_path)) == 0
    assert len(comments.ours) == 1


@pytest.mark.parametrize(
    ("token", "given", "author"),
    [
        ("secret", "", BOT),
        ("ghp_personal", "", "my-app[bot]"),
        ("secret", "my-app[bot]", "my-app[bot]"),
    ],
)
def test_only_its_own_comment_is_written_over(
    token: str, given: str, author: str, comments: Comments, tmp_path: Path
) -> None:
    for number, login in enumerate(("mallory", BOT, "my-app[bot]", "anna"), start=10):
        forged = {"id": number, "body": f"{MARKER}\n{login}", "user": {"login": login}}
        comments.kept.append(forged)
    files = plan_files(tmp_path, f"{MARKER}\nnew", changed=True)
    where = environment(comments, tmp_path, token) | {"STUDIO_AUTHOR": given}
    assert main(["github", *files], where) == 0
    written = [one["user"]["login"] for one in comments.kept if one["body"] == f"{MARKER}\nnew"]
    assert written == [author]


def test_gitlab_s_note_is_its_own_as_well(comments: Comments, tmp_path: Path) -> None:
    files = plan_files(tmp_path, f"{MARKER}\nnew", changed=True)
    where = {
        "CI_API_V4_URL": comments.url,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": "secret",
    }
    assert main(["gitlab", *files], where) == 0
    assert main(["gitlab", *files], where) == 0
    assert comments.kept[:2] == [OTHERS, FORGED]
    assert [one["author"]["username"] for one in comments.kept[2:]] == [GITLAB_BOT]


def test_a_token_that_may_not_comment_is_told(
    comments: Comments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = plan_files(tmp_path, MARKER, changed=True)
    assert main(["github", *files], environment(comments, tmp_path, "expired")) == 1
    assert "may write comments" in capsys.readouterr().err


def test_a_pull_request_of_a_fork_goes_without_comment(
    comments: Comments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = plan_files(tmp_path, MARKER, changed=True)
    where = environment(comments, tmp_path, "expired")
    event = {"number": 7, "pull_request": {"head": {"repo": {"fork": True}}}}
    Path(where["GITHUB_EVENT_PATH"]).write_text(json.dumps(event), encoding="utf-8")
    assert main(["github", *files], where) == 0
    assert "fork" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["github", "plan.md", "plan.json"], 1, "GITHUB_EVENT_PATH is not set"),
        (["gitlab", "plan.md", "plan.json"], 1, "CI_API_V4_URL is not set"),
        (["svn", "plan.md", "plan.json"], 2, "usage"),
        (["github"], 2, "usage"),
    ],
)
def test_what_is_missing_is_named(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, {}) == code
    assert words in capsys.readouterr().err


def test_a_plan_that_is_too_long_is_cut_at_a_line() -> None:
    text = f"{MARKER}\n" + "| a | row |\n" * 10_000
    assert len(shorten(text)) <= LONGEST
    assert shorten(text).count("row") > 5_000
    assert "longer than a comment" in shorten(text)
    assert shorten("short") == "short"
