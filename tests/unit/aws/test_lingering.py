"""What goes on costing money after a stop: what counts, whose it is, and how little is asked."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from studio_operator.aws.features.lingering import LingeringPoller
from studio_operator.aws.features.lingering_kinds import JOBS, type_of
from studio_operator.kinds.resource_id import ResourceId
from studio_operator.plan.types import FailureKind
from studio_operator.settings import Settings

from tests.aws_ids import region_at
from tests.unit.aws.lingering_stage import (
    APPLICATION,
    CHURN,
    ENDPOINT,
    NOTEBOOK,
    SERVER,
    SPACE_ARN,
    TRAINING,
    Account,
)
from tests.unit.aws.stage import ARNS, DOMAIN_ID, REGION, at, failure, run


class Scene:
    """One region's watch over an account, on a clock that is set by hand."""

    def __init__(self, *, needed: bool = True, **settings: Any) -> None:
        self.clock = 1000.0
        self.aws = Account()
        self.told: list[set[ResourceId]] = []
        self.needed = needed
        self.watch = LingeringPoller(
            self.aws,
            region_at(REGION),
            Settings(**settings),
            lambda: self.clock,
            lambda: at(self.clock),
            is_needed=lambda: self.needed,
            on_change=self.told.append,
        )

    def look(self, after: float = 60.0) -> set[str]:
        """Look after so many seconds: what is found for the space churn."""
        self.clock += after
        self.aws.calls.clear()
        run(self.watch.look())
        return set(self.watch.of(CHURN))

    @property
    def asked(self) -> list[str]:
        return [operation for operation, _ in self.aws.calls]


ALWAYS_ASKED = ["GetResources", "ListTrainingJobs", "ListProcessingJobs", "ListTransformJobs"]


# --- what counts ---


@pytest.mark.parametrize(
    ("arn", "listed", "counts"),
    [
        (ENDPOINT, {}, True),
        (f"{ARNS}:feature-group/churn", {}, True),
        (SERVER, {}, True),
        (SERVER, {"ListMlflowTrackingServers": [SERVER]}, False),  # those that are stopped
        (f"{ARNS}:cluster/abc", {}, True),
        (f"arn:aws:elasticmapreduce:{REGION}:123456789012:cluster/j-1", {}, True),
        (APPLICATION, {}, False),
        (APPLICATION, {"ListApplications": [APPLICATION]}, True),  # those that are started
        (NOTEBOOK, {}, True),
        (NOTEBOOK, {"ListNotebookInstances": [NOTEBOOK]}, False),  # those that are stopped
        (TRAINING, {"ListTrainingJobs": [TRAINING]}, True),  # those that run
        (TRAINING, {}, False),
        (f"{ARNS}:processing-job/p", {"ListProcessingJobs": [f"{ARNS}:processing-job/p"]}, True),
        (f"{ARNS}:transform-job/t", {"ListTransformJobs": [f"{ARNS}:transform-job/t"]}, True),
        (f"{ARNS}:model/churn", {}, False),
        (f"{ARNS}:endpoint-config/churn", {}, False),
        (f"{ARNS}:app/{DOMAIN_ID}/churn/JupyterLab/default", {}, False),
    ],
)
def test_what_costs_money_counts(arn: str, listed: dict[str, list[str]], counts: bool) -> None:
    scene = Scene()
    scene.aws.tags[arn] = SPACE_ARN
    scene.aws.listed = listed
    assert scene.look() == ({arn} if counts else set())


def test_a_job_that_runs_without_the_tag_is_nobodys() -> None:
    scene = Scene()
    scene.aws.listed["ListTrainingJobs"] = [TRAINING]
    assert scene.look() == set()


@pytest.mark.parametrize(
    ("tag", "is_ours"),
    [
        (SPACE_ARN, True),
        (SPACE_ARN.replace("churn", "Churn"), True),
        (SPACE_ARN.replace("churn", "other"), False),
        (SPACE_ARN.replace(DOMAIN_ID, "d-other"), False),
        (SPACE_ARN.replace(REGION, "us-east-1"), False),
        (f"{ARNS}:domain/{DOMAIN_ID}", False),
        ("whatever a person wrote", False),
    ],
)
def test_it_belongs_to_the_space_that_the_tag_names(tag: str, is_ours: bool) -> None:
    scene = Scene()
    scene.aws.tags[ENDPOINT] = tag
    assert scene.look() == ({ENDPOINT} if is_ours else set())


@pytest.mark.parametrize("pages", [1, 2])
def test_what_could_not_be_listed_to_the_end_counts(pages: int) -> None:
    scene = Scene(lingering_pages=pages)
    scene.aws.page = 1
    scene.aws.tags[APPLICATION] = SPACE_ARN
    scene.aws.listed["ListApplications"] = ["another", "and another"]
    assert scene.look() == {APPLICATION}
    assert not scene.watch.is_complete


# --- what it costs ---


def test_a_region_in_which_nothing_lingers_takes_four_calls() -> None:
    scene = Scene()
    scene.look()
    assert scene.asked == ALWAYS_ASKED


def test_jobs_are_looked_for_as_long_as_one_may_run_the_newest_first() -> None:
    scene = Scene()
    scene.look()
    asked = dict(scene.aws.calls)
    for listing in JOBS:
        assert asked[listing.operation]["CreationTimeAfter"] == at(scene.clock) - timedelta(days=28)
        assert asked[listing.operation]["SortOrder"] == "Descending"


def test_tags_of_jobs_that_run_are_read_by_the_hundred() -> None:
    scene = Scene()
    jobs = [f"{ARNS}:training-job/{number:03}" for number in range(250)]
    scene.aws.listed["ListTrainingJobs"] = jobs
    scene.aws.tags = dict.fromkeys(jobs, SPACE_ARN)
    assert scene.look() == set(jobs)
    assert scene.asked.count("ListTrainingJobs") == 3
    assert scene.asked.count("GetResources") == 1 + 3
    assert scene.watch.is_complete


@pytest.mark.parametrize(("pages", "found", "is_complete"), [(3, 6, False), (8, 10, True)])
def test_a_look_ends_after_so_many_pages_and_says_so(
    pages: int, found: int, is_complete: bool
) -> None:
    scene = Scene(lingering_pages=pages)
    scene.aws.page = 2
    scene.aws.tags = {f"{ENDPOINT}-{number}": SPACE_ARN for number in range(10)}
    assert len(scene.look()) == found
    assert len(scene.asked) == pages
    assert scene.watch.is_complete is is_complete


def test_stops_that_ask_at_once_share_one_look() -> None:
    async def ask_500_times(watch: LingeringPoller) -> None:
        await asyncio.gather(*(watch.look() for _ in range(500)))

    scene = Scene()
    run(ask_500_times(scene.watch))
    assert scene.asked == ALWAYS_ASKED


def test_a_slow_look_serves_those_who_asked_while_it_went_on() -> None:
    scene = Scene(lingering_shared=10.0)

    def pass_time() -> None:
        scene.clock += 5

    async def ask_twice_at_once() -> None:
        await asyncio.gather(scene.watch.look(), scene.watch.look())

    scene.aws.meanwhile = pass_time
    run(ask_twice_at_once())
    assert scene.asked == ALWAYS_ASKED


@pytest.mark.parametrize(("after", "calls"), [(9.0, []), (11.0, ALWAYS_ASKED)])
def test_a_look_is_good_enough_for_some_seconds(after: float, calls: list[str]) -> None:
    scene = Scene(lingering_shared=10.0)
    scene.look()
    scene.look(after)
    assert scene.asked == calls


def test_at_rest_nobody_looks_where_no_space_is_ours() -> None:
    scene = Scene(needed=False)
    run(scene.watch.sweep(10))
    assert scene.asked == []
    assert scene.watch.looked_at is None
    scene.needed = True
    run(scene.watch.sweep(10))
    assert scene.asked == ALWAYS_ASKED


def test_at_rest_it_looks_once_in_each_interval() -> None:
    scene = Scene(lingering_interval=300.0)
    run(scene.watch.sweep(10))
    assert scene.watch.schedule.due == scene.clock + 300


# --- what is told ---


def test_only_a_change_of_what_is_found_is_told() -> None:
    scene = Scene()
    scene.look()
    assert scene.told == []
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    scene.look()
    scene.look()
    assert scene.told == [{CHURN}]
    del scene.aws.tags[ENDPOINT]
    scene.look()
    assert scene.told == [{CHURN}, {CHURN}]


def test_what_a_look_found_before_it_broke_off_is_told_by_the_next() -> None:
    def break_off() -> None:
        if scene.asked[-1] == "ListProcessingJobs":
            raise ZeroDivisionError

    scene = Scene()
    scene.aws.tags[ENDPOINT] = SPACE_ARN
    scene.aws.meanwhile = break_off
    with pytest.raises(ZeroDivisionError):
        scene.look()
    scene.aws.meanwhile = lambda: None
    scene.look()
    assert scene.told == [{CHURN}]


def test_when_it_was_looked_is_known_by_the_beginning_of_the_look() -> None:
    scene = Scene()
    scene.look()
    assert scene.watch.looked_at == at(scene.clock)


# --- what AWS refuses ---

DENIED = failure("GetResources", FailureKind.ACCESS)


def test_nothing_waits_for_an_answer_that_aws_refuses() -> None:
    scene = Scene()
    scene.aws.failing["GetResources"] = DENIED
    assert scene.look() == set()
    assert scene.watch.looked_at == at(scene.clock)
    assert not scene.watch.is_complete


def test_a_question_that_fails_leaves_what_was_known_and_the_others_are_asked() -> None:
    scene = Scene()
    scene.aws.tags = {ENDPOINT: SPACE_ARN, TRAINING: SPACE_ARN}
    scene.look()
    scene.aws.listed["ListTrainingJobs"] = [TRAINING]
    scene.aws.failing["ListProcessingJobs"] = failure("ListProcessingJobs")
    assert scene.look() == {ENDPOINT, TRAINING}
    assert not scene.watch.is_complete
    scene.aws.failing = {"ListTrainingJobs": failure("ListTrainingJobs")}
    assert scene.look() == {ENDPOINT, TRAINING}
    assert scene.told == [{CHURN}, {CHURN}]


@pytest.mark.parametrize(
    ("arn", "listing"),
    [(APPLICATION, "ListApplications"), (NOTEBOOK, "ListNotebookInstances")],
)
def test_what_nobody_may_list_counts(arn: str, listing: str) -> None:
    scene = Scene()
    scene.aws.tags = {arn: SPACE_ARN, ENDPOINT: SPACE_ARN}
    scene.aws.failing[listing] = failure(listing, FailureKind.ACCESS)
    assert scene.look() == {arn, ENDPOINT}
    assert not scene.watch.is_complete


def test_a_refusal_is_logged_once_and_tried_again_at_the_next_interval(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene(lingering_interval=300.0)
    scene.aws.failing["GetResources"] = DENIED
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            scene.clock += 300
            run(scene.watch.sweep(10))
            assert scene.watch.schedule.due == scene.clock + 300
    assert [record.getMessage() for record in caplog.records] == [
        f"What lingers in {REGION} is not fully known: {DENIED}"
    ]


# --- words ---


@pytest.mark.parametrize(
    ("arn", "type_"),
    [
        (ENDPOINT, "sagemaker:endpoint"),
        ("arn:aws:emr-serverless:eu-west-1:1:/applications/00f", "emr-serverless:applications"),
        ("arn:aws:elasticmapreduce:eu-west-1:1:cluster/j-1", "elasticmapreduce:cluster"),
        ("nonsense", ""),
    ],
)
def test_a_type_is_told_by_the_words_of_the_arn(arn: str, type_: str) -> None:
    assert type_of(arn) == type_


def test_a_look_that_takes_long_counts_from_its_end() -> None:
    """Else no stop would ever find a fresh one while AWS answers slowly."""
    scene = Scene()

    def pass_time() -> None:
        scene.clock += 59

    scene.aws.meanwhile = pass_time
    scene.look()
    assert scene.watch.looked_at == at(scene.clock)
