"""CreatePresignedDomainUrl."""

from __future__ import annotations

import re

from studio_simulator.errors import not_found, validation
from studio_simulator.state.resources import Json
from studio_simulator.state.studio import Studio

LANDING_URI = re.compile(
    r"studio::.*|app:(JupyterServer|JupyterLab|RStudioServerPro|CodeEditor|Canvas):.*"
)
URL_SECONDS = 300


def create_presigned_domain_url(studio: Studio, parameters: Json) -> Json:
    """Return a URL that opens Studio for a person without signing in; IAM domains only."""
    domain = studio.domain(parameters["DomainId"])
    profile = studio.user_profile(domain.domain_id, parameters["UserProfileName"])
    if domain.settings["AuthMode"] != "IAM":
        raise validation(
            f"Domain [{domain.arn}] has AuthMode SSO; presigned URLs need AuthMode IAM."
        )
    studio.require_in_service("create presigned url for", profile, domain)
    studio.require_in_service("create presigned url for", profile, profile)
    landing = parameters.get("LandingUri")
    if landing is not None and not LANDING_URI.fullmatch(landing):
        raise validation(f"LandingUri [{landing}] is not supported.")
    space_name = parameters.get("SpaceName")
    if space_name is not None:
        space = studio.find_space(domain.domain_id, space_name)
        if space is None:
            raise not_found(f"Space [{space_name}]")
        if space.sharing == "Private" and space.owner != profile.name:
            raise validation(f"Space [{space.arn}] is private to another user profile.")
    token = studio.random_id("", 64)
    expires = int(studio.now) + parameters.get("ExpiresInSeconds", URL_SECONDS)
    return {"AuthorizedUrl": f"{domain.url}/auth?token={token}&expires={expires}"}
