"""Tags: read in bulk, written by us, and never believed longer than they deserve."""

from __future__ import annotations

import pytest
from studio_operator.aws.errors import AwsError
from studio_operator.aws.inventory.effects import enter
from studio_operator.aws.inventory.looks import Looks
from studio_operator.aws.inventory.tagging import TagIndex, TagPoller
from studio_operator.plan.types import Call, FailureKind
from studio_operator.settings import Settings

from tests.aws_ids import profile_at, space_at
from tests.unit.aws.stage import (
    ARNS,
    DOMAIN_ID,
    PLACE,
    REGION,
    WHERE,
    PlainAws,
    Stage,
    at,
    create_space_request,
    failure,
    profile_item,
    run,
    seen_once,
    space_item,
)

CHURN = space_at(REGION, DOMAIN_ID, "churn")
ALICE = profile_at(REGION, DOMAIN_ID, "alice")
CHURN_ARN = f"{ARNS}:space/{DOMAIN_ID}/churn"
OURS = {"studio-operator.dev/owner": "us"}
LAG = Settings().tag_lag


def test_a_view_appears_only_when_tags_were_read_since_the_domain_is_tracked() -> None:
    stage = Stage()
    stage.see(spaces=[space_item()])
    assert stage.sweep() == []
    assert not stage.watch.is_observed
    early = TagIndex(WHERE, stage.watch.tracked_at - 1, {})
    stage.watch.take_tags(early.began, early)
    assert not stage.watch.is_observed
    assert stage.read_tags((CHURN_ARN, OURS)) == [PLACE]
    assert stage.watch.is_observed
    assert stage.watch.spaces["churn"].tags == OURS


def test_tags_read_before_the_first_sweep_come_with_its_records() -> None:
    stage = Stage()
    stage.see(spaces=[space_item()], profiles=[profile_item("Alice")])
    stage.read_tags(
        (CHURN_ARN, OURS),
        (f"{ARNS}:user-profile/{DOMAIN_ID}/alice", OURS),
        (f"{ARNS}:domain/{DOMAIN_ID}", OURS),
        (f"{ARNS}:endpoint/other", OURS),
    )
    assert stage.sweep() == [PLACE]
    assert stage.watch.domain is not None
    assert stage.watch.domain.tags == OURS
    assert stage.watch.spaces["churn"].tags == OURS
    assert stage.watch.spaces["churn"].arn == CHURN_ARN
    assert stage.watch.profiles["alice"].tags == OURS


def test_without_the_right_to_read_the_index_the_view_appears_all_the_same() -> None:
    stage = Stage()
    stage.see(spaces=[space_item()])
    stage.sweep()
    stage.watch.take_tags(stage.now, None)
    assert stage.watch.is_observed
    assert stage.watch.spaces["churn"].tags is None


def test_a_failed_reading_leaves_tags_as_they_are_known() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.read_tags((CHURN_ARN, OURS))
    stage.watch.take_tags(stage.now, None)
    assert stage.watch.spaces["churn"].tags == OURS


def test_a_reading_tells_of_the_records_whose_tags_changed() -> None:
    stage = seen_once(spaces=[space_item(), space_item("other")], profiles=[profile_item()])
    assert stage.read_tags((CHURN_ARN, OURS)) == [CHURN]
    assert stage.read_tags((CHURN_ARN, OURS)) == []
    assert stage.read_tags((CHURN_ARN, {**OURS, "team": "x"})) == [CHURN]


def test_tags_that_the_index_lacks_are_unknown_not_absent() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.read_tags((CHURN_ARN, OURS))
    assert stage.read_tags() == [CHURN]
    assert stage.watch.spaces["churn"].tags is None
    assert stage.watch.spaces["churn"].arn == CHURN_ARN


@pytest.mark.parametrize("operation", ["CreateSpace", "AddTags", "DeleteTags"])
def test_our_own_writing_outweighs_the_index_for_as_long_as_that_may_lag(operation: str) -> None:
    stage = seen_once(spaces=[] if operation == "CreateSpace" else [space_item()])
    stage.read_tags((CHURN_ARN, {"old": "1"}))
    if operation == "CreateSpace":
        stage.done("CreateSpace", **create_space_request())
        expected = {"team": "churn"}
    elif operation == "AddTags":
        stage.done("AddTags", ResourceArn=CHURN_ARN, Tags=[{"Key": "new", "Value": "2"}])
        expected = {"old": "1", "new": "2"}
    else:
        stage.done("DeleteTags", ResourceArn=CHURN_ARN, TagKeys=["old"])
        expected = {}
    stage.read_tags((CHURN_ARN, {"old": "1"}), after=LAG - 1)
    assert stage.watch.spaces["churn"].tags == expected
    stage.read_tags((CHURN_ARN, {"old": "1"}), after=2)
    assert stage.watch.spaces["churn"].tags == {"old": "1"}


def test_adding_to_tags_that_are_not_known_does_not_make_them_known() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.done("AddTags", ResourceArn=CHURN_ARN, Tags=[{"Key": "new", "Value": "2"}])
    assert stage.watch.spaces["churn"].tags is None


@pytest.mark.parametrize(
    ("arn", "operation"),
    [
        (f"{ARNS}:domain/{DOMAIN_ID}", "AddTags"),
        (f"{ARNS}:user-profile/{DOMAIN_ID}/Alice", "AddTags"),
        (f"{ARNS}:app/{DOMAIN_ID}/churn/JupyterLab/default", "AddTags"),
    ],
)
def test_tags_of_other_kinds_follow_our_calls(arn: str, operation: str) -> None:
    stage = seen_once(profiles=[profile_item("Alice")])
    stage.read_tags((arn, OURS))
    call = Call(operation, {"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]})
    enter(stage.watch, call, {}, stage.now)
    tagged = [stage.watch.domain, stage.watch.profiles["alice"]]
    changed = [record for record in tagged if record and record.tags == {**OURS, "a": "b"}]
    assert len(changed) == (0 if ":app/" in arn else 1)


def space_answer(**changes: object) -> dict[str, object]:
    """An answer of DescribeSpace."""
    return {
        "DomainId": DOMAIN_ID,
        "SpaceArn": CHURN_ARN,
        "SpaceName": "churn",
        "Status": "InService",
        "CreationTime": at(0),
        "LastModifiedTime": at(20),
        **changes,
    }


def test_a_look_at_tags_describes_first_where_the_arn_is_not_known() -> None:
    stage = seen_once(spaces=[space_item()])
    looks = Looks(stage.aws, lambda: stage.now)
    stage.aws.answers["DescribeSpace"] = space_answer()
    stage.aws.answers["ListTags"] = [{"Key": "team", "Value": "churn"}]
    stage.aws.calls.clear()
    run(looks.at_tags(stage.watch, CHURN))
    assert stage.aws.calls == ["DescribeSpace", "ListTags"]
    assert stage.watch.spaces["churn"].tags == {"team": "churn"}
    stage.aws.calls.clear()
    run(looks.at_tags(stage.watch, CHURN))
    assert stage.aws.calls == ["ListTags"]


def test_tags_of_a_single_look_are_kept_until_the_next_reading_of_the_index() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.aws.answers["DescribeSpace"] = space_answer()
    stage.aws.answers["ListTags"] = []
    run(Looks(stage.aws, lambda: stage.now).at_tags(stage.watch, CHURN))
    stage.sweep()
    assert stage.watch.spaces["churn"].tags == {}
    stage.read_tags(after=LAG + 1)
    assert stage.watch.spaces["churn"].tags is None


def test_tags_we_wrote_while_aws_was_asked_for_them_are_not_overwritten() -> None:
    stage = seen_once(spaces=[space_item()])
    stage.read_tags((CHURN_ARN, {"old": "1"}))
    stage.aws.answers["ListTags"] = [{"Key": "old", "Value": "1"}]
    stage.aws.meanwhile = lambda: stage.done(
        "AddTags", ResourceArn=CHURN_ARN, Tags=[{"Key": "new", "Value": "2"}]
    )
    run(Looks(stage.aws, lambda: stage.now).at_tags(stage.watch, CHURN))
    assert stage.watch.spaces["churn"].tags == {"old": "1", "new": "2"}


def test_the_index_is_read_at_its_own_interval_and_a_failure_is_told_as_none() -> None:
    aws, now, read = PlainAws(), 50.0, []
    watch = TagPoller(
        aws,
        WHERE,
        Settings(),
        lambda: now,
        lambda began, index: read.append((began, index)),
    )
    run(watch.sweep(10))
    assert watch.schedule.due == 50.0 + Settings().tag_interval
    aws.failing["GetResources"] = failure("GetResources", FailureKind.ACCESS)
    with pytest.raises(AwsError):
        run(watch.sweep(10))
    assert watch.schedule.due > now
    assert [index is None for _, index in read] == [False, True]
