"""What is said where AWS does not take the operator's credentials, and when it is tried again."""

from __future__ import annotations

import pytest
from studio_operator.plan.credentials import explain_credentials
from studio_operator.plan.types import FailureKind

from tests.unit.plan.test_profile import engine
from tests.unit.plan.test_space import make_world, ready, running_world


@pytest.mark.parametrize(
    ("code", "was_answered", "words"),
    [
        ("ExpiredToken", True, "have expired"),
        ("ExpiredTokenException", True, "have expired"),
        ("RefreshedButExpired", False, "have expired"),
        ("NoCredentialsError", False, "the operator has no AWS credentials"),
        ("CredentialRetrievalError", False, "can't get its AWS credentials"),
        ("FileNotFoundError", False, "can't get its AWS credentials"),
        ("SignatureDoesNotMatch", True, "(SignatureDoesNotMatch)"),
        ("UnrecognizedClientException", True, "nable the region in the account"),
        ("RequestTimeTooSkewed", True, "Correct the clock"),
    ],
)
def test_the_words_name_the_fault_and_never_a_class_of_the_sdk(
    code: str, was_answered: bool, words: str
) -> None:
    said = explain_credentials(code, was_answered=was_answered)
    assert words in said
    assert "Error" not in said
    assert len(said) <= 250


def test_a_profile_says_so_and_goes_on_by_itself() -> None:
    made = engine()
    made.aws.faults = {"CreateUserProfile": [("refuse", FailureKind.CREDENTIALS)] * 3}
    plan = made.step()
    plan = made.step()
    assert made.condition("Stalled") == "CredentialsInvalid"
    assert "Grant" not in made.message()
    assert plan.wake_at is not None
    made.run()
    assert made.condition("Ready") == "InService"


def test_a_resize_that_it_interrupts_is_finished() -> None:
    """It says nothing about the change, so nothing is rolled back and nothing is given up."""
    world = running_world()
    world.faults = [("UpdateSpace", FailureKind.CREDENTIALS)]
    world.edit(instanceType="ml.m5.large")
    world.run()
    assert world.names_of_calls() == ["DeleteApp", "UpdateSpace", "UpdateSpace", "CreateApp"]
    assert ready(world)
    assert world.status.instance_type == "ml.m5.large"


def test_a_start_that_it_refuses_takes_no_fallback() -> None:
    world = make_world(fallbackInstanceTypes=["ml.t3.large"])
    world.faults = [("CreateApp", FailureKind.CREDENTIALS)]
    world.run()
    assert ready(world)
    assert world.status.instance_type == "ml.t3.medium"
