"""Who is signed in to what, and what is refused before AWS is asked."""

from __future__ import annotations

from typing import Any

import pytest
from studio_operator.kinds.space.api.spec import App
from studio_operator.plugin.aws.signing import (
    LANDING,
    refuse_sso,
    sign_in_to_space,
    sign_in_to_studio,
    with_expiry,
)
from studio_operator.plugin.errors import RefusedError

from tests.unit.plugin.resources import Raw, resource

SEEN: Raw = {
    "arn": "arn:aws:sagemaker:eu-central-1:123456789012:space/d-a1b2c3/Churn",
    "region": "eu-central-1",
    "domainId": "d-a1b2c3",
    "spaceName": "Churn",
    "sharing": "Private",
    "owner": "Alice",
}
SHARED = {"sharing": "Shared"}
APP: Raw = {"app": "JupyterLab"}


def test_a_private_space_opens_for_its_owner_by_the_names_of_aws() -> None:
    sign_in = with_expiry(sign_in_to_space(resource(spec=APP, **SEEN), None), 60)
    assert sign_in.region == "eu-central-1"
    assert sign_in.parameters() == {
        "DomainId": "d-a1b2c3",
        "UserProfileName": "Alice",
        "SpaceName": "Churn",
        "LandingUri": "app:JupyterLab:",
        "ExpiresInSeconds": 60,
    }


def profile(name: str, **status: Any) -> Raw:
    """A UserProfile of the space's domain, whose name in AWS begins with a capital."""
    seen = {"arn": "arn:...", "region": "eu-central-1", "domainId": "d-a1b2c3"}
    return resource("UserProfile", name, **seen | {"userProfileName": name.capitalize()} | status)


def test_a_shared_space_opens_for_each_who_is_named() -> None:
    space = resource(spec=APP, **SEEN | SHARED)
    people = [profile("alice"), profile("bob")]
    signed_in = [sign_in_to_space(space, person).parameters() for person in people]
    assert [one.pop("UserProfileName") for one in signed_in] == ["Alice", "Bob"]
    assert signed_in[0] == signed_in[1], "the same space, and the same app"


def test_whoever_names_the_owner_of_a_private_space_is_right() -> None:
    alike = profile("alice", userProfileName="ALICE")
    assert sign_in_to_space(resource(spec=APP, **SEEN), alike).user_profile_name == "ALICE"


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
        (SEEN, profile("bob"), "private: AWS opens it for its owner Alice only"),
        (SEEN | SHARED, None, "--as PROFILE"),
        (
            SEEN | SHARED,
            profile("bob", domainId="d-other"),
            "Bob is in domain d-other, .* in d-a1b2c3.* of StudioDomain research",
        ),
        (SEEN | SHARED, resource("UserProfile", "bob"), "kubectl studio why profile/bob"),
        ({name: SEEN[name] for name in SEEN if name != "owner"}, None, "no owner"),
        ({name: SEEN[name] for name in SEEN if name != "owner"}, profile("bob"), "its owner only"),
    ],
)
def test_what_aws_could_only_refuse_is_not_asked(
    status: Raw, person: Raw | None, told: str
) -> None:
    space = resource(spec=APP | {"domainRef": {"name": "research"}}, **status)
    with pytest.raises(RefusedError, match=told):
        sign_in_to_space(space, person)


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
