"""The page of the plug-in: its examples are what the commands print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import CliRunner
from studio_operator.plugin.aws.permissions import Level
from studio_operator.plugin.main import group

from tests.docs.pages import page
from tests.e2e.team import Team
from tests.e2e.test_lingering import deploy
from tests.e2e.windows import open_now
from tests.plugin.conftest import Studio

# What differs from run to run, and what stands for it in a comparison.
VARYING = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z| UTC)", "<time>"),
    (r"\b(\d+h)?\d+[smhd]\b", "<age>"),
    (r"\bin \d+ s\b", "in <n> s"),
    (r"\bd-[a-z0-9]{12}\b", "<domain>"),
    (r"\bml-team-research\b", "research"),
    (r"token=\S+", "token=<token>"),
    (r"[ \t]+", " "),
)


def examples() -> Iterator[tuple[str, str]]:
    """The commands of the page in its order, each with what it prints; options are asked for."""
    for block in page("kubectl-studio.md").blocks:
        if block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                yield command, printed


def masked(text: str, namespace: str) -> list[str]:
    """Lines without what differs from run to run."""
    for pattern, stand_in in ((re.escape(namespace), "ml-team"), *VARYING):
        text = re.sub(pattern, stand_in, text)
    return text.rstrip().splitlines()


def cool_down(team: Team) -> None:
    team.run_space("training")
    team.edit("Space", "training", storage={"sizeGiB": 40})
    team.wait_ready("Space", "training")
    team.edit("Space", "training", storage={"sizeGiB": 50})
    team.wait_reason("Space", "training", "StorageCooldown")


def enforce(team: Team) -> None:
    team.run_space("enforced", drift={"state": "Enforce"})


def miss_the_owner(team: Team) -> None:
    team.apply(team.space("features", ownerRef={"name": "bob"}))
    team.wait_reason("Space", "features", "DependencyNotReady")


def wait_for_a_stop(team: Team) -> None:
    team.edit("Space", "churn", instanceType="ml.m5.large", resizePolicy="WhenStopped")
    team.wait_reason("Space", "churn", "PendingRestart")


def close_late(team: Team) -> None:
    team.run_space("night", schedule=open_now())


def run_on_a_gpu(team: Team) -> None:
    team.apply(team.profile("carol"))
    team.run_space("vision", ownerRef={"name": "carol"}, instanceType="ml.g5.xlarge")


def leave_an_endpoint(team: Team) -> None:
    deploy(team)
    team.edit("Space", "churn", state="Stopped")
    team.wait_for("Space", "churn", lambda it: it.has("LingeringResources"), "tells what lingers")


# What has happened before a command of the page.
BEFORE: dict[str, Callable[[Team], None]] = {
    "kubectl studio snooze night --for 2h": close_late,
    "kubectl studio top": run_on_a_gpu,
    "kubectl studio lingering": leave_an_endpoint,
    "kubectl studio why training": cool_down,
    "kubectl studio why features": miss_the_owner,
    "kubectl studio stop enforced": enforce,
    "kubectl studio apply-now churn": wait_for_a_stop,
}
CODES = {
    "kubectl studio stop enforced": 4,
    "kubectl studio snooze churn --until 22:00": 4,
    "kubectl studio why chrun": 3,
}


def test_the_examples_print_what_the_page_says(team: Team, studio: Studio, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    (values,) = (one.text for one in page("kubectl-studio.md").blocks if one.language == "yaml")
    prices.write_text(values, encoding="utf-8")
    settings = {"prices_file": str(prices), "lingering_interval": "2"}
    # As in a cluster: without a Lease `why` could not know whether an operator runs.
    with team.product.own_operator("examples", "--leader-election=on", **settings):
        compare_examples(team, studio)


def compare_examples(team: Team, studio: Studio) -> None:
    team.run_space()
    for command, printed in examples():
        if "iam-policy" in command:
            continue
        if happens := BEFORE.get(command):
            happens(team)
        answer = studio(*shlex.split(command)[2:], expect=CODES.get(command, 0))
        said = masked(answer.out + answer.err, team.namespace)
        assert said == masked(printed, "ml-team"), command


def test_the_policies_of_the_page_are_printed() -> None:
    asked = [shlex.split(command)[2:] for command, _ in examples() if "iam-policy" in command]
    assert [CliRunner().invoke(group, words).exit_code for words in asked] == [0]


def test_the_page_names_every_level_of_the_policy() -> None:
    text = page("kubectl-studio.md").text
    assert [level for level in Level if f"| `{level}` |" not in text] == []
