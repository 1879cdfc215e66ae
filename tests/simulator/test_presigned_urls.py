"""CreatePresignedDomainUrl."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.world import World


@pytest.fixture
def key(world: World) -> Any:
    """A domain with alice, her space, and bob."""
    domain_id = world.domain()
    world.profile(domain_id)
    world.profile(domain_id, "bob")
    world.space(domain_id)
    return {"DomainId": domain_id, "UserProfileName": "alice"}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"SpaceName": "churn"},
        {"LandingUri": "studio::relative/path"},
        {"LandingUri": "app:JupyterLab:lab"},
        {"ExpiresInSeconds": 5, "SessionExpirationDurationInSeconds": 1800},
    ],
)
def test_a_url_of_the_domain_is_answered(world: World, key: Any, query: Any) -> None:
    url = world.sm.create_presigned_domain_url(**key, **query)["AuthorizedUrl"]
    assert url.startswith(f"https://{key['DomainId']}.studio.us-east-1.sagemaker.aws/auth?token=")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ExpiresInSeconds": 301}, "ValidationException"),
        ({"ExpiresInSeconds": 4}, "ValidationException"),
        ({"SessionExpirationDurationInSeconds": 1799}, "ValidationException"),
        ({"SessionExpirationDurationInSeconds": 43201}, "ValidationException"),
        ({"LandingUri": "https://example.org"}, "ValidationException"),
        ({"UserProfileName": "bob", "SpaceName": "churn"}, "ValidationException"),
        ({"UserProfileName": "nobody"}, "ResourceNotFound"),
        ({"SpaceName": "nosuch"}, "ResourceNotFound"),
    ],
)
def test_refusals(world: World, key: Any, changes: Any, code: str) -> None:
    assert world.code_of(world.sm.create_presigned_domain_url, **{**key, **changes}) == code


def test_a_domain_with_sso_has_no_presigned_urls(world: World) -> None:
    domain_id = world.domain(AuthMode="SSO")
    world.profile(
        domain_id, SingleSignOnUserIdentifier="UserName", SingleSignOnUserValue="alice@example.org"
    )
    code, message = world.refusal(
        world.sm.create_presigned_domain_url, DomainId=domain_id, UserProfileName="alice"
    )
    assert (code, "AuthMode SSO" in message) == ("ValidationException", True)
