"""The command line itself: what it imports, its options, its exit codes, its output."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from rich.text import Text
from studio_operator.plugin import errors, output
from studio_operator.plugin.completion import answer_kubectl
from studio_operator.plugin.kube.cluster import connect
from studio_operator.plugin.main import VERBS, group, load
from studio_operator.plugin.names import kind_of, suggest
from studio_operator.plugin.options import Connection, duration

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "kubectl-studio.md"


def invoke(*words: str, **variables: str) -> tuple[int, str]:
    ended = CliRunner().invoke(group, words, env={"KUBECONFIG": "/nonexistent", **variables})
    return ended.exit_code, ended.output


def test_help_imports_neither_kubernetes_nor_boto3() -> None:
    code = (
        "import sys; from studio_operator.plugin.main import group\n"
        "group.main(['--help'], standalone_mode=False)\n"
        "print(sorted({'kubernetes', 'boto3', 'botocore', 'pydantic'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_of_the_table_is_there(verb: str) -> None:
    assert isinstance(load(verb), click.Command)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help(verb: str) -> None:
    code, told = invoke(verb, "--help")
    assert (code, told.startswith(f"Usage: kubectl studio {verb}")) == (0, True)


WRONG = [
    (("start",), "give names, or -l SELECTOR, or --all"),
    (("start", "churn", "--all"), "give names, or -l SELECTOR, or --all"),
    (("start", "churn", "-A"), "give -n instead of -A"),
    (("start", "--all", "-A", "-n", "team"), "-n and -A exclude each other"),
    (("start", "profile/alice"), "is none of NAME, spaces/NAME"),
    (("why", "pod/alice"), "is none of NAME, spaces/NAME, userprofiles/NAME, studiodomains/NAME"),
    (("why", "space/"), "is none of NAME"),
    (("why", ""), "'' is none of NAME"),
    (("stop", ""), "'' is none of NAME"),
    (("stop", "churn", ""), "'' is none of NAME"),
    (("lingering", ""), "'' is none of NAME"),
    (("snooze", "", "--off"), "'' is none of NAME"),
    (("open", ""), "'' is none of NAME"),
    (("open", "domain/research"), "is none of NAME, spaces/NAME, userprofiles/NAME"),
    (("lingering", "domain/research"), "is none of NAME, spaces/NAME"),
    (("reconcile", "pod/x"), "is none of NAME, spaces/NAME, userprofiles/NAME"),
    (("stop", "churn", "--timeout", "soon"), "is no time such as 90s, 10m or 1h30m"),
    (("why", "churn", "-o", "xml"), "is not one of"),
    (("open", "churn", "--expires-in", "301"), "is not in the range 5<=x<=300"),
    (("snooze", "churn"), "give one of --until TIME, --for TIME and --off"),
    (("snooze", "churn", "--for", "2h", "--off"), "give one of --until TIME, --for TIME and --off"),
    (("snooze", "profile/alice", "--off"), "is none of NAME, spaces/NAME"),
    (("snooze", "churn", "--for", "tonight"), "is no time such as 90s, 10m or 1h30m"),
    (("lingering", "churn", "-A"), "give -n instead of -A"),
    (("top", "--by", "colour"), "is not one of 'owner', 'team', 'domain'"),
    (("top", "--by", "owner", "--tag", "unit"), "--tag names a team: leave out --by owner"),
    (("prices", "refresh"), "Missing option '--region'"),
    (("iam-policy", "--account", "12"), "does not look like 123456789012"),
    (("iam-policy", "--domain-id", "research"), "does not look like d-a1b2c3d4e5f6"),
    (("iam-policy", "--level", "all"), "is not one of"),
    (("iam-policy",), "name the execution roles that may be passed with --role"),
    (("iam-policy", "--level", "no-delete"), "or give --any-role"),
    (("iam-policy", "--role", "*"), "--role * is every role"),
    (("iam-policy", "--role", "arn:aws:iam::*:role/*"), "is every role: give --any-role"),
    (("iam-policy", "--any-role", "--role", "studio"), "exclude each other"),
    (("iam-policy", "--cluster-id", "a/b"), "does not look like team-a-prod"),
    (("completion", "tcsh"), "is not one of"),
    (("dance",), "No such command 'dance'"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_wrong_usage_ends_with_2_and_names_what_is_wrong(words: tuple[str, ...], told: str) -> None:
    code, said = invoke(*words)
    assert (code, told in " ".join(said.split())) == (errors.WRONG_USAGE, True), said


def test_no_cluster_ends_with_1_and_says_what_to_set() -> None:
    code, told = invoke("why", "churn")
    assert code == errors.FAILED
    assert "no cluster is configured" in told
    assert "--kubeconfig" in told


KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
contexts: [{name: work, context: {cluster: here, user: me, namespace: ml-team}}]
"""
UNUSABLE = [
    ("a: [", (), "the kubeconfig can't be read"),
    ("", (), "no cluster is configured"),
    (KUBECONFIG, (), "no cluster is configured"),
    (KUBECONFIG, ("--context", "home"), "no cluster is configured"),
    (KUBECONFIG, ("--context", "work"), "https://127.0.0.1:1 does not answer"),
    (KUBECONFIG + "current-context: work", (), "https://127.0.0.1:1 does not answer"),
]


@pytest.mark.parametrize(("content", "words", "told"), UNUSABLE)
def test_a_kubeconfig_that_leads_nowhere_ends_with_1(
    tmp_path: Path, content: str, words: tuple[str, ...], told: str
) -> None:
    file = tmp_path / "config"
    file.write_text(content, encoding="utf-8")
    code, said = invoke("why", "churn", "--kubeconfig", str(file), *words)
    assert (code, told in said) == (errors.FAILED, True), said


def test_the_namespace_is_the_contexts_unless_told_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(KUBECONFIG, encoding="utf-8")
    assert connect(Connection(str(file), "work")).namespace == "ml-team"
    assert connect(Connection(str(file), "work", "other")).namespace == "other"


def test_the_page_lists_every_exit_code_and_every_verb() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for code, meaning in errors.EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in text
    for verb in VERBS:
        assert f"kubectl studio {verb}" in text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("2h", 7200),
        ("1m5s", 65),
        ("1d", 86_400),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1w", "-5s", "1.5h"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter):
        duration(text)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("space", "Space"),
        ("spaces.studio-operator.dev", "Space"),
        ("sp", "Space"),
        ("profile", "UserProfile"),
        ("uprof", "UserProfile"),
        ("Domain", "StudioDomain"),
        ("pod", None),
    ],
)
def test_kinds_by_their_names(word: str, kind: str | None) -> None:
    assert kind_of(word) == kind


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["churn", "features"], "Did you mean churn?"),
        (["alpha", "beta"], "There is: alpha, beta."),
        ([], "is it another namespace (-n)?"),
    ],
)
def test_a_name_that_is_not_there(names: list[str], told: str) -> None:
    assert told in suggest("chrun", names)


def test_a_pipe_gets_whole_lines_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = io.StringIO()
    output.show(output.table(("name", "message"), [("churn", "word " * 50)]), stream)
    head, row = stream.getvalue().splitlines()
    assert head == "NAME    MESSAGE"
    assert row == ("churn   " + "word " * 50).rstrip()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("variable", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, variable: str, coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", variable)
    stream = Terminal()
    output.show(Text("Ready", style="green"), stream)
    assert ("\x1b[32m" in stream.getvalue()) is coloured


@pytest.mark.parametrize(("stream", "told"), [(Terminal(), True), (io.StringIO(), False)])
def test_progress_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, told: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    with output.progress(total=2) as advance:
        advance("stop churn: the app is being stopped", 1)
    assert ("stop churn" in stream.getvalue()) is told


def test_json_and_yaml_hold_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"b": [1, None], "a": "ü: yes"}
    output.emit(output.Format.JSON, data, lambda: "")
    output.emit(output.Format.YAML, data, lambda: "")
    told = capsys.readouterr().out
    first, second = told.split("}\n")
    assert json.loads(first + "}") == yaml.safe_load(second) == data


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (["st"], ["start", "stop"]),
        (["apply"], ["apply-now"]),
        (["iam-policy", "--level", ""], ["full", "no-delete", "read-only"]),
        (["completion", ""], ["bash", "zsh", "fish", "kubectl"]),
        (["top", "--by", ""], ["owner", "team", "domain"]),
        (["prices", ""], ["refresh"]),
        (["prices", "refresh", "--re"], ["--region"]),
        (["start", "ch"], []),  # no cluster: nothing to offer, and no error in the middle of typing
    ],
)
def test_what_kubectl_is_offered(
    monkeypatch: pytest.MonkeyPatch, words: list[str], candidates: list[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    *lines, directive = answer_kubectl(group, words).splitlines()
    assert [line.split("\t")[0] for line in lines] == candidates
    assert directive == ":4"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_for_our_program(shell: str) -> None:
    code, script = invoke("completion", shell)
    assert (code, "kubectl-studio" in script) == (0, True)
    assert f"_KUBECTL_STUDIO_COMPLETE={shell}_complete" in script


def test_bash_takes_the_script_as_the_page_says() -> None:
    line = "source <(kubectl-studio completion bash)"
    assert line in PAGE.read_text(encoding="utf-8")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    ended = subprocess.run(
        ["bash", "-c", f"{line} && complete -p kubectl-studio"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert "_kubectl_studio_completion" in ended.stdout


def test_the_script_for_kubectl_is_one_that_sh_can_read() -> None:
    _, script = invoke("completion", "kubectl")
    assert script.startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=script, text=True, check=True, timeout=10)
