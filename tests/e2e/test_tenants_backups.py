"""As somebody who edits `backup.s3Uri` again and again, or puts a script in place of ours."""

from __future__ import annotations

import base64

from studio_operator.api.common import MADE_FOR_TAG

from tests.e2e.team import Team

LIMIT = 3
EDITS = 16
LIMITS = {
    "backup_scripts_per_namespace": str(LIMIT),
    "backup_places": "s3://team-backups",
}


def scripts(team: Team) -> list[str]:
    """The lifecycle configurations that were made for this namespace."""
    aws = team.aws()
    pages = aws.get_paginator("list_studio_lifecycle_configs").paginate()
    arns = [
        one["StudioLifecycleConfigArn"] for page in pages for one in page["StudioLifecycleConfigs"]
    ]
    return [arn for arn in arns if _made_for(team, arn).endswith(f"/{team.namespace}")]


def _made_for(team: Team, arn: str) -> str:
    tags = team.aws().list_tags(ResourceArn=arn)["Tags"]
    return next((one["Value"] for one in tags if one["Key"] == MADE_FOR_TAG), "")


def edit(team: Team, number: int) -> None:
    """Another place, each fourth in a bucket where no back-ups may go."""
    bucket = "evil" if number % 4 == 0 else "team-backups"
    team.edit("Space", "churn", backup={"s3Uri": f"s3://{bucket}/{number}"})
    team.wait_for(
        "Space",
        "churn",
        lambda it: it.is_current and it.reason != "Updating",
        f"edit {number} is answered",
    )


def test_edits_and_restarts_make_no_more_scripts_than_the_limit(team: Team) -> None:
    with team.product.own_operator("first", **LIMITS):
        team.run_space(backup={"s3Uri": "s3://team-backups"})
        before = team.last_call()
        for number in range(EDITS // 2):
            edit(team, number)
    assert len(scripts(team)) == LIMIT
    with team.product.own_operator("restarted", **LIMITS):
        for number in range(EDITS // 2, EDITS):
            edit(team, number)
        space = team.wait_reason("Space", "churn", "InvalidSpec")
        assert f"this namespace has scripts for {LIMIT} in AWS" in space.message
        assert len(scripts(team)) == LIMIT
    assert team.changes(since=before) == []  # in its domain, and in S3
    assert (team.aws_app() or {})["status"] == "InService"


def test_a_script_that_others_put_in_its_place_is_not_started(team: Team) -> None:
    """What was seen a moment ago counts for a start, so this operator takes a short moment."""
    with team.product.own_operator("watchful", backup_script_fresh="0.1"):
        team.run_space(backup={"s3Uri": f"s3://team-backups/{team.namespace}"})
        (script,) = scripts(team)
        team.edit("Space", "churn", state="Stopped")
        team.wait_phase("churn", "Stopped")
        aws, name = team.aws(), script.rpartition("/")[2]
        aws.delete_studio_lifecycle_config(StudioLifecycleConfigName=name)
        aws.create_studio_lifecycle_config(
            StudioLifecycleConfigName=name,
            StudioLifecycleConfigContent=base64.b64encode(b"#!/bin/sh\ntrue\n").decode(),
            StudioLifecycleConfigAppType="JupyterLab",
        )
        before = team.last_call()
        team.edit("Space", "churn", state="Running")
        space = team.wait_reason("Space", "churn", "InvalidSpec")
        assert name in space.message
        assert team.changes(since=before) == []
        assert (team.aws_app() or {}).get("status") != "InService"
