"""Addresses that sign a person in to Studio, made under that person's own AWS identity.

Facts: API reference of CreatePresignedDomainUrl (the same text is in botocore's model). The call
works only in domains with authMode IAM; the address can be used for five minutes unless
ExpiresInSeconds says otherwise; LandingUri takes `studio::path` or `app:NAME:path`. The path may be
empty, and a space is named by SpaceName (Developer Guide, "Launch a Code Editor application using
the AWS CLI").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio_operator.kinds.registry import BY_NAME, HOLDER, PERSON
from studio_operator.plugin.errors import NotFoundError, PluginError, RefusedError
from studio_operator.plugin.explanation.dependency_chain import referred

if TYPE_CHECKING:
    from types_boto3_sagemaker import SageMakerClient

Raw = dict[str, Any]
ACTION = "sagemaker:CreatePresignedDomainUrl"
# AWS's own name for the one app of a space (Developer Guide, studio-updated-running-stop).
APP_NAME = "default"
# What `status_in_aws` tells of a space that is not there any more.
GONE = "Gone"
# Where a space's app shows itself, by spec.app.
LANDING = {
    "JupyterLab": "app:JupyterLab:",
    "CodeEditor": "app:CodeEditor:",
    "JupyterServer": "app:JupyterServer:",
}
# AWS's codes for somebody without rights, or without valid credentials.
_NOT_ALLOWED = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"})
_NOT_KNOWN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who is signed in to what: the parameters of the request."""

    region: str
    domain_id: str
    user_profile_name: str
    space_name: str | None = None
    app: str | None = None
    expires_in_seconds: int | None = None

    def parameters(self) -> dict[str, Any]:
        """The request's members; those that are left to AWS are not among them."""
        given = {
            "DomainId": self.domain_id,
            "UserProfileName": self.user_profile_name,
            "SpaceName": self.space_name,
            "LandingUri": LANDING[self.app] if self.app else None,
            "ExpiresInSeconds": self.expires_in_seconds,
        }
        return {name: value for name, value in given.items() if value is not None}

    def app_parameters(self) -> dict[str, str]:
        """Members of DescribeApp for the space's app."""
        return {**self.space_parameters(), "AppType": str(self.app), "AppName": APP_NAME}

    def space_parameters(self) -> dict[str, str]:
        """Members of DescribeSpace."""
        return {"DomainId": self.domain_id, "SpaceName": str(self.space_name)}


def sign_in_to_space(space: Raw, profile: Raw | None) -> SignIn:
    """How to open a space: as its owner, or a shared one as any UserProfile of its domain.

    Each person signs in by an address of their own, so that the app shows who is who; a domain's
    people may open all of its shared spaces (Developer Guide, page domain-space). Raises
    RefusedError where AWS could only refuse: nothing to open yet, or nobody to sign in as.
    """
    spec, status, name = space["spec"], space.get("status", {}), space["metadata"]["name"]
    if "domainId" not in status or "arn" not in status:
        raise _not_there(f"space {name}", name)
    person = _guest(space, profile) if profile is not None else _owner(space)
    return SignIn(
        region=status["region"],
        domain_id=status["domainId"],
        user_profile_name=person,
        space_name=status[BY_NAME[space["kind"]].name_field],
        app=spec["app"],
    )


def _is_shared(space: Raw) -> bool:
    sharing = space.get("status", {}).get("sharing", space["spec"].get("sharing"))
    return bool(sharing == "Shared")


def _owner(space: Raw) -> str:
    """The name in AWS of who opens a private space."""
    name = space["metadata"]["name"]
    if _is_shared(space):
        raise RefusedError(
            f"space {name} is shared: say whom to sign in as with --as PROFILE, "
            "the name of a UserProfile of this namespace"
        )
    owner = space["status"].get("owner")
    if owner is None:
        raise RefusedError(f"space {name} has no owner on its status yet: try again in a moment")
    return str(owner)


def _guest(space: Raw, profile: Raw) -> str:
    """The name in AWS of the one named by --as, if the space may open for them."""
    name, owner = space["metadata"]["name"], space["status"].get("owner")
    person, domain = sign_in_to_studio(profile), referred(space, HOLDER)
    who, home = person.user_profile_name, space["status"]["domainId"]
    if person.domain_id != home:
        raise RefusedError(
            f"user profile {who} is in domain {person.domain_id}, space {name} in {home}: AWS "
            "opens a space for people of its own domain only. Name a UserProfile of StudioDomain "
            f"{domain.name if domain else ''}."
        )
    # Names of profiles are the same in capitals and small letters (API reference, UserProfileName).
    if not _is_shared(space) and (owner is None or who.lower() != owner.lower()):
        raise RefusedError(
            f"space {name} is private: AWS opens it for its owner {owner or ''}".rstrip()
            + " only. What several people open is a Space with sharing: Shared."
        )
    return who


def sign_in_to_studio(profile: Raw) -> SignIn:
    """How to open Studio as a person. Raises RefusedError while the profile is not in AWS."""
    status, name = profile.get("status", {}), profile["metadata"]["name"]
    if "domainId" not in status or "arn" not in status:
        raise _not_there(f"user profile {name}", f"profile/{name}")
    return SignIn(
        region=status["region"],
        domain_id=status["domainId"],
        user_profile_name=status[BY_NAME[PERSON].name_field],
    )


def with_expiry(sign_in: SignIn, seconds: int | None) -> SignIn:
    """The same, with the time for which the address can be used."""
    return replace(sign_in, expires_in_seconds=seconds)


def _not_there(what: str, target: str) -> RefusedError:
    return RefusedError(f"{what} is not in AWS yet: `kubectl studio why {target}` says why")


def refuse_sso(domain: Raw | None) -> None:
    """Raise RefusedError for a domain whose people sign in by IAM Identity Center."""
    if domain is None:
        return
    mode = domain.get("status", {}).get("authMode") or domain["spec"].get("authMode")
    if mode == "SSO":
        url = domain.get("status", {}).get("url")
        where = f" at {url}" if url else " through your AWS access portal"
        raise RefusedError(
            f"domain {domain['metadata']['name']} signs people in by IAM Identity Center, and AWS "
            f"makes no such addresses for it: sign in{where}"
        )


def status_in_aws(sign_in: SignIn, *, profile: str | None, region: str | None) -> str | None:
    """How the app of a space stands in AWS by now: its status, GONE for a space that is gone.

    None where that can't be told, as for a person who may not look: then the status in Kubernetes,
    which may be a minute old, has to do.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        client = _client(sign_in, profile, region)
        app = _describe(client.describe_app, sign_in.app_parameters())
        if app is not None:
            return str(app["Status"])
        if _describe(client.describe_space, sign_in.space_parameters()) is not None:
            return "Deleted"
        domain = _describe(client.describe_domain, {"DomainId": sign_in.domain_id})
    except (BotoCoreError, ClientError):
        return None
    return None if domain is None else GONE  # without a domain it is the wrong account


def _client(sign_in: SignIn, profile: str | None, region: str | None) -> SageMakerClient:
    # Imported here: boto3 takes a third of a second, and most verbs do without.
    import boto3  # noqa: PLC0415

    session = boto3.Session(profile_name=profile)
    client: SageMakerClient = session.client("sagemaker", region_name=region or sign_in.region)
    return client


def _describe(call: Any, parameters: dict[str, str]) -> Any:
    """A Describe call's answer; None for what is not there."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        return call(**parameters)
    except ClientError as error:
        if error.response["Error"].get("Code") == "ResourceNotFound":
            return None
        if "RecordNotFound" in error.response["Error"].get("Message", ""):
            return None
        raise


def presign(sign_in: SignIn, *, profile: str | None, region: str | None) -> str:
    """The address. It signs in whoever has it: never store or log it.

    `profile` and `region` are those of the AWS configuration, else boto3's standard chain and the
    domain's region. Raises RefusedError when AWS says who may do what, else PluginError.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        client = _client(sign_in, profile, region)
        answer = client.create_presigned_domain_url(**sign_in.parameters())
    except ClientError as error:
        raise _explain(error.response["Error"], sign_in) from error
    except BotoCoreError as error:
        raise RefusedError(
            f"AWS can't be asked: {error}. Sign in to AWS, or choose a profile with --profile."
        ) from error
    return answer["AuthorizedUrl"]


def _explain(error: Any, sign_in: SignIn) -> PluginError:
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in _NOT_ALLOWED:
        return RefusedError(
            f"your AWS identity may not do this: {message}. It needs {ACTION} on user profile "
            f"{sign_in.user_profile_name} of domain {sign_in.domain_id}."
        )
    if code in _NOT_KNOWN:
        return RefusedError(f"AWS does not know you: {message}. Sign in to AWS again.")
    if code == "ResourceNotFound":
        return NotFoundError(
            f"AWS does not know that in the account you are signed in to: {message}. "
            "Choose the account of the domain with --profile, or have the operator look whether it "
            "was deleted: `kubectl studio reconcile`."
        )
    return PluginError(f"AWS refused: {code}: {message}")
