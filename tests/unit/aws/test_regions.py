"""Which regions the operator works in."""

from __future__ import annotations

import pytest
from studio_operator.aws.regions import known_regions


@pytest.mark.parametrize(
    ("default", "region", "known"),
    [
        ("eu-central-1", "eu-west-1", True),
        ("eu-central-1", "eu-atlantis-1", False),
        ("eu-central-1", "aws-global", False),
        ("eu-central-1", "us-gov-west-1", False),
        ("us-gov-west-1", "us-gov-east-1", True),
        ("us-gov-west-1", "eu-west-1", False),
        ("eu-unheard-9", "eu-unheard-9", True),
        (None, "cn-north-1", True),
        (None, "eu-atlantis-1", False),
    ],
)
def test_a_region_is_one_that_the_credentials_may_be_for(
    default: str | None, region: str, known: bool
) -> None:
    assert (region in known_regions(default)) is known


def test_an_administrator_names_regions_that_are_newer_than_the_release() -> None:
    assert "eu-unheard-9" in known_regions("eu-central-1", ["eu-unheard-9"])
