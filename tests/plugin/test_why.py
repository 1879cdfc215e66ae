"""why: the explanation of real resources, in the phases that people ask about."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.team import Team
from tests.plugin.conftest import Studio


def test_a_space_that_was_stopped_by_a_person(team: Team, studio: Studio) -> None:
    team.run_space()
    team.simulator.stop_app(team.domain_id, "churn")
    team.wait_reason("Space", "churn", "StoppedOutside")
    answer = studio("why", "churn")
    assert f"Space {team.namespace}/churn: Ready" in answer.out
    assert "StoppedOutside: stopped by a person" in answer.out
    assert "drift.state is not Enforce, so it is respected" in answer.out
    assert f"kubectl studio start churn -n {team.namespace}" in answer.out
    assert "docs/reasons.md#stoppedoutside" in answer.out
    assert [line.split()[2] for line in answer.out.splitlines() if " Normal " in line] == [
        "Creating",
        "Starting",
        "Running",
        "StoppedOutside",
    ]


def test_the_chain_is_followed_to_the_root_cause(new_team: Team) -> None:
    team, studio = new_team, Studio(new_team)
    said = "User: operator is not authorized to perform: sagemaker:CreateDomain"
    team.simulator.add_fault("CreateDomain", code="AccessDeniedException", message=said)
    for manifest in (team.domain(), team.profile(), team.space()):
        team.apply(manifest)
    team.wait_reason("StudioDomain", "research", "AccessDenied")
    team.wait_reason("Space", "churn", "DependencyNotReady")
    why = studio("why", "churn", "-o", "json").data
    assert [(link["kind"], link["standing"]) for link in why["chain"]] == [
        ("Space", "Reconciling"),
        ("UserProfile", "Reconciling"),
        ("StudioDomain", "Stalled"),
    ]
    assert said in why["root"]["message"]
    assert why["root"]["commands"] == [
        f"kubectl studio reconcile domain/research -n {team.namespace}"
    ]
    assert "Root cause" in studio("why", "churn").out


def test_a_resize_tells_its_step_and_what_follows(team: Team, studio: Studio) -> None:
    team.run_space()
    team.simulator.set_durations(app_stop=4)
    team.edit("Space", "churn", instanceType="ml.m5.large")
    team.wait_reason("Space", "churn", "Resizing")
    why = studio("why", "churn", "-o", "json").data
    assert (why["phase"], why["operation"]["step"]) == ("Resizing", "StoppingApp")
    assert (
        "Resize from ml.t3.medium to ml.m5.large is at StoppingApp: when the app is stopped, "
        "the change is made, and the app is started again." in why["next"]
    )


def test_profiles_and_domains_are_explained_too(team: Team, studio: Studio) -> None:
    assert "is as declared" in studio("why", "profile/alice").out
    assert "standing: Ready" in studio("why", "domain/research", "-o", "yaml").out
    assert "Did you mean research?" in studio("why", "domain/reserach", expect=3).err


def test_a_cluster_that_does_not_answer(team: Team, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(
        team.product.stack.access.kubeconfig.read_text().replace(
            team.product.stack.access.server, "https://127.0.0.1:1"
        )
    )
    answer = Studio(team, kubeconfig)("why", "churn", expect=1)
    assert "the cluster at https://127.0.0.1:1 does not answer" in answer.err
    assert "--context" in answer.err
