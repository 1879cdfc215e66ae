"""Who is signed in to what, and what is refused before AWS is asked."""

from __future__ import annotations

import pytest
from studio_operator.api.space import App
from studio_operator.plugin.errors import RefusedError
from studio_operator.plugin.signing import (
    LANDING,
    refuse_sso,
    sign_in_to_space,
    sign_in_to_studio,
    with_expiry,
)

from tests.unit.plugin.resources import Raw, resource

SEEN: Raw = {
    "arn": "arn:aws:sagemaker:eu-central-1:123456789012:space/d-a1b2c3/Churn",
    "region": "eu-central-1",
    "domainId": "d-a1b2c3",
    "spaceName": "Churn",
    "sharing": "Private",
    "owner": "Alice",
}
APP = {"app": "CodeEditor"}


def test_a_private_space_opens_for_its_owner_by_the_names_of_aws() -> None:
    sign_in = with_expiry(sign_in_to_space(resource(spec=APP, **SEEN), None), 60)
    assert sign_in.region == "eu-central-1"
    assert sign_in.parameters() == {
        "DomainId": "d-a1b2c3",
        "UserProfileName": "Alice",
        "SpaceName": "Churn",
        "LandingUri": "app:CodeEditor:",
        "ExpiresInSeconds": 60,
    }


def test_a_shared_space_opens_for_the_one_who_is_named() -> None:
    space = resource(spec=APP, **SEEN | {"sharing": "Shared"})
    assert sign_in_to_space(space, "Bob").user_profile_name == "Bob"


def test_studio_opens_without_a_space() -> None:
    profile = resource("UserProfile", "alice", **SEEN | {"userProfileName": "Alice"})
    assert sign_in_to_studio(profile).parameters() == {
        "DomainId": "d-a1b2c3",
        "UserProfileName": "Alice",
    }


@pytest.mark.parametrize(
    ("status", "person", "told"),
    [
        ({}, None, "not in AWS yet"),
        ({"domainId": "d-a1b2c3"}, None, "kubectl studio why churn"),
        (SEEN, "Bob", "private"),
        (SEEN | {"sharing": "Shared"}, None, "--as PROFILE"),
        ({name: SEEN[name] for name in SEEN if name != "owner"}, None, "no owner"),
    ],
)
def test_what_aws_could_only_refuse_is_not_asked(
    status: Raw, person: str | None, told: str
) -> None:
    with pytest.raises(RefusedError, match=told):
        sign_in_to_space(resource(spec=APP, **status), person)


@pytest.mark.parametrize(
    ("spec", "status", "told"),
    [
        ({}, {"authMode": "SSO", "url": "https://d-a1b2c3.studio.aws"}, "https://d-a1b2c3"),
        ({"authMode": "SSO"}, {}, "access portal"),
    ],
)
def test_a_domain_with_single_sign_on_is_refused(spec: Raw, status: Raw, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        refuse_sso(resource("StudioDomain", "research", spec=spec, **status))


@pytest.mark.parametrize("domain", [None, resource("StudioDomain", authMode="IAM"), resource()])
def test_other_domains_are_not(domain: Raw | None) -> None:
    refuse_sso(domain)


def test_every_app_has_a_place_to_land() -> None:
    assert set(LANDING) == set(App.__args__)  # type: ignore[attr-defined]
