"""Completion, as bash and as kubectl ask for it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.team import Team
from tests.plugin.conftest import PROGRAM, Studio


def test_kubectl_runs_and_completes_the_plug_in(team: Team, studio: Studio, tmp_path: Path) -> None:
    team.run_space()
    script = tmp_path / "kubectl_complete-studio"
    script.write_text(studio.run(PROGRAM, "completion", "kubectl").out)
    script.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), str(PROGRAM.parent), os.environ["PATH"]])
    kubectl = team.product.stack.access.kubectl_path
    place = ("-n", team.namespace)
    asked = studio.run(kubectl, "__complete", "studio", "stop", *place, "ch", PATH=path)
    assert asked.out.splitlines() == ["churn\tInService", ":4"]
    told = studio.run(kubectl, "studio", "why", "churn", *place, PATH=path)
    assert told.out.startswith(f"Space {team.namespace}/churn: Ready")


def test_bash_completes_what_a_profile_is_called(team: Team, studio: Studio) -> None:
    asked = studio.run(
        PROGRAM,
        _KUBECTL_STUDIO_COMPLETE="bash_complete",
        COMP_WORDS=f"kubectl-studio why -n {team.namespace} profile/al",
        COMP_CWORD="4",
    )
    assert asked.out.splitlines() == ["plain,profile/alice"]
