"""Remedies: records, the words that are made of them, and messages that never cut them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio_operator.api.common import OWNER_TAG, Operation
from studio_operator.kinds.space.api.status import SpaceStatus
from studio_operator.kinds.space.rules import plan_space
from studio_operator.plan.messages import MESSAGE_LIMIT, at, plain, remedies_of, shorten, tell
from studio_operator.plan.remedies import (
    Remedy,
    Resource,
    Steps,
    add_to,
    annotate,
    another,
    apply,
    apply_anew,
    edits_of,
    in_aws,
    leave_out,
    say,
    set_field,
    wait,
)
from studio_operator.plan.types import FailureKind

from generators.reason_examples import NOW, OTHER_OWNER, failure, new_space, shown

RESEARCH = Resource("StudioDomain", "research", "platform")


@pytest.mark.parametrize(
    ("remedies", "words"),
    [
        ([], ""),
        ([set_field("adopt", True)], "Set spec.adopt to true."),
        (
            [set_field("storage.sizeGiB", 50, words="50 or more")],
            "Set spec.storage.sizeGiB to 50 or more.",
        ),
        ([another("ownerRef.name")], "Correct spec.ownerRef.name."),
        ([another("")], "Correct the spec."),
        ([leave_out("backup", goal="to go on without")], "Leave out spec.backup to go on without."),
        (
            [add_to("allowedNamespaces", "ml-team", on=RESEARCH)],
            "Add ml-team to spec.allowedNamespaces of StudioDomain platform/research.",
        ),
        (
            [apply(RESEARCH), another("domainRef.name")],
            "Apply StudioDomain platform/research, or correct spec.domainRef.name.",
        ),
        (
            [apply_anew(set_field("app", "CodeEditor"), leave_out("image"))],
            "Delete this resource and apply it again with spec.app CodeEditor and without "
            "spec.image.",
        ),
        ([annotate("a/b", "to try again")], "Set annotation a/b to a new value to try again."),
        (
            [Steps((in_aws("delete it in AWS"), apply_anew()))],
            "Delete it in AWS, then delete this resource and apply it again.",
        ),
        ([wait("it is tried again")], "It is tried again."),
    ],
    ids=str,
)
def test_the_words_are_made_of_the_record(remedies: list[Remedy], words: str) -> None:
    assert say(remedies) == words


def test_edits_are_found_among_remedies_and_steps() -> None:
    edit, other = set_field("a", 1), leave_out("b")
    assert edits_of([wait(), edit, Steps((in_aws("x"), other)), apply_anew(edit)]) == (edit, other)


def test_the_remedy_comes_before_what_aws_says() -> None:
    message = tell("CreateSpace failed.", another("displayName"), aws="It is\n wrong. ")
    assert message == "CreateSpace failed. Correct spec.displayName. AWS says: It is wrong"
    assert remedies_of(message) == (another("displayName"),)


def test_without_a_remedy_the_problem_stands_alone() -> None:
    assert tell("creating space churn") == "creating space churn"
    assert tell("it failed", aws="no") == "it failed. AWS says: no"


@given(st.text(max_size=600), st.text(max_size=600), st.booleans())
def test_no_message_is_too_long_and_no_remedy_cut(problem: str, aws: str, helps: bool) -> None:
    remedies = (set_field("adopt", True), another("spaceName", "another name")) if helps else ()
    message = tell(problem, *remedies, aws=aws)
    assert len(message) <= MESSAGE_LIMIT
    assert say(remedies) in message
    assert "\n" not in message


def test_aws_words_are_shortened_before_the_problem() -> None:
    message = tell("a problem " * 12, another("app"), aws=f"begin {'x' * 400} end")
    assert message.startswith(("a problem " * 12).strip() + ". Correct spec.app. AWS says: begin")
    assert message.endswith("end")


def test_lists_and_arns_in_aws_words_are_made_plain() -> None:
    said = (
        "User: arn:aws:sts::123456789012:assumed-role/studio/me is not authorized; "
        f"must be in [{', '.join(f'ml.t{number}' for number in range(50))}]."
    )
    assert plain(said) == (
        "User: assumed-role/studio/me is not authorized; must be in "
        "[ml.t0, ml.t1, ml.t2 and 47 more]"
    )


@given(st.text(max_size=80), st.integers(6, 80))
def test_a_shortened_text_keeps_both_ends(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or " ..." in short


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("others changed codeRepositories in AWS", 30, "others changed ... in AWS"),
        ("one two three four", 17, "one two ... four"),
        (f"begin {'x' * 60} end", 30, f"begin {'x' * 11} ... xxxx end"),
        ("sagemaker refuses it", 12, "sagem ... it"),
        ("x" * 50, 20, f"{'x' * 10} ... {'x' * 5}"),
    ],
)
def test_a_text_is_cut_between_words_but_within_long_ones(
    text: str, limit: int, short: str
) -> None:
    assert shorten(text, limit) == short


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (None, "2026-11-28 23:30 UTC"),
        ("UTC", "2026-11-28 23:30 UTC"),
        ("Europe/London", "2026-11-28 23:30 UTC (23:30 Europe/London)"),
        ("Europe/Berlin", "2026-11-28 23:30 UTC (2026-11-29 00:30 Europe/Berlin)"),
    ],
)
def test_a_time_has_one_form(zone: str | None, said: str) -> None:
    assert at(datetime(2026, 11, 28, 23, 30, 12, tzinfo=UTC), zone) == said


def test_a_creation_is_on_status_before_aws_is_asked() -> None:
    """A crash after the call finds it: from then on the API server refuses another name."""
    plan = plan_space(new_space())
    assert plan.call is not None
    assert plan.call.operation == "CreateSpace"
    assert plan.record_first
    assert plan.status.operation is not None
    assert plan.status.operation.type == "Create"


def test_what_aws_refused_to_create_can_be_edited_again() -> None:
    refused = failure("CreateSpace", FailureKind.INVALID, "ValidationException", "no", retry=False)
    begun = Operation(type="Create", started_at=NOW)
    plan = plan_space(new_space(status=SpaceStatus(operation=begun), failure=refused))
    assert plan.call is None
    assert plan.status.operation is None


def test_a_creation_whose_answer_never_came_cannot() -> None:
    lost = failure("CreateSpace", FailureKind.TRANSIENT, "ReadTimeout", "no answer")
    begun = Operation(type="Create", started_at=NOW)
    plan = plan_space(new_space(status=SpaceStatus(operation=begun), failure=lost))
    assert plan.status.operation == begun


def test_a_creation_of_what_others_have_came_to_nothing() -> None:
    begun = SpaceStatus(operation=Operation(type="Create", started_at=NOW))
    plan = plan_space(new_space(status=begun, space=shown(tags={OWNER_TAG: OTHER_OWNER})))
    assert plan.status.operation is None
    assert plan.remedies[1:] == (another("spaceName", "another name"),)
