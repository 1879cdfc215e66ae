"""Whose script of back-ups is in AWS: others may make one under the name of ours at any moment."""

from __future__ import annotations

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.features.backup_scripts import BackupScripts
from studio_operator.kinds.space.features.backup.observed import ObservedScript, ScriptQuestion
from studio_operator.plan.types import Call, FailureKind
from studio_operator.settings import Settings

from tests.aws_ids import region_at
from tests.readers import reader_context
from tests.unit.aws.stage import EPOCH, REGION, PlainAws, at, failure, run

OURS, EVIL = "b3Vycw==", "ZXZpbA=="
QUESTION = ScriptQuestion(
    "studio-operator-backup-jupyterlab-1-2", made_for="cluster-1/team", content=OURS
)
DESCRIBE = "DescribeStudioLifecycleConfig"
CREATE = Call("CreateStudioLifecycleConfig", {"StudioLifecycleConfigName": QUESTION.name})


class World:
    """AWS as plain data, and what the operator knows of the script."""

    def __init__(self) -> None:
        self.aws = PlainAws()
        self.now = EPOCH
        self.scripts = BackupScripts(reader_context(self.aws, Settings(), lambda: self.now))
        self.aws.failing[DESCRIBE] = failure(DESCRIBE, FailureKind.GONE)

    def others_make_it(self) -> None:
        """A script of others is there from now on."""
        del self.aws.failing[DESCRIBE]
        self.aws.answers[DESCRIBE] = {"StudioLifecycleConfigContent": EVIL}

    def look(self) -> ObservedScript:
        """What is seen after a look."""
        run(self.scripts.look(region_at(REGION), QUESTION))
        return self.scripts.of(region_at(REGION), QUESTION)


def test_a_script_that_others_made_after_the_look_is_looked_at_before_it_is_run() -> None:
    """Our call may wait for its turn for minutes, and AWS then says: there is one already."""
    world = World()
    assert world.look().exists is False
    world.others_make_it()
    world.scripts.expect(CREATE, {}, region_at(REGION))
    assert world.scripts.of(region_at(REGION), QUESTION).exists is None
    seen = world.look()
    assert (seen.exists, seen.is_foreign) == (False, True)


def test_a_script_that_we_made_needs_no_look() -> None:
    world = World()
    world.look()
    world.scripts.expect(CREATE, {"StudioLifecycleConfigArn": "arn"}, region_at(REGION))
    world.scripts.expect(CREATE, {}, region_at(REGION))  # for another space of that place
    assert world.scripts.of(region_at(REGION), QUESTION).exists is True


@pytest.mark.parametrize("seconds", [0, 24 * 3600])
def test_a_look_in_vain_takes_no_script_of_others_for_one_that_is_missing(seconds: int) -> None:
    """Else the operator would try to make it, and AWS would say that there is one already."""
    world = World()
    world.others_make_it()
    assert world.look().is_foreign
    world.now = at(seconds)
    world.aws.failing[DESCRIBE] = failure(DESCRIBE)
    with pytest.raises(AwsError):
        world.look()
    seen = world.scripts.of(region_at(REGION), QUESTION)
    assert seen.exists is None or seen.is_foreign


def test_when_the_script_was_seen_is_told_with_it() -> None:
    """A start needs a fresh look: others may have put another script under the name meanwhile."""
    world = World()
    world.others_make_it()
    world.aws.answers[DESCRIBE] = {"StudioLifecycleConfigContent": OURS}
    seen = world.look()
    assert (seen.exists, seen.observed_at) == (True, EPOCH)
    world.now = at(60)
    world.aws.answers[DESCRIBE] = {"StudioLifecycleConfigContent": EVIL}
    seen = world.look()
    assert (seen.is_foreign, seen.observed_at) == (True, at(60))
