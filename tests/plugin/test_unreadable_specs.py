"""A spec that the API server admits and the operator can't read, as the plug-in tells it."""

from __future__ import annotations

from tests.e2e.team import Team
from tests.e2e.windows import open_now
from tests.plugin.conftest import Studio


def test_why_names_the_field_and_what_can_be_done_all_the_same(team: Team, studio: Studio) -> None:
    team.run_space(schedule={**open_now(), "timezone": "Europe/London"})
    team.edit("Space", "churn", schedule={**open_now(), "timezone": "Europe/Londom"})
    team.wait_reason("Space", "churn", "InvalidSpec")
    told = studio("why", "churn").out
    assert "Stalled" in told
    assert "phase InService" in told
    assert "spec.schedule.timezone is Europe/Londom, which is no time zone" in told
    assert "spec.schedule.timezone to an IANA name such as Europe/London" in told

    for words in (("--for", "1h"), ("--off",)):
        refused = studio("snooze", "churn", *words, expect=4).out
        assert "spec.schedule.timezone is Europe/Londom, which is no time zone" in refused
    for verb in ("start", "restart", "apply-now"):
        refused = studio(verb, "churn", expect=4).out
        assert "spec.schedule.timezone is Europe/Londom, which is no time zone" in refused
    space = team.get("Space", "churn")
    assert space is not None
    assert "annotations" not in space.raw["metadata"], "nothing is asked that comes to nothing"

    (stopped,) = studio("stop", "churn", "-o", "json").data
    assert (stopped["state"], stopped["phase"]) == ("Done", "Stopped")
    assert team.aws_app() is None
    told = studio("why", "churn").out
    assert "phase Stopped" in told
    assert "which is no time zone" in told
